"""Addresses of the fleet's API, below `/api/`."""

from django.urls import path

from network.fleet.api.views import DashboardStatsView, PreAuthKeyView

urlpatterns = [
    path("dashboard/stats", DashboardStatsView.as_view(), name="dashboard-stats"),
    path(
        "pharmacy/<str:pharmacy_id>/preauth-key",
        PreAuthKeyView.as_view(),
        name="pharmacy-preauth-key",
    ),
]
