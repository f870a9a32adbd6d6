"""Doors of the API to an engine's policy: what is in force, what a text would do, and changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from network import operations, policies, queries
from network.api.changes import Asking, Change, carry_out
from network.api.platform import for_the_platform, number_of, paginated, server_of
from network.api.policy_serializers import (
    BaseSerializer,
    GeneratedSerializer,
    PolicyChangedSerializer,
    PolicyOrderSerializer,
    PolicyTextSerializer,
    PolicyVersionRowSerializer,
    PolicyVersionSerializer,
    PreviewSerializer,
    StaffGroupSerializer,
    StandingSerializer,
    VersionNumberSerializer,
    preview_data,
    verdict_data,
)
from network.api.serializers import CommandSerializer
from network.api.views import SERVER, validated
from network.engine import now
from network.models import HeadscaleCommand
from network.policy.sayings import PolicyError
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.repeating import once

_CHANGED = {200: PolicyChangedSerializer, 202: CommandSerializer}


class PolicyViewSet(ViewSet):
    """The policy of a server. Only what proves isolation is ever set."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "retrieve": "policy:read",
        "versions": "policy:read",
        "version": "policy:read",
        "generated": "policy:read",
        "check": "policy:read",
        "set": "policy:write",
        "generate": "policy:write",
        "rollback": "policy:write",
        "adopt": "policy:write",
        "groups": "policy:read",
        "save_group": "policy:write",
        "delete_group": "policy:write",
    }

    @extend_schema(
        operation_id="policy_retrieve", parameters=[SERVER], responses=StandingSerializer
    )
    def retrieve(self, request: Request) -> Answer:
        for_the_platform(request, "policy:read")
        server = server_of(request)
        found = policies.standing_of(server, at=now())
        version = found.version
        return answer(
            {
                "server": server.slug,
                "standing": found.standing,
                "words": found.words,
                "read_at": found.read_at,
                "base_sha256": policies.base_of(server),
                "in_force": PolicyVersionSerializer(version).data if version else None,
            }
        )

    @extend_schema(
        operation_id="policy_versions",
        parameters=[SERVER],
        responses=PolicyVersionRowSerializer(many=True),
    )
    def versions(self, request: Request) -> Response:
        for_the_platform(request, "policy:read")
        rows = queries.policy_versions().filter(server=server_of(request)).defer("text")
        return paginated(request, rows, PolicyVersionRowSerializer, self)

    @extend_schema(operation_id="policy_version", responses=PolicyVersionSerializer)
    def version(self, request: Request, version: str) -> Answer:
        for_the_platform(request, "policy:read")
        found = queries.policy_versions().filter(pk=number_of(version)).first()
        if found is None:
            raise Http404
        return answer(PolicyVersionSerializer(found).data)

    @extend_schema(
        operation_id="policy_generated", parameters=[SERVER], responses=GeneratedSerializer
    )
    def generated(self, request: Request) -> Answer:
        for_the_platform(request, "policy:read")
        verdict = _judged(lambda: policies.generated(server_of(request)))
        return answer({"text": verdict.text, **verdict_data(verdict)})

    @extend_schema(
        operation_id="policy_check",
        parameters=[SERVER],
        request=PolicyTextSerializer,
        responses=PreviewSerializer,
    )
    def check(self, request: Request) -> Answer:
        for_the_platform(request, "policy:read")
        server, text = server_of(request), validated(PolicyTextSerializer, request)["text"]
        return answer(preview_data(_judged(lambda: policies.preview(server, text))))

    @extend_schema(
        operation_id="policy_set",
        parameters=[SERVER],
        request=PolicyOrderSerializer,
        responses=_CHANGED,
    )
    def set(self, request: Request) -> Answer:
        return _change(request, operations.set_policy, PolicyOrderSerializer, _("적용했습니다."))

    @extend_schema(
        operation_id="policy_generate",
        parameters=[SERVER],
        request=BaseSerializer,
        responses=_CHANGED,
    )
    def generate(self, request: Request) -> Answer:
        sentence = _("적용했습니다.")
        return _change(request, operations.set_generated_policy, BaseSerializer, sentence)

    @extend_schema(
        operation_id="policy_rollback",
        parameters=[SERVER],
        request=VersionNumberSerializer,
        responses=_CHANGED,
    )
    def rollback(self, request: Request) -> Answer:
        def read() -> Asking:
            for_the_platform(request, "policy:write")
            server = server_of(request)
            number = validated(VersionNumberSerializer, request)["version"]
            if not queries.policy_versions().filter(server=server, pk=number).exists():
                raise Http404
            ask = partial(
                operations.roll_back_policy, actor=actor_of(request), at=now(), version_id=number
            )
            return Asking(server.pk, ask)

        return carry_out(request, Change(read, partial(_told, _("되돌렸습니다."))))

    @extend_schema(
        operation_id="policy_adopt", parameters=[SERVER], request=None, responses=_CHANGED
    )
    def adopt(self, request: Request) -> Answer:
        def read() -> Asking:
            for_the_platform(request, "policy:write")
            server = server_of(request)
            ask = partial(
                operations.adopt_policy, actor=actor_of(request), at=now(), server_id=server.pk
            )
            return Asking(server.pk, ask)

        return carry_out(request, Change(read, partial(_told, _("가져왔습니다."))))

    @extend_schema(
        operation_id="policy_groups",
        parameters=[SERVER],
        responses=StaffGroupSerializer(many=True),
    )
    def groups(self, request: Request) -> Response:
        for_the_platform(request, "policy:read")
        rows = policies.staff_groups(server_of(request))
        return paginated(request, rows, StaffGroupSerializer, self)

    @extend_schema(
        operation_id="policy_group_save",
        parameters=[SERVER],
        request=StaffGroupSerializer,
        responses=StaffGroupSerializer,
    )
    def save_group(self, request: Request) -> Answer:
        def do() -> Answer:
            for_the_platform(request, "policy:write")
            server, values = server_of(request), validated(StaffGroupSerializer, request)
            group = operations.save_staff_group(
                actor=actor_of(request),
                at=now(),
                server_id=server.pk,
                name=values.pop("name"),
                values=values,
            )
            return answer(StaffGroupSerializer(group).data)

        return once(request, at=now(), do=do)

    @extend_schema(operation_id="policy_group_delete", parameters=[SERVER], responses={200: None})
    def delete_group(self, request: Request, group: str) -> Answer:
        def do() -> Answer:
            for_the_platform(request, "policy:write")
            groups = policies.staff_groups(server_of(request))
            found = [row for row in groups if str(row.pk) == group]
            if not found:
                raise Http404
            operations.delete_staff_group(actor=actor_of(request), at=now(), group_id=found[0].pk)
            return answer({}, message=_("지웠습니다. 자동 정책을 적용하면 반영됩니다."))

        return once(request, at=now(), do=do)


def _change(
    request: Request, operation: Callable[..., HeadscaleCommand], shape: Any, sentence: str
) -> Answer:
    def read() -> Asking:
        for_the_platform(request, "policy:write")
        server, values = server_of(request), validated(shape, request)
        ask = partial(operation, actor=actor_of(request), at=now(), server_id=server.pk, **values)
        return Asking(server.pk, ask)

    return carry_out(request, Change(read, partial(_told, sentence)))


def _told(sentence: str, command: HeadscaleCommand) -> Answer:
    return answer(dict(command.result), message=sentence)


def _judged(judge: Callable[[], Any]) -> Any:
    """Return what a judgement says; raises ValidationError for a text that cannot be read."""
    try:
        return judge()
    except PolicyError as error:
        place = f"{error.line}:{error.column} " if error.line else ""
        sentence = place + policies.told(error.saying)
        raise ValidationError({"text": ValidationError(sentence, code=error.code)}) from error
