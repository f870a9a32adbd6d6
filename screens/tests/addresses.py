"""Addresses for tests of this room alone."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("screens/", include("screens.urls")),
    path("api/screen-management/", include("screens.api.urls")),
]
