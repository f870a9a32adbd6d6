"""Doors of the API where pharmacies and machines meet."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from network import operations, queries
from network.api.changes import Change, carry_out
from network.api.serializers import (
    CommandSerializer,
    PreAuthKeyOrderSerializer,
    PreAuthKeySerializer,
)
from network.engine import now
from network.fleet.api.serializers import StatsSerializer, stats_data
from network.fleet.dashboard import Picture, current_picture, rendered_fragments
from network.fleet.queries import Problem
from network.models import HeadscaleCommand, HeadscaleServer
from network.operations import KeyOrder
from network.queries import AmbiguousServerError
from network.sealing import KeyPair, make_key_pair
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.models import Pharmacy


class DashboardStatsView(APIView):
    """The sums of the dashboard; with `?with=problems` the one request of the open page."""

    required_scope = "machines:read"

    @extend_schema(
        operation_id="dashboard_stats",
        parameters=[OpenApiParameter("with", str, enum=["problems"])],
        responses=StatsSerializer,
    )
    def get(self, request: Request) -> Response:
        picture = current_picture(at=now())
        data = stats_data(picture.stats)
        if request.query_params.get("with") == "problems":
            data["problems"] = [_problem_data(problem) for problem in picture.problems.shown]
            data["fragments"] = rendered_fragments(picture)
        headers = {"ETag": etag(data), "FARMQ-As-Of": _text(picture), "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return Response(status=304, headers=headers)
        counts = {name: value for name, value in data.items() if isinstance(value, int)}
        return answer(data, beside=counts, headers=headers)


def etag(data: dict[str, Any]) -> str:
    """Return a tag of everything but the time, so that it changes only with the picture."""
    lasting = {name: value for name, value in data.items() if name != "as_of"}
    text = json.dumps(lasting, sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _text(picture: Picture) -> str:
    return picture.stats.as_of.isoformat() if picture.stats.as_of else ""


def _problem_data(problem: Problem) -> dict[str, Any]:
    return {
        "state": problem.state,
        "word": problem.word,
        "title": problem.title,
        "text": problem.text,
        "url": problem.url,
        "since_at": problem.since_at.isoformat() if problem.since_at else None,
    }


class PreAuthKeyView(APIView):
    """Makes a key with which machines of one pharmacy join."""

    required_scope = "keys:create"

    @extend_schema(
        operation_id="pharmacy_preauth_key",
        request=PreAuthKeyOrderSerializer,
        responses={200: PreAuthKeySerializer, 202: CommandSerializer},
    )
    def post(self, request: Request, pharmacy_id: str) -> Answer:
        pharmacy = _pharmacy(pharmacy_id)
        serializer = PreAuthKeyOrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        server, pair = _server(request), make_key_pair()
        order = _order(serializer.validated_data, pair)

        def ask() -> HeadscaleCommand:
            return operations.create_preauth_key(
                actor=actor_of(request),
                at=now(),
                pharmacy_id=pharmacy.pk,
                server_id=server.pk,
                order=order,
            )

        def tell(command: HeadscaleCommand) -> Answer:
            return _key_answer(request, command, pair)

        beside = {"retrieval_token": pair.token}
        return carry_out(request, Change(server.pk, ask, tell, beside))


def _key_answer(request: Request, command: HeadscaleCommand, pair: KeyPair) -> Answer:
    """Hand over the key; a repeated request has another pair and gets `secret_shown_once`."""
    if command.public_key != pair.public:
        data = {**CommandSerializer(command).data, "secret": "secret_shown_once"}
        return answer(data, message=_("비밀은 한 번만 보여 드립니다. 필요하면 새로 만드십시오."))
    key = operations.take_secret(
        actor=actor_of(request), at=now(), command_id=command.pk, token=pair.token
    )
    login_url = command.result.get("login_url", "")
    login = f" --login-server={login_url}" if login_url else ""
    data = {**command.result, "key": key, "command": f"tailscale up{login} --authkey={key}"}
    return answer(data, message=_("가입 키를 만들었습니다."), headers={"Cache-Control": "no-store"})


def _order(values: dict[str, Any], pair: KeyPair) -> KeyOrder:
    return KeyOrder(
        public_key=pair.public,
        lifetime=values["expires_in"],
        reusable=values["reusable"],
        reason=values["reason"],
        ephemeral=values["ephemeral"],
        tags=tuple(values["tags"]),
    )


def _pharmacy(pharmacy_id: str) -> Pharmacy:
    if not pharmacy_id.isascii() or not pharmacy_id.isdigit() or pharmacy_id.startswith("0"):
        raise Http404
    try:
        return Pharmacy.objects.get(pk=int(pharmacy_id[:19]))
    except Pharmacy.DoesNotExist as error:
        raise Http404 from error


def _server(request: Request) -> HeadscaleServer:
    """Return the server of the address; with one server it may be left out."""
    servers = list(queries.servers())
    slug = request.query_params.get("server")
    if slug is None and len(servers) > 1:
        raise AmbiguousServerError
    for server in servers:
        if slug in (None, server.slug):
            return server
    raise Http404
