"""Shapes of the network's API: machines and commands as programs see them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from network import queries
from network.models import HeadscaleCommand, MachineProfile
from network.queries import MachineWithStatus
from network.states import IN_LANE, WAITING
from pharmacies.access.serializers import StrictSerializer

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
    role = serializers.CharField()
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

    def get_status(self, machine: MachineWithStatus) -> str:
        return machine.status.lower()

    def get_online(self, machine: MachineWithStatus) -> bool:
        return machine.status == "ONLINE"


class CommandErrorSerializer(serializers.Serializer[HeadscaleCommand]):
    """Why a command failed."""

    code = serializers.CharField(source="error_code")
    sentence = serializers.CharField(source="error")
    engine = serializers.CharField()


class CommandSerializer(serializers.Serializer[HeadscaleCommand]):
    """A change asked of the engine. `position` counts the changes before it in the lane."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    state = serializers.CharField()
    server = serializers.CharField(source="server.slug")
    target = serializers.CharField(source="target_label")
    position = serializers.SerializerMethodField()
    expected_s = serializers.SerializerMethodField()
    result = serializers.DictField()
    error = serializers.SerializerMethodField()
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)

    def get_position(self, command: HeadscaleCommand) -> int:
        if command.state not in WAITING:
            return 0
        return queries.lane_position(command=command)

    def get_expected_s(self, command: HeadscaleCommand) -> float | None:
        if command.state not in (*WAITING, *IN_LANE):
            return None
        return queries.expected_seconds(server_id=command.server_id)

    def get_error(self, command: HeadscaleCommand) -> dict[str, Any] | None:
        return dict(CommandErrorSerializer(command).data) if command.error_code else None


class RenameSerializer(StrictSerializer):
    new_name = serializers.CharField(max_length=200, trim_whitespace=False)


class ExpireSerializer(StrictSerializer):
    at = serializers.DateTimeField(required=False, allow_null=True)
    never = serializers.BooleanField(required=False, default=False)

    def validate_at(self, value: datetime | None) -> datetime | None:
        """Refuse a time whose text has no offset; Django would silently take the local one."""
        text = str(self.initial_data.get("at", ""))
        if value is not None and not re.search(r"(Z|[+-][0-9]{2}:?[0-9]{2})$", text):
            raise serializers.ValidationError(
                _("시각에 시간대를 함께 적어 주십시오. 예: 2027-01-01T09:00:00+09:00")
            )
        return value


class RoutesSerializer(serializers.Serializer[MachineProfile]):
    """Routes of a machine as CIDR: announced by it, approved by us, serving right now."""

    announced = serializers.ListField(
        child=serializers.CharField(), source="announced_routes", read_only=True
    )
    approved = serializers.ListField(
        child=serializers.CharField(), source="approved_routes", read_only=True
    )
    serving = serializers.ListField(
        child=serializers.CharField(), source="serving_routes", read_only=True
    )


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
