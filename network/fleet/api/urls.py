"""Addresses of the fleet's API, below `/api/`."""

from django.urls import path

from network.fleet.api.views import DashboardStatsView, PharmacyUsersView, PreAuthKeyView

urlpatterns = [
    path("dashboard/stats", DashboardStatsView.as_view(), name="dashboard-stats"),
    path(
        "pharmacy/<str:pharmacy_id>/preauth-key",
        PreAuthKeyView.as_view(),
        name="pharmacy-preauth-key",
    ),
    path(
        "pharmacy/<str:pharmacy_id>/users",
        PharmacyUsersView.as_view(),
        name="pharmacy-users",
    ),
]
