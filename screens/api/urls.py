"""Addresses below `/api/screen-management/`."""

from django.urls import path

from screens.api.views import LayoutView

urlpatterns = [
    path("screens/<str:screen_id>/layout-v1", LayoutView.as_view(), name="screen-layout-v1"),
]
