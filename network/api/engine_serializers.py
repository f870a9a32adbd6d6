"""Shapes of what an engine has besides machines: users, keys, servers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from network import queries
from network.headscale.features import Feature
from network.models import (
    HeadscaleApiKey,
    HeadscalePreAuthKey,
    HeadscaleServer,
    HeadscaleUser,
    ServerReading,
    SyncRun,
)
from pharmacies.access.serializers import StrictSerializer

_LARGEST = 2**63 - 1


class HeadscaleUserSerializer(serializers.Serializer[HeadscaleUser]):
    """A user of an engine. `user` is our number and the one in paths, `user_id` the engine's."""

    user = serializers.IntegerField(source="pk")
    user_id = serializers.IntegerField(source="headscale_user_id")
    server = serializers.CharField(source="server.slug")
    name = serializers.CharField()
    display_name = serializers.CharField()
    confirmed_at = serializers.DateTimeField()


class NewUserSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200, trim_whitespace=False)
    display_name = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200, trim_whitespace=False
    )


class UserNameSerializer(StrictSerializer):
    new_name = serializers.CharField(max_length=200, trim_whitespace=False)


class PreAuthKeyRowSerializer(serializers.Serializer[HeadscalePreAuthKey]):
    """A key with which machines join. `key` is our number, `key_id` the engine's.

    `state` is one of `valid`, `used`, `expired`, `revoked`; `machines` are the node ids of those
    who joined with it.
    """

    key = serializers.IntegerField(source="pk")
    key_id = serializers.IntegerField()
    server = serializers.CharField(source="server.slug")
    shown = serializers.CharField()
    state = serializers.SerializerMethodField()
    pharmacy = serializers.IntegerField(source="pharmacy_id", allow_null=True)
    user_name = serializers.CharField()
    reusable = serializers.BooleanField()
    ephemeral = serializers.BooleanField()
    tags = serializers.ListField(child=serializers.CharField())
    purpose = serializers.CharField()
    requested_by = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    confirmed_at = serializers.DateTimeField()

    def get_state(self, key: Any) -> str:
        return str(key.state).lower()


class UserKeyOrderSerializer(StrictSerializer):
    """A key of any user, by number or name, or of tags alone."""

    user_id = serializers.IntegerField(required=False, min_value=1, max_value=_LARGEST)
    user = serializers.CharField(required=False, max_length=400, trim_whitespace=False)
    reusable = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    ephemeral = serializers.BooleanField(required=False, default=False)
    expires_in = serializers.CharField(
        required=False, default="24h", max_length=10, trim_whitespace=False
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=70), required=False, default=list, max_length=20
    )


class ApiKeyRowSerializer(serializers.Serializer[HeadscaleApiKey]):
    """A key with which a program asks an engine; lists show only how it begins."""

    key = serializers.IntegerField(source="pk")
    key_id = serializers.IntegerField()
    server = serializers.CharField(source="server.slug")
    prefix = serializers.CharField()
    purpose = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)
    last_seen_at = serializers.DateTimeField(allow_null=True)
    confirmed_at = serializers.DateTimeField()


class NewApiKeySerializer(StrictSerializer):
    reason = serializers.CharField(max_length=200)
    expires_in = serializers.CharField(
        required=False, default="90d", max_length=10, trim_whitespace=False
    )


class FreshApiKeySerializer(serializers.Serializer[Any]):
    """A fresh key of a program, this once."""

    key = serializers.CharField()
    id = serializers.IntegerField()
    prefix = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)


class RegisterSerializer(StrictSerializer):
    user_id = serializers.IntegerField(min_value=1, max_value=_LARGEST)
    auth_id = serializers.CharField(max_length=100, trim_whitespace=False)


class AuthSerializer(StrictSerializer):
    auth_id = serializers.CharField(max_length=100, trim_whitespace=False)


class ReadingSerializer(serializers.Serializer[ServerReading]):
    """What the slower cycle last learnt of one topic, and since when it learns nothing."""

    topic = serializers.SerializerMethodField()
    value = serializers.DictField()
    read_at = serializers.DateTimeField(allow_null=True)
    failing_since_at = serializers.DateTimeField(allow_null=True)
    error_code = serializers.CharField()

    def get_topic(self, reading: ServerReading) -> str:
        return reading.topic.lower()


class ServerSerializer(serializers.Serializer[HeadscaleServer]):
    """An engine, and since when its picture is confirmed."""

    server = serializers.CharField(source="slug")
    name = serializers.CharField()
    simulated = serializers.BooleanField()
    release = serializers.CharField()
    series = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    failing_since_at = serializers.DateTimeField(allow_null=True)
    held_since_at = serializers.DateTimeField(allow_null=True)
    missing = serializers.SerializerMethodField()
    readings = ReadingSerializer(many=True)

    def get_missing(self, server: HeadscaleServer) -> list[dict[str, str]]:
        missing: list[Feature] = server.missing  # type: ignore[attr-defined]  # set by the view
        return [
            {"feature": feature.name, "title": _(feature.title), "reason": _(feature.sentence)}
            for feature in missing
        ]


class GaugeSerializer(serializers.Serializer[Any]):
    """How near a server is to what it can bear; seconds are medians, `list_share` is of 4 MiB.

    `warnings`: `list_near_limit`, `list_over_limit`, `changes_slow`, `list_slow`.
    """

    machines = serializers.IntegerField()
    list_bytes = serializers.IntegerField()
    list_share = serializers.FloatField()
    change_s = serializers.FloatField(allow_null=True)
    list_s = serializers.FloatField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())


class ServerDetailSerializer(ServerSerializer):
    """One engine with its gauge."""

    gauge = serializers.SerializerMethodField()

    @extend_schema_field(GaugeSerializer)
    def get_gauge(self, server: HeadscaleServer) -> Any:
        return GaugeSerializer(queries.gauge(server_id=server.pk)).data


class SyncRunSerializer(serializers.Serializer[SyncRun]):
    """One attempt to bring the picture of a server up to date."""

    generation = serializers.IntegerField()
    server = serializers.CharField(source="server.slug")
    started_at = serializers.DateTimeField()
    seconds = serializers.FloatField()
    engine_seconds = serializers.FloatField()
    outcome = serializers.CharField()
    list_bytes = serializers.IntegerField()
    machines = serializers.IntegerField()
    online = serializers.IntegerField()
    changes = serializers.IntegerField()
    error_code = serializers.CharField()
    engine = serializers.CharField()
