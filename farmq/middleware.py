"""What surrounds every request: the tenant context, and headers of the answer."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from pharmacies.access.actor import session_actor
from pharmacies.tenancy import activate, restore

GetResponse = Callable[[HttpRequest], HttpResponseBase]


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


class IdempotencyMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)


class ResponseHeadersMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)
