"""Shapes of the policy's API: orders, versions, and what a text would do."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from network import policies
from network.models import PolicyVersion
from network.policies import Preview
from network.policy.making import Verdict
from pharmacies.access.serializers import StrictSerializer

_TEXT_LIMIT = 1_000_000


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


class PolicyVersionRowSerializer(serializers.Serializer[PolicyVersion]):
    """A version without its text. In force while `in_force_at` is set and `replaced_at` is not."""

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


class PolicyVersionSerializer(PolicyVersionRowSerializer):
    """One version with its text."""

    text = serializers.CharField()


class StandingSerializer(serializers.Serializer[Any]):
    """What is known of a server's policy, and the fingerprint that a change has to name.

    `standing` is one of UNREAD, NONE, FOREIGN, UNPROVEN, ISOLATED; `words` says it.
    """

    server = serializers.CharField()
    standing = serializers.CharField()
    words = serializers.CharField()
    read_at = serializers.DateTimeField(allow_null=True)
    base_sha256 = serializers.CharField()
    in_force = PolicyVersionSerializer(allow_null=True)


class PolicyChangedSerializer(serializers.Serializer[Any]):
    """The version that is in force now."""

    version_id = serializers.IntegerField()


class DangerSerializer(serializers.Serializer[Any]):
    severity = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()


def _sentences() -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField())


class VerdictSerializer(serializers.Serializer[Any]):
    """What a text is worth; a refused one is never set."""

    refused = serializers.BooleanField()
    proof = serializers.DictField()
    holes = _sentences()
    missing = _sentences()
    remarks = _sentences()
    dangers = DangerSerializer(many=True)


class GeneratedSerializer(VerdictSerializer):
    """The policy made of pharmacies and staff groups."""

    text = serializers.CharField()


class PreviewSerializer(VerdictSerializer):
    """What a text would do: line by line, in words, and to how many machines."""

    difference = _sentences()
    gained = _sentences()
    lost = _sentences()
    changed_machines = serializers.IntegerField()
    cut_off_machines = serializers.IntegerField()


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
