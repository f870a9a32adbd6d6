"""What the API's doors to engines have in common: they are for staff of the platform."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from network import queries
from network.api.filters import pagination_class
from network.models import HeadscaleServer
from network.queries import AmbiguousServerError
from pharmacies.access.authentication import actor_of

_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_LARGEST = 2**63 - 1


def number_of(text: str) -> int:
    """Read a number of ours from a path; anything but a canonical decimal is 404."""
    if not _NUMBER.fullmatch(text) or int(text) > _LARGEST:
        raise Http404
    return int(text)


def server_of(request: Request) -> HeadscaleServer:
    """Return the server of the address; with one server it may be left out.

    Raises AmbiguousServerError, or Http404 for an unknown one.
    """
    servers = list(queries.servers())
    slug = request.query_params.get("server")
    if slug is None and len(servers) > 1:
        raise AmbiguousServerError
    for server in servers:
        if slug in (None, server.slug):
            return server
    raise Http404


def for_the_platform(request: Request, permission: str) -> None:
    """Refuse whoever may do this for some company only: an engine is shared by all of them."""
    if not actor_of(request).may(permission):
        raise PermissionDenied(_("이 자료는 플랫폼 직원만 볼 수 있습니다."))


def paginated(request: Request, rows: Any, serializer: Any, view: APIView) -> Response:
    """Answer one page of rows in the project's envelope."""
    paginator: Any = pagination_class()()
    page = paginator.paginate_queryset(rows, request, view)
    answered: Response = paginator.get_paginated_response(serializer(page, many=True).data)
    return answered
