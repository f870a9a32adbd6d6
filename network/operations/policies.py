"""Changes of an engine's policy: made, written, rolled back, taken over. None goes in unproven."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from network.models import HeadscaleCommand, HeadscaleServer, PolicyVersion, StaffGroup
from network.operations.asking import (
    NetworkConflictError,
    check_value,
    of_server,
    refuse,
    request_change,
    write,
)
from network.policies import base_of, generated, preview, proof_data, standing_of, told
from network.policy.making import Verdict, allow
from network.policy.sayings import PolicyError
from network.policy_history import fingerprint, in_force
from network.states import CommandKind, PolicySource, PolicyStanding
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.tenancy import tenant_transaction

COMMENT_LIMIT = 200


def set_policy(
    *, actor: Actor, at: datetime, server_id: int, text: str, base_sha256: str, comment: str = ""
) -> HeadscaleCommand:
    """Ask for a text, kept byte for byte, in place of the one with this fingerprint (or none).

    Raises PermissionDenied, ValidationError (the code of the danger, of the text's fault, or
    `not_proven`), HeadscaleServer.DoesNotExist, NetworkConflictError (`base_changed`,
    `foreign_policy`).
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "policy:write")
    verdict = _judged(server, text)
    return _ask(actor, at, server, verdict, PolicySource.EDITED, base_sha256, comment)


def set_generated_policy(
    *, actor: Actor, at: datetime, server_id: int, base_sha256: str
) -> HeadscaleCommand:
    """Ask for the policy that is made of our pharmacies and staff groups.

    Raises PermissionDenied, ValidationError, HeadscaleServer.DoesNotExist, NetworkConflictError
    (`base_changed`, `foreign_policy`, `release_unknown`: its shape depends on the release).
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "policy:write")
    if not server.series:
        sentence = _("엔진의 판을 아직 모릅니다. 1분쯤 뒤에 다시 하십시오.")
        raise NetworkConflictError("release_unknown", sentence)
    try:
        verdict = generated(server)
    except PolicyError as error:
        _refuse(error)
    return _ask(actor, at, server, verdict, PolicySource.GENERATED, base_sha256, "")


def roll_back_policy(*, actor: Actor, at: datetime, version_id: int) -> HeadscaleCommand:
    """Ask for an earlier version again; it is judged by what holds today.

    Raises PermissionDenied, ValidationError, PolicyVersion.DoesNotExist, NetworkConflictError
    (`base_changed`, `already_in_force`).
    """
    version = PolicyVersion.objects.select_related("server").get(pk=version_id)
    require(actor, "policy:write")
    present = in_force(server_id=version.server_id)
    if present is not None and present.sha256 == version.sha256:
        raise NetworkConflictError("already_in_force", _("지금 적용된 정책과 같습니다."))
    verdict = _judged(version.server, version.text)
    comment = _("#%(number)d(으)로 되돌림") % {"number": version.pk}
    base = base_of(version.server)
    return _ask(actor, at, version.server, verdict, PolicySource.ROLLED_BACK, base, comment)


def adopt_policy(*, actor: Actor, at: datetime, server_id: int) -> HeadscaleCommand:
    """Ask for the engine's own policy, to keep it as a version of ours. It only reads.

    Raises PermissionDenied, HeadscaleServer.DoesNotExist.
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "policy:write")
    return request_change(actor, at, of_server(server, CommandKind.ADOPT_POLICY, _target(server)))


def save_staff_group(
    *, actor: Actor, at: datetime, server_id: int, name: str, values: dict[str, Any]
) -> StaffGroup:
    """Say which users of a server are one group of staff, and which ports they reach.

    `values` holds `users` and `ports` (lists of text) and `protocol`. The policy changes with the
    next generation. Raises PermissionDenied, ValidationError, HeadscaleServer.DoesNotExist.
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "policy:write")
    rule = _("사용자 이름은 영문 소문자로 시작하고 소문자, 숫자, . _ - 로 2~50자입니다.")
    for user in values["users"]:
        check_value("users", "user_name", user, (rule, "user_name_invalid"))
    with tenant_transaction():
        group, _made = StaffGroup.objects.update_or_create(
            server=server, name=name, defaults=values
        )
        try:
            generated(server)
        except PolicyError as error:
            _refuse(error)
        target = Target("staff_group", str(group.pk), name)
        record(actor=actor, action="staff_group.save", target=target, at=at, details=values)
    return group


def delete_staff_group(*, actor: Actor, at: datetime, group_id: int) -> None:
    """Forget a group of staff; the policy changes with the next generation.

    Raises PermissionDenied, StaffGroup.DoesNotExist.
    """
    group = StaffGroup.objects.get(pk=group_id)
    require(actor, "policy:write")
    with tenant_transaction():
        target = Target("staff_group", str(group.pk), group.name)
        record(actor=actor, action="staff_group.delete", target=target, at=at)
        group.delete()


def _judged(server: HeadscaleServer, text: str) -> Verdict:
    """Return the verdict over a text that may be set; raises ValidationError for any other."""
    try:
        verdict = preview(server, text).verdict
        allow(verdict)
    except PolicyError as error:
        _refuse(error)
    return verdict


def _refuse(error: PolicyError) -> NoReturn:
    place = f"{error.line}:{error.column} " if error.line else ""
    refuse("policy", place + told(error.saying), error.code)


def _ask(
    actor: Actor,
    at: datetime,
    server: HeadscaleServer,
    verdict: Verdict,
    source: PolicySource,
    base_sha256: str,
    comment: str,
) -> HeadscaleCommand:
    """Keep the text as a version and ask for it, in one transaction."""
    if standing_of(server, at=at).standing == PolicyStanding.FOREIGN:
        sentence = _("다른 곳에서 바꾼 정책이 엔진에 있습니다. 먼저 가져와 판으로 남기십시오.")
        raise NetworkConflictError("foreign_policy", sentence)
    now = base_of(server)
    if base_sha256 != now:
        sentence = _(
            "엔진의 정책이 그사이에 바뀌었습니다. 지금 정책을 가져와 확인하고 다시 하십시오."
        )
        details = {"base": base_sha256, "now": now}
        raise NetworkConflictError("base_changed", sentence, details)
    with tenant_transaction(durable=True):
        version = PolicyVersion.objects.create(
            server=server,
            text=verdict.text,
            sha256=fingerprint(verdict.text),
            source=source,
            comment=comment[:COMMENT_LIMIT],
            proof=proof_data(verdict.proof),
            based_on_sha256=base_sha256,
            created_by=actor.label,
            created_at=at,
        )
        kind = CommandKind.SET_POLICY
        request = of_server(server, kind, _target(server), version_id=version.pk)
        return write(actor, at, request)


def _target(server: HeadscaleServer) -> Target:
    return Target("server", str(server.pk), server.name)
