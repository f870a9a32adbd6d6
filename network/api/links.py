"""Doors of the API to what joins pharmacies and machines: assignment, links, what is broken."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from network import queries
from network.api.platform import for_the_platform, number_of, paginated
from network.api.serializers import MachineDetailSerializer
from network.api.views import SERVER, machine_of, validated
from network.engine import now
from network.fleet import operations
from network.fleet.consistency import CODES, Finding, findings
from network.models import HeadscaleUser, PharmacyLink
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.repeating import once
from pharmacies.access.serializers import StrictSerializer
from pharmacies.models import Pharmacy

_LARGEST = 2**63 - 1


class AssignSerializer(StrictSerializer):
    """The pharmacy in which a machine stands; null takes it out of any."""

    pharmacy = serializers.IntegerField(min_value=1, max_value=_LARGEST, allow_null=True)


class LinkOrderSerializer(StrictSerializer):
    """Which user of an engine shall be whose; `user` is our number, as in `GET /api/users`."""

    pharmacy = serializers.IntegerField(min_value=1, max_value=_LARGEST)
    user = serializers.IntegerField(min_value=1, max_value=_LARGEST)


class LinkSerializer(serializers.Serializer[PharmacyLink]):
    """A pharmacy and its user of one server."""

    link = serializers.IntegerField(source="pk")
    pharmacy = serializers.IntegerField(source="pharmacy_id")
    pharmacy_name = serializers.CharField(source="pharmacy.pharmacy_name")
    server = serializers.CharField(source="server.slug")
    user_id = serializers.IntegerField(source="headscale_user_id")
    user_name = serializers.CharField(source="headscale_user_name")


class FindingSerializer(serializers.Serializer[Finding]):
    """A link that has broken: what it is about, what is so, and what would mend it."""

    code = serializers.ChoiceField(choices=list(CODES))
    number = serializers.IntegerField()
    what = serializers.CharField()
    sentence = serializers.CharField()
    repair = serializers.CharField()


class UnlinkedSerializer(serializers.Serializer[PharmacyLink]):
    """The link that is no more."""

    link = serializers.IntegerField()


class RepairSerializer(StrictSerializer):
    """Which finding of `GET /api/links/broken` is to be mended."""

    code = serializers.ChoiceField(choices=list(CODES))
    number = serializers.IntegerField(min_value=1, max_value=_LARGEST)


class AssignmentViewSet(ViewSet):
    """Where a machine stands."""

    parser_classes = (StrictJSONParser,)
    required_scope = {"assign": "machines:assign"}

    @extend_schema(
        operation_id="nodes_assign",
        parameters=[SERVER],
        request=AssignSerializer,
        responses=MachineDetailSerializer,
    )
    def assign(self, request: Request, node_id: str) -> Answer:
        def do() -> Answer:
            machine = machine_of(request, node_id)
            try:
                operations.assign_machine(
                    actor=actor_of(request),
                    at=now(),
                    machine_id=machine.pk,
                    pharmacy_id=validated(AssignSerializer, request)["pharmacy"],
                )
            except Pharmacy.DoesNotExist as error:
                raise Http404 from error
            data = MachineDetailSerializer(machine_of(request, node_id)).data
            return answer(data, message=_("배정을 바꾸었습니다."))

        return once(request, at=now(), do=do)


class LinkViewSet(ViewSet):
    """Links of pharmacies to users of engines, and the links that do not hold any more."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "list": "machines:assign",
        "create": "machines:assign",
        "delete": "machines:assign",
        "broken": "machines:assign",
        "repair": "machines:assign",
    }

    @extend_schema(operation_id="links_list", responses=LinkSerializer(many=True))
    def list(self, request: Request) -> Response:
        for_the_platform(request, "machines:assign")
        return paginated(request, queries.links(), LinkSerializer, self)

    @extend_schema(
        operation_id="links_create", request=LinkOrderSerializer, responses=LinkSerializer
    )
    def create(self, request: Request) -> Answer:
        def do() -> Answer:
            for_the_platform(request, "machines:assign")
            values = validated(LinkOrderSerializer, request)
            user = _found(queries.headscale_users().filter(pk=values["user"]))
            try:
                link = operations.link_pharmacy(
                    actor=actor_of(request),
                    at=now(),
                    pharmacy_id=values["pharmacy"],
                    server_id=user.server_id,
                    headscale_user=(user.headscale_user_id, user.name),
                )
            except Pharmacy.DoesNotExist as error:
                raise Http404 from error
            return answer(LinkSerializer(link).data, message=_("연결했습니다."))

        return once(request, at=now(), do=do)

    @extend_schema(operation_id="links_delete", responses=UnlinkedSerializer)
    def delete(self, request: Request, link: str) -> Answer:
        def do() -> Answer:
            for_the_platform(request, "machines:assign")
            number = number_of(link)
            try:
                operations.unlink_pharmacy(actor=actor_of(request), at=now(), link_id=number)
            except PharmacyLink.DoesNotExist as error:
                raise Http404 from error
            return answer({"link": number}, message=_("연결을 끊었습니다."))

        return once(request, at=now(), do=do)

    @extend_schema(operation_id="links_broken", responses=FindingSerializer(many=True))
    def broken(self, request: Request) -> Response:
        for_the_platform(request, "machines:assign")
        return paginated(request, findings(), FindingSerializer, self)

    @extend_schema(
        operation_id="links_repair", request=RepairSerializer, responses=RepairSerializer
    )
    def repair(self, request: Request) -> Answer:
        def do() -> Answer:
            for_the_platform(request, "machines:assign")
            values = validated(RepairSerializer, request)
            operations.repair_link(actor=actor_of(request), at=now(), **values)
            return answer(values, message=_("바로잡았습니다."))

        return once(request, at=now(), do=do)


def _found(rows: Any) -> HeadscaleUser:
    user: HeadscaleUser | None = rows.first()
    if user is None:
        raise Http404
    return user
