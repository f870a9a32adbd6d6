"""Doors of the API where pharmacies and machines meet."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.core.cache import caches
from django.http import Http404
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from network import operations
from network.api.changes import Asking, Change, carry_out
from network.api.engine_serializers import HeadscaleUserSerializer
from network.api.platform import paginated, server_of
from network.api.serializers import (
    CommandSerializer,
    PreAuthKeyOrderSerializer,
    PreAuthKeySerializer,
    preauth_key_data,
)
from network.engine import now
from network.fleet.api.serializers import StatsSerializer, stats_data
from network.fleet.dashboard import (
    Picture,
    current_picture,
    recent_changes,
    rendered_fragments,
)
from network.fleet.queries import Problem, pharmacy_users
from network.looks import Event
from network.models import HeadscaleCommand, HeadscaleServer
from network.operations import KeyOrder
from network.sealing import KeyPair, make_key_pair
from pharmacies.access.actor import Actor
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.permissions import require
from pharmacies.models import Pharmacy
from pharmacies.tenancy import current_tenant

_PHARMACY_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class DashboardStatsView(APIView):
    """The sums of the dashboard; with `?with=problems` the one request of the open page."""

    required_scope = "machines:read"

    @extend_schema(
        operation_id="dashboard_stats",
        parameters=[OpenApiParameter("with", str, enum=["problems"])],
        responses=StatsSerializer,
    )
    def get(self, request: Request) -> Response:
        with_problems = request.query_params.get("with") == "problems"
        if with_problems:
            _require_problems(actor_of(request))
        moment = _this_moment(with_problems)
        headers = {
            "ETag": moment.tag,
            "FARMQ-As-Of": moment.as_of,
            "Cache-Control": "private, no-cache",
        }
        if _is_known(moment.tag, request.headers.get("If-None-Match", "")):
            return Response(status=304, headers=headers)
        counts = {name: value for name, value in moment.data.items() if isinstance(value, int)}
        return answer(moment.data, beside=counts, headers=headers)


def _require_problems(actor: Actor) -> None:
    """Problems tell of commands too, and of policies where the platform's are seen."""
    tenant = current_tenant()
    sees_platform = tenant is None or tenant.company_codes is None
    for permission in ("commands:read", *(["policy:read"] if sees_platform else [])):
        if not actor.may_anywhere(permission):
            require(actor, permission)


@dataclass(frozen=True, slots=True)
class Moment:
    """What every open dashboard of a tenant is told at one moment; `as_of` as text, or empty."""

    tag: str
    as_of: str
    data: dict[str, Any]


def _this_moment(with_problems: bool) -> Moment:
    """Return the picture as of now, or the one that another page of the tenant got just before.

    It is kept in the process for FARMQ_STATS_KEPT_S seconds; `as_of` says how old it is.
    """
    tenant = current_tenant()
    codes = tenant.company_codes if tenant is not None else frozenset()
    key = f"{sorted(codes) if codes is not None else '*'} {get_language()} {with_problems}"
    name = hashlib.sha256(key.encode()).hexdigest()
    kept = caches["moments"].get_or_set(
        name, lambda: _looked_at(with_problems), settings.FARMQ_STATS_KEPT_S
    )
    return cast(Moment, kept)


def _looked_at(with_problems: bool) -> Moment:
    picture = current_picture(at=now())
    data = stats_data(picture.stats)
    changes = recent_changes() if with_problems else ()
    if with_problems:
        data["problems"] = [_problem_data(problem) for problem in picture.problems.shown]
        data["problem_count"] = picture.problems.total
    tag = etag(data, picture.engines, changes)
    if with_problems:
        data["fragments"] = rendered_fragments(picture, changes)
    return Moment(tag, _text(picture), data)


def etag(
    data: dict[str, Any],
    servers: tuple[tuple[HeadscaleServer, bool], ...],
    changes: tuple[Event, ...],
) -> str:
    """Return a tag of everything but the age of the picture: equal tags, equal page."""
    lasting = {name: value for name, value in data.items() if name != "as_of"}
    engines = [
        (s.name, s.release, s.held_since_at and s.held_since_at.isoformat(), confirmed)
        for s, confirmed in servers
    ]
    newest = [(change.url, change.at.isoformat()) for change in changes]
    shown = [get_language(), lasting, engines, newest]
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _is_known(tag: str, asked: str) -> bool:
    """Compare weakly: whoever compresses the answer on its way marks the tag as weak."""
    return any(known in (tag, f"W/{tag}", "*") for known in parse_etags(asked))


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


class PharmacyUsersView(APIView):
    """The users of one pharmacy on the engines, and nobody else's."""

    required_scope = "machines:read"

    @extend_schema(operation_id="pharmacy_users", responses=HeadscaleUserSerializer(many=True))
    def get(self, request: Request, pharmacy_id: str) -> Response:
        users = pharmacy_users(pharmacy_id=_pharmacy(pharmacy_id).pk)
        return paginated(request, users, HeadscaleUserSerializer, self)


class PreAuthKeyView(APIView):
    """Makes a key with which machines of one pharmacy join."""

    parser_classes = (StrictJSONParser,)
    required_scope = "keys:create"

    @extend_schema(
        operation_id="pharmacy_preauth_key",
        request=PreAuthKeyOrderSerializer,
        responses={200: PreAuthKeySerializer, 202: CommandSerializer},
    )
    def post(self, request: Request, pharmacy_id: str) -> Answer:
        pair = make_key_pair()

        def read() -> Asking:
            pharmacy = _pharmacy(pharmacy_id)
            serializer = PreAuthKeyOrderSerializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            server = server_of(request)
            ask = partial(
                operations.create_preauth_key,
                actor=actor_of(request),
                at=now(),
                pharmacy_id=pharmacy.pk,
                server_id=server.pk,
                order=_order(serializer.validated_data, pair),
            )
            return Asking(server.pk, ask)

        def tell(command: HeadscaleCommand) -> Answer:
            return _key_answer(request, command, pair)

        beside = {"retrieval_token": pair.token}
        return carry_out(request, Change(read, tell, beside))


def _key_answer(request: Request, command: HeadscaleCommand, pair: KeyPair) -> Answer:
    """Hand over the key; a repeated request has another pair and gets `secret_shown_once`."""
    if command.public_key != pair.public:
        data = {**CommandSerializer(command).data, "secret": "secret_shown_once"}
        return answer(data, message=_("비밀은 한 번만 보여 드립니다. 필요하면 새로 만드십시오."))
    key = operations.take_secret(
        actor=actor_of(request), at=now(), command_id=command.pk, token=pair.token
    )
    data = preauth_key_data(command, key)
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
    if not _PHARMACY_ID.fullmatch(pharmacy_id):
        raise Http404
    try:
        return Pharmacy.objects.get(pk=int(pharmacy_id))
    except Pharmacy.DoesNotExist as error:
        raise Http404 from error
