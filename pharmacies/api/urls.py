"""Addresses of the API of facts, below `/api/`."""

from django.urls import path

from pharmacies.api.views import PharmacyViewSet

urlpatterns = [
    path(
        "pharmacies",
        PharmacyViewSet.as_view({"get": "list", "post": "create"}),
        name="pharmacies",
    ),
    path(
        "pharmacies/<str:pharmacy_id>",
        PharmacyViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        name="pharmacy",
    ),
]
