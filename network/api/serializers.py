"""Shapes of the network's API: machines and commands as programs see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from network import queries
from network.models import HeadscaleCommand, MachineProfile
from network.queries import MachineWithStatus
from network.routes import Route
from network.states import IN_LANE, WAITING
from pharmacies.access.serializers import StrictSerializer, require_offset

STATUSES = ("online", "offline", "expired", "unknown")


class PharmacyReference(serializers.Serializer[Any]):
    """A pharmacy as mentioned by something else."""

    pharmacy = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="pharmacy_name")


class MachineSerializer(serializers.Serializer[MachineProfile]):
    """A machine. `node_id` is the engine's number and the one in paths, `machine` is ours."""

    node_id = serializers.IntegerField()
    machine = serializers.IntegerField(source="pk")
    server = serializers.CharField(source="server.slug")
    name = serializers.CharField()
    hostname = serializers.CharField()
    pharmacy = PharmacyReference(allow_null=True)
    role = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    online = serializers.SerializerMethodField()
    expires_at = serializers.DateTimeField(allow_null=True)
    addresses = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    announced_routes = serializers.ListField(child=serializers.CharField())
    approved_routes = serializers.ListField(child=serializers.CharField())
    serving_routes = serializers.ListField(child=serializers.CharField())
    os = serializers.CharField()
    client_version = serializers.CharField()
    last_seen_at = serializers.DateTimeField(allow_null=True)
    joined_at = serializers.DateTimeField(allow_null=True)
    changed_at = serializers.DateTimeField(source="state_since_at")
    confirmed_at = serializers.DateTimeField(source="server.confirmed_at", allow_null=True)

    def get_role(self, machine: MachineWithStatus) -> str:
        return machine.role.lower()

    def get_status(self, machine: MachineWithStatus) -> str:
        return machine.status.lower()

    def get_online(self, machine: MachineWithStatus) -> bool:
        return machine.status == "ONLINE"


class MachineDetailSerializer(MachineSerializer):
    """One machine with what lists leave out; `replaced_by` and `replaces` are our numbers."""

    notes = serializers.CharField()
    user_name = serializers.CharField()
    parked_at = serializers.DateTimeField(allow_null=True)
    first_seen_at = serializers.DateTimeField()
    preauth_key_id = serializers.IntegerField(allow_null=True)
    replaced_by = serializers.SerializerMethodField()
    replaces = serializers.SerializerMethodField()
    os_version = serializers.CharField()
    endpoints = serializers.ListField(child=serializers.CharField())
    home_derp = serializers.CharField()
    details_at = serializers.DateTimeField(allow_null=True)
    suggested_name = serializers.SerializerMethodField()

    def get_replaced_by(self, machine: MachineWithStatus) -> int | None:
        successor = queries.successor_of(machine)
        return successor.pk if successor else None

    def get_replaces(self, machine: MachineWithStatus) -> list[int]:
        return list(machine.replaces.order_by("pk").values_list("pk", flat=True))

    def get_suggested_name(self, machine: MachineWithStatus) -> str:
        return queries.name_suggestion(machine)


class CommandErrorSerializer(serializers.Serializer[HeadscaleCommand]):
    """Why a command failed."""

    code = serializers.CharField(source="error_code")
    sentence = serializers.CharField(source="error")
    engine = serializers.CharField()


