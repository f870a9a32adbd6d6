"""Shapes of the fleet's API: the sums of the dashboard."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from network.fleet.queries import PHARMACY_STATUSES, Stats


def stats_data(stats: Stats) -> dict[str, Any]:
    """Return the sums as the API names them; times as ISO 8601 with offset."""
    machines = {f"{status.lower()}_machines": count for status, count in stats.machines.items()}
    pharmacies = {f"pharmacies_{status}": stats.pharmacies[status] for status in PHARMACY_STATUSES}
    return {
        "total_machines": stats.total_machines,
        **machines,
        "total_pharmacies": stats.total_pharmacies,
        **pharmacies,
        "as_of": stats.as_of.isoformat() if stats.as_of else None,
        "stale": stats.stale,
    }


class StatsSerializer(serializers.Serializer[Any]):
    """One machine, one count: unknown > expired > online > offline; the parts add up."""

    total_machines = serializers.IntegerField()
    online_machines = serializers.IntegerField()
    offline_machines = serializers.IntegerField()
    expired_machines = serializers.IntegerField()
    unknown_machines = serializers.IntegerField()
    total_pharmacies = serializers.IntegerField()
    pharmacies_ok = serializers.IntegerField()
    pharmacies_partial = serializers.IntegerField()
    pharmacies_down = serializers.IntegerField()
    pharmacies_checking = serializers.IntegerField()
    pharmacies_closed = serializers.IntegerField()
    pharmacies_planned = serializers.IntegerField()
    pharmacies_unknown = serializers.IntegerField()
    pharmacies_inactive = serializers.IntegerField()
    as_of = serializers.DateTimeField(allow_null=True)
    stale = serializers.BooleanField()
    problems = serializers.ListField(child=serializers.DictField(), required=False)
    problem_count = serializers.IntegerField(required=False)
    fragments = serializers.DictField(child=serializers.CharField(), required=False)
