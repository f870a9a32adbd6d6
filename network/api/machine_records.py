"""Doors of the API to what we keep of machines: role and notes, how they were, saved views."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from network import history, operations, queries
from network.api.platform import number_of, paginated
from network.api.serializers import MachineDetailSerializer
from network.api.views import SERVER, machine_of, validated
from network.engine import now
from network.models import MachineTransition, SavedView
from network.states import MachineRole
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.models import User
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.repeating import once
from pharmacies.access.serializers import StrictSerializer, require_offset

_MOST_DAYS = 366


class DescribeSerializer(StrictSerializer):
    """What a machine is for and what is to be known of it; what is left out stays as it is."""

    role = serializers.ChoiceField(
        choices=[role.lower() for role in MachineRole.values], required=False, allow_blank=True
    )
    notes = serializers.CharField(
        max_length=operations.NOTES_LIMIT, required=False, allow_blank=True, trim_whitespace=False
    )


class MomentSerializer(serializers.Serializer[Any]):
    """The past moment that is asked about, with its offset."""

    at = serializers.DateTimeField()

    def validate_at(self, value: datetime) -> datetime:
        return require_offset(self, "at", value)


class PastStateSerializer(serializers.Serializer[Any]):
    """How a machine was; null before it was first seen and after it was gone."""

    at = serializers.DateTimeField()
    state = serializers.CharField(allow_null=True)


class DaysSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=1, max_value=_MOST_DAYS, default=90)


class DaySerializer(serializers.Serializer[Any]):
    """One day of the project's time zone, in seconds; `share` of what is known, 0 to 1."""

    day = serializers.DateField()
    online_s = serializers.FloatField()
    down_s = serializers.FloatField()
    unknown_s = serializers.FloatField()
    share = serializers.FloatField(allow_null=True)


class TransitionSerializer(serializers.Serializer[MachineTransition]):
    """A change of state; `before` is empty when the machine was seen for the first time."""

    at = serializers.DateTimeField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    def get_before(self, transition: MachineTransition) -> str:
        return transition.from_state.lower()

    def get_after(self, transition: MachineTransition) -> str:
        return transition.to_state.lower()


class MachineRecordViewSet(ViewSet):
    """What people know of a machine, and how it was: at a moment, day by day, change by change."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "describe": "machines:describe",
        "state": "machines:read",
        "days": "machines:read",
        "transitions": "machines:read",
    }

    @extend_schema(
        operation_id="nodes_describe",
        parameters=[SERVER],
        request=DescribeSerializer,
        responses=MachineDetailSerializer,
    )
    def describe(self, request: Request, node_id: str) -> Answer:
        def do() -> Answer:
            machine = machine_of(request, node_id)
            values = validated(DescribeSerializer, request)
            if "role" in values:
                values["role"] = values["role"].upper()
            operations.describe_machine(
                actor=actor_of(request), at=now(), machine_id=machine.pk, **values
            )
            data = MachineDetailSerializer(machine_of(request, node_id)).data
            return answer(data, message=_("적어 두었습니다."))

        return once(request, at=now(), do=do)

    @extend_schema(
        operation_id="nodes_state",
        parameters=[SERVER, OpenApiParameter("at", datetime, required=True)],
        responses=PastStateSerializer,
    )
    def state(self, request: Request, node_id: str) -> Answer:
        machine = machine_of(request, node_id)
        asked = MomentSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        at = asked.validated_data["at"]
        found = history.state_at(machine=machine, at=at)
        data = {"at": at, "state": found.lower() if found else None}
        return answer(PastStateSerializer(data).data)

    @extend_schema(
        operation_id="nodes_days",
        parameters=[SERVER, DaysSerializer],
        responses=DaySerializer(many=True),
    )
    def days(self, request: Request, node_id: str) -> Answer:
        machine = machine_of(request, node_id)
        asked = DaysSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        found = history.days_of(
            machine=machine,
            until=now(),
            zone=ZoneInfo(settings.TIME_ZONE),
            count=asked.validated_data["count"],
        )
        return answer(DaySerializer(found, many=True).data)

    @extend_schema(
        operation_id="nodes_transitions",
        parameters=[SERVER],
        responses=TransitionSerializer(many=True),
    )
    def transitions(self, request: Request, node_id: str) -> Response:
        rows = machine_of(request, node_id).transitions.order_by("-pk")
        return paginated(request, rows, TransitionSerializer, self)


class SavedViewSerializer(serializers.Serializer[SavedView]):
    """The filters of a list under a name; `query` is what stands behind the `?` of its address."""

    view = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    query = serializers.CharField()


class ForgottenViewSerializer(serializers.Serializer[SavedView]):
    """The saved view that is no more."""

    view = serializers.IntegerField()


class SavedViewOrderSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200)
    query = serializers.CharField(max_length=4000, allow_blank=True)


class SavedViewViewSet(ViewSet):
    """A person's own ways of looking at the list of machines."""

    parser_classes = (StrictJSONParser,)
    required_scope = {"list": "machines:read", "keep": "machines:read", "delete": "machines:read"}

    @extend_schema(operation_id="views_list", responses=SavedViewSerializer(many=True))
    def list(self, request: Request) -> Response:
        rows = queries.saved_views(user=cast(User, request.user))
        return paginated(request, rows, SavedViewSerializer, self)

    @extend_schema(
        operation_id="views_save", request=SavedViewOrderSerializer, responses=SavedViewSerializer
    )
    def keep(self, request: Request) -> Answer:
        def do() -> Answer:
            values = validated(SavedViewOrderSerializer, request)
            view = operations.save_view(actor=actor_of(request), at=now(), **values)
            return answer(SavedViewSerializer(view).data, message=_("보기를 저장했습니다."))

        return once(request, at=now(), do=do)

    @extend_schema(operation_id="views_delete", responses=ForgottenViewSerializer)
    def delete(self, request: Request, view: str) -> Answer:
        def do() -> Answer:
            number = number_of(view)
            try:
                operations.forget_view(actor=actor_of(request), at=now(), view_id=number)
            except SavedView.DoesNotExist as error:
                raise Http404 from error
            return answer({"view": number}, message=_("보기를 지웠습니다."))

        return once(request, at=now(), do=do)