class CommandRowSerializer(serializers.Serializer[HeadscaleCommand]):
    """A change asked of the engine, as lists show it."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    state = serializers.CharField()
    server = serializers.CharField(source="server.slug")
    machine = serializers.IntegerField(source="machine_id", allow_null=True)
    target = serializers.CharField(source="target_label")
    result = serializers.DictField()
    error = serializers.SerializerMethodField()
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)

    def get_error(self, command: HeadscaleCommand) -> dict[str, Any] | None:
        return dict(CommandErrorSerializer(command).data) if command.error_code else None


class CommandSerializer(CommandRowSerializer):
    """One command with its place: `position` counts the changes before it in the lane."""

    position = serializers.SerializerMethodField()
    expected_s = serializers.SerializerMethodField()

    def get_position(self, command: HeadscaleCommand) -> int:
        if command.state not in WAITING:
            return 0
        return queries.lane_position(command=command)

    def get_expected_s(self, command: HeadscaleCommand) -> float | None:
        if command.state not in (*WAITING, *IN_LANE):
            return None
        return queries.expected_seconds(server_id=command.server_id)


class RenameSerializer(StrictSerializer):
    new_name = serializers.CharField(max_length=200, trim_whitespace=False)


class ExpireSerializer(StrictSerializer):
    at = serializers.DateTimeField(required=False, allow_null=True)
    never = serializers.BooleanField(required=False, default=False)

    def validate_at(self, value: datetime | None) -> datetime | None:
        return None if value is None else require_offset(self, "at", value)


class RouteSerializer(serializers.Serializer[Any]):
    """One route of a machine.

    `overlaps` names the first twenty machines and routes that reach into it, of `overlap_count`.
    """

    route = serializers.CharField(source="text")
    announced = serializers.BooleanField()
    approved = serializers.BooleanField()
    serving = serializers.BooleanField()
    overlaps = serializers.SerializerMethodField()
    overlap_count = serializers.IntegerField(source="overlaps.count")

    def get_overlaps(self, route: Route) -> list[dict[str, str]]:
        return [{"name": name, "route": other} for name, other in route.overlaps.first]


class MachineRouteSerializer(serializers.Serializer[Any]):
    """One route of one machine, as the list of all routes shows it."""

    node_id = serializers.IntegerField(source="machine.node_id")
    machine = serializers.IntegerField(source="machine.pk")
    server = serializers.CharField(source="machine.server.slug")
    name = serializers.CharField(source="machine.name")
    route = RouteSerializer()
    waits = serializers.BooleanField()


class RouteListSerializer(serializers.Serializer[Any]):
    """Which routes are asked for: all, those to be decided, those that reach into others."""

    show = serializers.ChoiceField(
        choices=queries.ROUTE_PARTS, required=False, default="", allow_blank=True
    )


class RoutesSerializer(serializers.Serializer[MachineProfile]):
    """Routes of a machine as CIDR: announced by it, approved by us, serving right now."""

    announced = serializers.ListField(child=serializers.CharField(), source="announced_routes")
    approved = serializers.ListField(child=serializers.CharField(), source="approved_routes")
    serving = serializers.ListField(child=serializers.CharField(), source="serving_routes")
    routes = serializers.SerializerMethodField()

    @extend_schema_field(RouteSerializer(many=True))
    def get_routes(self, machine: MachineProfile) -> Any:
        return RouteSerializer(queries.routes_of_machine(machine), many=True).data


def _words(most: int = 200) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=100, trim_whitespace=False), max_length=most
    )


class ApproveRoutesSerializer(StrictSerializer):
    """The routes that shall be approved, and those on which this was based."""

    approved = _words()
    base = _words()


class TagsSerializer(StrictSerializer):
    """The tags that a machine shall have, and those on which this was based."""

    tags = _words()
    base = _words()


class MoveSerializer(StrictSerializer):
    user_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class PreAuthKeyOrderSerializer(StrictSerializer):
    reusable = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    ephemeral = serializers.BooleanField(required=False, default=False)
    expires_in = serializers.CharField(
        required=False, default="24h", max_length=10, trim_whitespace=False
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=70), required=False, default=list, max_length=20
    )


class PreAuthKeySerializer(serializers.Serializer[Any]):
    """A fresh key, this once; `command` is what the machine has to run."""

    key = serializers.CharField()
    id = serializers.IntegerField()
    expires_at = serializers.DateTimeField(allow_null=True)
    login_url = serializers.CharField()
    command = serializers.CharField()


def preauth_key_data(command: HeadscaleCommand, key: str) -> dict[str, Any]:
    """Return what PreAuthKeySerializer describes, of a finished command and its secret."""
    login_url = command.result.get("login_url", "")
    login = f" --login-server={login_url}" if login_url else ""
    return {
        "key": key,
        "id": command.result["id"],
        "expires_at": command.result["expires_at"],
        "login_url": login_url,
        "command": f"tailscale up{login} --authkey={key}",
    }
