"""The few pages that belong to no room: the front door, and API addresses that do not exist."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pharmacies.access.models import User


@login_required
def front_door(request: HttpRequest) -> HttpResponse:
    """Lead staff to the administration, and people of a pharmacy to their screens."""
    user = cast(User, request.user)
    return redirect("admin:index" if user.is_staff else "screens:start")


class NoSuchAddressView(APIView):
    """Answers unknown API addresses in the API's own shape."""

    permission_classes = ()
    schema = None

    def dispatch_unknown(self, _request: Request, *_args: object, **_kwargs: object) -> Response:
        raise Http404

    get = post = put = patch = delete = dispatch_unknown
