"""The shape of the layout in the API's description."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class LayoutComponentSerializer(serializers.Serializer[Any]):
    """One component: its row, and the settings it has today."""

    component_id = serializers.CharField()
    component_url = serializers.CharField()
    parent_id = serializers.CharField(allow_null=True)
    slot = serializers.CharField(allow_null=True)
    position_x = serializers.IntegerField()
    position_y = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    display_order = serializers.IntegerField(allow_null=True)
    custom_config = serializers.DictField()
    settings = serializers.DictField(allow_null=True)
    can_be_drawn = serializers.BooleanField()
    unknown = serializers.DictField()


class LayoutFindingSerializer(serializers.Serializer[Any]):
    """Something about a component that a person should look at."""

    code = serializers.CharField()
    component_id = serializers.CharField()


class LayoutSerializer(serializers.Serializer[Any]):
    """A screen of one company."""

    screen_id = serializers.CharField()
    company_code = serializers.CharField()
    registry = serializers.CharField()
    components = LayoutComponentSerializer(many=True)
    findings = LayoutFindingSerializer(many=True)
