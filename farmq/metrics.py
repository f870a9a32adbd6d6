"""Figures for Prometheus: requests of all web processes, and the state of the network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from network import queries
from network.models import HeadscaleServer
from pharmacies.access.actor import token_actor
from pharmacies.access.authentication import TokenAuthentication
from pharmacies.tenancy import platform_context

REQUESTS = Counter("farmq_requests", "Requests answered.", ["method", "status"])
SECONDS = Histogram("farmq_request_seconds", "Seconds per request.", ["method"])
_SIGNS_OF_A_PROXY = frozenset(
    {
        "HTTP_FORWARDED",
        "HTTP_VIA",
        "HTTP_X_FORWARDED_FOR",
        "HTTP_X_FORWARDED_HOST",
        "HTTP_X_FORWARDED_PROTO",
        "HTTP_X_REAL_IP",
    }
)


class NetworkCollector:
    """Reads the state of the network from our own tables, at each scrape."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        machines = GaugeMetricFamily("farmq_machines", "Machines by status.", labels=["status"])
        with platform_context():
            for status, number in queries.machine_counts(at=now).items():
                machines.add_metric([status.lower()], number)
        ages = GaugeMetricFamily(
            "farmq_sync_age_seconds", "Seconds since the last confirmation.", labels=["server"]
        )
        for server in HeadscaleServer.objects.exclude(confirmed_at=None):
            assert server.confirmed_at is not None
            ages.add_metric([server.slug], (now - server.confirmed_at).total_seconds())
        yield machines
        yield ages
        yield self._commands()

    def _commands(self) -> Metric:
        commands = GaugeMetricFamily("farmq_commands", "Commands by state.", labels=["state"])
        with platform_context():
            for state, number in queries.command_counts().items():
                commands.add_metric([state.lower()], number)
        return commands


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer to the machine itself, and to a token with the scope `metrics:read`."""
    if not _is_allowed(request):
        return HttpResponse(status=403)
    registry = CollectorRegistry()
    registry.register(NetworkCollector())
    own = _requests_registry()
    text = generate_latest(own) + generate_latest(registry)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _requests_registry() -> CollectorRegistry:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types
    return registry


def _is_allowed(request: HttpRequest) -> bool:
    """Believe the peer's address only; a proxy in front makes every peer look local."""
    address = request.META.get("REMOTE_ADDR", "")
    if _is_loopback(address) and request.META.keys().isdisjoint(_SIGNS_OF_A_PROXY):
        return True
    try:
        found = TokenAuthentication().authenticate(Request(request))
    except AuthenticationFailed:
        return False
    return found is not None and token_actor(*found).may("metrics:read")


def _is_loopback(address: str) -> bool:
    """Say whether a peer is this machine; a unix socket has no address and is not believed."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
