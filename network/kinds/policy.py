"""Setting, checking and taking over the policy of an engine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from network.headscale.client import HeadscaleClient
from network.kinds.steps import Found, Kind, Outcome, TargetChangedError, record_nothing
from network.models import HeadscaleCommand, PolicyVersion
from network.policy_history import fingerprint, take_over
from network.states import CommandKind, PolicySource


def _version(command: HeadscaleCommand) -> PolicyVersion:
    return PolicyVersion.objects.get(pk=command.arguments["version_id"])


def _fingerprint_of(client: HeadscaleClient) -> str:
    """Return the fingerprint of what the engine has; empty when it has no policy."""
    policy = client.policy()
    return "" if policy is None else fingerprint(policy.text)


def _look_at_policy(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    """Refuse a policy that was made for another one than the engine has: somebody was faster."""
    now, version = _fingerprint_of(client), _version(command)
    if now not in (version.based_on_sha256, version.sha256):
        raise TargetChangedError(
            _("엔진의 정책이 그사이에 바뀌었습니다. 지금 정책을 가져와 확인하고 다시 하십시오."),
            "base_changed",
            {"base": version.based_on_sha256, "now": now},
        )
    return {"sha256": now}


def _set(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    """Have the engine check the text, set it, and see it stand there byte for byte."""
    version = _version(command)
    client.check_policy(version.text)
    client.set_policy(version.text)
    return Outcome({"version_id": version.pk, "sha256": version.sha256})


def _settle_set(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    version = _version(command)
    happened = bool(command.before) and _fingerprint_of(client) == version.sha256
    return Found.HAPPENED if happened else Found.ABSENT


def _record_set(command: HeadscaleCommand, at: datetime) -> None:
    take_over(version=_version(command), at=at)


def _look_at_nothing(_client: HeadscaleClient, _command: HeadscaleCommand) -> dict[str, Any]:
    return {}


def _check(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    version = _version(command)
    client.check_policy(version.text)
    return Outcome({"version_id": version.pk, "checked": True})


def _adopt(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    """Read the engine's own policy; it becomes a version of ours as it is, byte for byte."""
    policy = client.policy()
    if policy is None:
        raise TargetChangedError(_("엔진에 정책이 없어 가져올 것이 없습니다."), "no_policy")
    version, _made = PolicyVersion.objects.get_or_create(
        server_id=command.server_id,
        sha256=fingerprint(policy.text),
        defaults={
            "text": policy.text,
            "source": PolicySource.ADOPTED,
            "created_by": command.requested_by,
            "created_at": command.requested_at,
        },
    )
    return Outcome({"version_id": version.pk, "sha256": version.sha256})


def _record_adopted(command: HeadscaleCommand, at: datetime) -> None:
    take_over(version=PolicyVersion.objects.get(pk=command.result["version_id"]), at=at)


def _settle_reading(_client: HeadscaleClient, _command: HeadscaleCommand, _at: datetime) -> Found:
    """It changed nothing in the engine, so it may simply be done again."""
    return Found.ABSENT


POLICY_KINDS: dict[str, Kind] = {
    CommandKind.SET_POLICY: Kind(True, _look_at_policy, _set, _settle_set, _record_set),
    CommandKind.CHECK_POLICY: Kind(True, _look_at_nothing, _check, _settle_reading, record_nothing),
    CommandKind.ADOPT_POLICY: Kind(
        True, _look_at_nothing, _adopt, _settle_reading, _record_adopted
    ),
}
