"""What surrounds every request: its figures, headers of the answer, the tenant context."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from farmq.metrics import REQUESTS, SECONDS
from pharmacies.access.actor import session_actor
from pharmacies.tenancy import activate, restore

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Unfold's Alpine evaluates expressions; nothing outside of the admin may.
_ADMIN_SCRIPTS = "'self' 'unsafe-eval'"
_POLICY = (
    "default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_PERMISSIONS = "camera=(), geolocation=(), microphone=()"
_CHUNK = 64 * 1024
_PATIENCE_S = 5.0
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetricsMiddleware:
    """Counts requests and their seconds."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        method = request.method if request.method in _METHODS else "other"
        started = time.perf_counter()
        response = self.get_response(request)
        SECONDS.labels(method).observe(time.perf_counter() - started)
        REQUESTS.labels(method, str(response.status_code)).inc()
        return response


class ResponseHeadersMiddleware:
    """Sets the content policy, and answers oversized API requests in the API's own shape."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = _too_large(request) or _enveloped(request, self.get_response(request))
        # Static files say themselves how long they may be kept.
        response.headers.setdefault("Cache-Control", "private, no-store")
        scripts = _ADMIN_SCRIPTS if request.path.startswith("/admin/") else "'self'"
        response.headers.setdefault("Content-Security-Policy", _POLICY.format(scripts=scripts))
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        return response


def _too_large(request: HttpRequest) -> HttpResponseBase | None:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if not request.path.startswith("/api/") or not length.isdecimal() or int(length) <= limit:
        return None
    _swallow(request, 4 * limit)
    body = {"success": False, "error": _("보낸 내용이 너무 큽니다."), "code": "too_large"}
    return JsonResponse(body, status=413)


def _swallow(request: HttpRequest, most: int) -> None:
    """Read what is still coming, up to a bound and not for long: who is sending hears no answer."""
    until = time.monotonic() + _PATIENCE_S
    with suppress(OSError):  # The sender has gone.
        while most > 0 and time.monotonic() < until and (chunk := request.read(_CHUNK)):
            most -= len(chunk)


def _enveloped(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Put an error that never reached a view into the API's shape, such as a wrong Host."""
    told = "json" in response.headers.get("Content-Type", "")
    if (
        not request.path.startswith("/api/")
        or response.status_code < HTTPStatus.BAD_REQUEST
        or told
    ):
        return response
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        body = {"error": _("받아들일 수 없는 요청입니다."), "code": "bad_request"}
    else:
        body = {"error": _("서버 오류: 예상하지 못한 문제가 생겼습니다."), "code": "server_error"}
    return JsonResponse({"success": False, **body}, status=response.status_code)


class TenantContextMiddleware:
    """Runs each request for the companies of whoever is signed in; nobody sees nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        context = None if isinstance(user, AnonymousUser) else session_actor(user).tenant
        token = activate(context)
        try:
            return self.get_response(request)
        finally:
            restore(token)
