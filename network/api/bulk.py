"""Doors of the API to changes of many machines: order, look, brake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from network import operations, queries
from network.api.platform import number_of, paginated
from network.api.views import validated
from network.engine import now
from network.models import BulkItem, BulkJob, MachineProfile
from network.operations import BulkOrder
from network.states import CommandKind
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.repeating import once
from pharmacies.access.serializers import StrictSerializer

_ACTIONS = {
    "expire": CommandKind.EXPIRE_NODE,
    "tag": CommandKind.SET_TAGS,
    "rename": CommandKind.RENAME_NODE,
    "delete": CommandKind.DELETE_NODE,
}
_WORDS = {kind.value: word for word, kind in _ACTIONS.items()}
_LARGEST = 2**63 - 1


class BulkOrderSerializer(StrictSerializer):
    """What shall be done to which machines (our numbers); renaming takes the suggested names."""

    action = serializers.ChoiceField(choices=list(_ACTIONS))
    machines = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=_LARGEST),
        min_length=1,
        max_length=operations.MOST_MACHINES,
    )
    add = serializers.ListField(child=serializers.CharField(), default=list)
    remove = serializers.ListField(child=serializers.CharField(), default=list)
    pace_s = serializers.FloatField(min_value=0, max_value=operations.SLOWEST_PACE_S, default=0.0)
    dry_run = serializers.BooleanField(default=False)


class BulkItemSerializer(serializers.Serializer[BulkItem]):
    """One machine of a job: its command once it has had its turn, or why it was skipped."""

    machine = serializers.IntegerField(source="machine_id")
    name = serializers.CharField(source="machine.name")
    command = serializers.IntegerField(source="command_id", allow_null=True)
    state = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    engine = serializers.SerializerMethodField()

    def get_state(self, item: BulkItem) -> str:
        if item.skipped:
            return "SKIPPED"
        return item.command.state if item.command else "WAITING"

    def get_reason(self, item: BulkItem) -> str:
        return item.skipped or (item.command.error if item.command else "")

    def get_engine(self, item: BulkItem) -> str:
        return item.command.engine if item.command else ""


class BulkJobSerializer(serializers.Serializer[BulkJob]):
    """A job and its counts."""

    bulk = serializers.IntegerField(source="pk")
    action = serializers.SerializerMethodField()
    state = serializers.CharField()
    paused_by_failures = serializers.BooleanField()
    pace_s = serializers.FloatField()
    total = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_action(self, job: BulkJob) -> str:
        return _WORDS[job.kind]


class BulkViewSet(ViewSet):
    """Jobs on many machines: a list, one with its items, a new one, and the brakes."""

    parser_classes = (StrictJSONParser,)
    # The permission of the action is asked for by the operation, for each machine.
    required_scope = {
        "list": "commands:read",
        "retrieve": "commands:read",
        "items": "commands:read",
        "create": "commands:read",
        "pause": "commands:read",
        "resume": "commands:read",
        "stop": "commands:read",
    }

    @extend_schema(operation_id="bulk_list", responses=BulkJobSerializer(many=True))
    def list(self, request: Request) -> Response:
        return paginated(request, queries.bulk_jobs(), BulkJobSerializer, self)

    @extend_schema(operation_id="bulk_retrieve", responses=BulkJobSerializer)
    def retrieve(self, _request: Request, bulk: str) -> Answer:
        return answer(BulkJobSerializer(_job(bulk)).data)

    @extend_schema(operation_id="bulk_items", responses=BulkItemSerializer(many=True))
    def items(self, request: Request, bulk: str) -> Response:
        return paginated(request, queries.bulk_items(_job(bulk)), BulkItemSerializer, self)

    @extend_schema(
        operation_id="bulk_create",
        request=BulkOrderSerializer,
        responses={200: None, 202: BulkJobSerializer},
    )
    def create(self, request: Request) -> Answer:
        def do() -> Answer:
            values = validated(BulkOrderSerializer, request)
            order = _order(values)
            try:
                return _planned(request, order) if values["dry_run"] else _started(request, order)
            except MachineProfile.DoesNotExist as error:
                raise Http404 from error

        return once(request, at=now(), do=do)

    @extend_schema(operation_id="bulk_pause", request=None, responses=BulkJobSerializer)
    def pause(self, request: Request, bulk: str) -> Answer:
        return _brake(request, bulk, operations.pause_bulk)

    @extend_schema(operation_id="bulk_resume", request=None, responses=BulkJobSerializer)
    def resume(self, request: Request, bulk: str) -> Answer:
        return _brake(request, bulk, operations.resume_bulk)

    @extend_schema(operation_id="bulk_stop", request=None, responses=BulkJobSerializer)
    def stop(self, request: Request, bulk: str) -> Answer:
        return _brake(request, bulk, operations.stop_bulk)


def _order(values: dict[str, Any]) -> BulkOrder:
    return BulkOrder(
        kind=_ACTIONS[values["action"]],
        machine_ids=values["machines"],
        add=tuple(values["add"]),
        remove=tuple(values["remove"]),
        pace_s=values["pace_s"],
    )


def _planned(request: Request, order: BulkOrder) -> Answer:
    plan = operations.plan_bulk(actor=actor_of(request), at=now(), order=order)
    return answer(
        {
            "machines": [
                {
                    "machine": item.machine.pk,
                    "name": item.machine.name,
                    "new_name": item.own.get("new_name"),
                    "skipped": item.skipped,
                }
                for item in plan
            ]
        }
    )


def _started(request: Request, order: BulkOrder) -> Answer:
    job = operations.start_bulk(actor=actor_of(request), at=now(), order=order)
    data = BulkJobSerializer(_job(str(job.pk))).data
    headers = {"Location": f"/api/bulk/{job.pk}"}
    return answer(data, message=_("접수했습니다"), status=202, headers=headers)


def _brake(request: Request, text: str, operation: Callable[..., BulkJob]) -> Answer:
    def do() -> Answer:
        job = _job(text)
        operation(actor=actor_of(request), at=now(), job_id=job.pk)
        return answer(BulkJobSerializer(_job(text)).data, message=_("바꾸었습니다."))

    return once(request, at=now(), do=do)


def _job(text: str) -> Any:
    job = queries.bulk_jobs().filter(pk=number_of(text)).first()
    if job is None:
        raise Http404
    return job
