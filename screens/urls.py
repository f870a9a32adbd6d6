"""Addresses of pages below `/screens/`."""

from django.urls import path

from screens import views

app_name = "screens"
urlpatterns = [
    path("", views.start_page, name="start"),
    path("styles/<slug:digest>.css", views.component_styles, name="styles"),
    path("<str:screen_id>/", views.screen_page, name="screen"),
]
