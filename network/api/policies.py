"""Doors of the API to an engine's policy: what is in force, what a text would do, and changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from network import operations, policies, queries
from network.api.changes import Asking, Change, carry_out
from network.api.platform import for_the_platform, paginated, server_of
from network.api.serializers import CommandSerializer
from network.api.views import SERVER, validated
from network.engine import now
from network.models import HeadscaleCommand, PolicyVersion
from network.policies import Preview
from network.policy.making import Verdict
from network.policy.sayings import PolicyError
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.serializers import StrictSerializer

_TEXT_LIMIT = 1_000_000
_CHANGED = {200: None, 202: CommandSerializer}


class PolicyTextSerializer(StrictSerializer):
    """A text, byte for byte: blanks at its ends are part of it."""

    text = serializers.CharField(max_length=_TEXT_LIMIT, allow_blank=True, trim_whitespace=False)


class PolicyOrderSerializer(PolicyTextSerializer):
    """A text, and the fingerprint of the one that it shall replace (empty for none)."""

    base_sha256 = serializers.CharField(max_length=64, allow_blank=True)
    comment = serializers.CharField(max_length=200, allow_blank=True, default="")


class BaseSerializer(StrictSerializer):
    base_sha256 = serializers.CharField(max_length=64, allow_blank=True)


class VersionNumberSerializer(StrictSerializer):
    version = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class StaffGroupSerializer(StrictSerializer):
    """Whose machines of the staff reach which ports of every pharmacy's machines."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=40)
    users = serializers.ListField(child=serializers.CharField(max_length=50), max_length=100)
    ports = serializers.ListField(child=serializers.CharField(max_length=11), max_length=100)
    protocol = serializers.ChoiceField(
        choices=["", "tcp", "udp", "icmp"], required=False, default=""
    )


class PolicyVersionSerializer(serializers.Serializer[PolicyVersion]):
    """One version. In force while `in_force_at` is set and `replaced_at` is not."""

    version = serializers.IntegerField(source="pk")
    server = serializers.CharField(source="server.slug")
    sha256 = serializers.CharField()
    origin = serializers.CharField(source="source")
    comment = serializers.CharField()
    proof = serializers.DictField()
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    in_force_at = serializers.DateTimeField(allow_null=True)
    replaced_at = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField()


class PolicyViewSet(ViewSet):
    """The policy of a server. Only what proves isolation is ever set."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "retrieve": "policy:read",
        "versions": "policy:read",
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

    @extend_schema(operation_id="policy_retrieve", parameters=[SERVER], responses={200: None})
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
        responses=PolicyVersionSerializer(many=True),
    )
    def versions(self, request: Request) -> Response:
        for_the_platform(request, "policy:read")
        rows = queries.policy_versions().filter(server=server_of(request))
        return paginated(request, rows, PolicyVersionSerializer, self)

    @extend_schema(operation_id="policy_generated", parameters=[SERVER], responses={200: None})
    def generated(self, request: Request) -> Answer:
        for_the_platform(request, "policy:read")
        verdict = _judged(lambda: policies.generated(server_of(request)))
        return answer({"text": verdict.text, **verdict_data(verdict)})

    @extend_schema(
        operation_id="policy_check",
        parameters=[SERVER],
        request=PolicyTextSerializer,
        responses={200: None},
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
    def groups(self, request: Request) -> Answer:
        for_the_platform(request, "policy:read")
        rows = policies.staff_groups(server_of(request))
        return answer(StaffGroupSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="policy_group_save",
        parameters=[SERVER],
        request=StaffGroupSerializer,
        responses=StaffGroupSerializer,
    )
    def save_group(self, request: Request) -> Answer:
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

    @extend_schema(operation_id="policy_group_delete", parameters=[SERVER], responses={200: None})
    def delete_group(self, request: Request, group: str) -> Answer:
        for_the_platform(request, "policy:write")
        found = [row for row in policies.staff_groups(server_of(request)) if str(row.pk) == group]
        if not found:
            raise Http404
        operations.delete_staff_group(actor=actor_of(request), at=now(), group_id=found[0].pk)
        return answer({}, message=_("지웠습니다. 자동 정책을 적용하면 반영됩니다."))


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


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as programs see it."""
    return {
        "refused": verdict.is_refused,
        "proof": policies.proof_data(verdict.proof),
        "holes": [policies.told(saying) for saying in verdict.proof.holes],
        "missing": [policies.told(saying) for saying in verdict.proof.missing],
        "remarks": [policies.told(saying) for saying in verdict.proof.remarks],
        "dangers": [
            {"severity": one.severity, "code": one.code, "sentence": policies.told(one.saying)}
            for one in verdict.dangers
        ],
    }


def preview_data(found: Preview) -> dict[str, Any]:
    """Return what a text would do as programs see it."""
    return {
        **verdict_data(found.verdict),
        "difference": [f"{line.sign}{line.text}" for line in found.lines],
        "gained": [policies.told(saying) for saying in found.meaning.gained],
        "lost": [policies.told(saying) for saying in found.meaning.lost],
        "changed_machines": found.blast.changed_machines,
        "cut_off_machines": found.blast.cut_off_machines,
    }
