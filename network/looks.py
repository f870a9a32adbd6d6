"""How states look: shape and colour by a token of the style sheet, and the word people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from network.states import (
    BulkState,
    CommandState,
    KeyState,
    MachineStatus,
    PolicyStanding,
    SyncOutcome,
)


@dataclass(frozen=True, slots=True)
class Look:
    """`state` is one of ok, part, down, closed, unknown, planned, ended."""

    state: str
    word: Any


# Without opening hours nobody knows whether offline is expected, so it stays grey.
MACHINE_LOOKS: dict[str, Look] = {
    MachineStatus.ONLINE: Look("ok", MachineStatus.ONLINE.label),
    MachineStatus.OFFLINE: Look("closed", MachineStatus.OFFLINE.label),
    MachineStatus.EXPIRED: Look("ended", MachineStatus.EXPIRED.label),
    MachineStatus.UNKNOWN: Look("unknown", MachineStatus.UNKNOWN.label),
}
# What a person reads, from what is known: (connected, login over, parked) → shape and word.
_SEEN: dict[tuple[bool, bool, bool], Look] = {
    (True, False, False): Look("ok", MachineStatus.ONLINE.label),
    (False, False, False): Look("closed", MachineStatus.OFFLINE.label),
    (False, True, False): Look("ended", MachineStatus.EXPIRED.label),
    (True, True, False): Look("part", _("만료됐지만 아직 연결됨")),
    (True, False, True): Look("down", _("격리했지만 연결됨")),
    (True, True, True): Look("part", _("격리 중, 아직 연결됨")),
    (False, False, True): Look("ended", _("격리됨, 꺼져 있음")),
    (False, True, True): Look("ended", _("격리됨")),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a machine when somebody looks: the engine's word, expiry, age, guard.

    `age` is `fresh`, `held` (the guard keeps a list back, the picture stands still), `stale` (older
    than three intervals) or `never`.
    """

    connected: bool
    login_over: bool
    parked: bool
    age: str


def machine_look(seen: Seen) -> Look:
    """Say what a person reads of a machine; each combination has its own word."""
    if seen.age == "never":
        return Look("unknown", _("아직 확인 못 함"))
    look = _SEEN[seen.connected, seen.login_over, seen.parked]
    if seen.age == "stale":
        return Look("unknown", format_lazy(_("알 수 없음, 마지막에 {word}"), word=look.word))
    if seen.age == "held":
        return Look("unknown", format_lazy(_("확인 보류, 마지막에 {word}"), word=look.word))
    return look


PHARMACY_LOOKS: dict[str, Look] = {
    "ok": Look("ok", _("정상")),
    "partial": Look("part", _("일부 장애")),
    "down": Look("closed", _("모두 꺼짐")),
    "unknown": Look("unknown", _("알 수 없음")),
    "inactive": Look("closed", _("머신 없음")),
}
COMMAND_LOOKS: dict[str, Look] = {
    CommandState.REQUESTED: Look("closed", CommandState.REQUESTED.label),
    CommandState.QUEUED: Look("closed", CommandState.QUEUED.label),
    CommandState.RUNNING: Look("planned", CommandState.RUNNING.label),
    CommandState.UNKNOWN: Look("unknown", CommandState.UNKNOWN.label),
    CommandState.SUCCEEDED: Look("ok", CommandState.SUCCEEDED.label),
    CommandState.FAILED: Look("down", CommandState.FAILED.label),
    CommandState.NEEDS_HUMAN: Look("part", CommandState.NEEDS_HUMAN.label),
    CommandState.CANCELLED: Look("ended", CommandState.CANCELLED.label),
}
KEY_LOOKS: dict[str, Look] = {
    KeyState.VALID: Look("ok", KeyState.VALID.label),
    KeyState.USED: Look("closed", KeyState.USED.label),
    KeyState.EXPIRED: Look("ended", KeyState.EXPIRED.label),
    KeyState.REVOKED: Look("ended", KeyState.REVOKED.label),
}
BULK_LOOKS: dict[str, Look] = {
    BulkState.RUNNING: Look("planned", BulkState.RUNNING.label),
    BulkState.PAUSED: Look("part", BulkState.PAUSED.label),
    BulkState.STOPPED: Look("ended", BulkState.STOPPED.label),
    BulkState.DONE: Look("ok", BulkState.DONE.label),
}
POLICY_LOOKS: dict[str, Look] = {
    PolicyStanding.UNREAD: Look("unknown", PolicyStanding.UNREAD.label),
    PolicyStanding.NONE: Look("down", PolicyStanding.NONE.label),
    PolicyStanding.FOREIGN: Look("part", PolicyStanding.FOREIGN.label),
    PolicyStanding.UNPROVEN: Look("down", PolicyStanding.UNPROVEN.label),
    PolicyStanding.ISOLATED: Look("ok", PolicyStanding.ISOLATED.label),
}
POLICY_WORDS: dict[str, Any] = {
    PolicyStanding.UNREAD: _("엔진의 정책을 아직 읽지 못해 약국들이 나뉘어 있는지 모릅니다."),
    PolicyStanding.NONE: _(
        "엔진에 정책이 없어 모든 약국의 머신이 서로 닿습니다. 자동 정책을 적용하십시오."
    ),
    PolicyStanding.FOREIGN: _(
        "다른 곳에서 바꾼 정책이 적용되어 있습니다. 가져와 판으로 남기고 확인하십시오."
    ),
    PolicyStanding.UNPROVEN: _(
        "적용된 정책으로는 약국끼리 닿지 않는다고 증명되지 않습니다. 자동 정책을 적용하십시오."
    ),
    PolicyStanding.ISOLATED: _("어느 약국도 다른 약국에 닿지 않는 것이 증명되어 있습니다."),
}
SYNC_LOOKS: dict[str, Look] = {
    SyncOutcome.APPLIED: Look("ok", SyncOutcome.APPLIED.label),
    SyncOutcome.FAILED: Look("down", SyncOutcome.FAILED.label),
    SyncOutcome.HELD: Look("part", SyncOutcome.HELD.label),
    SyncOutcome.STALE: Look("closed", SyncOutcome.STALE.label),
}


GAUGE_WORDS: dict[str, Any] = {
    "list_near_limit": _("목록이 곧 4 MiB 한도에 닿습니다. 엔진을 0.30으로 올리거나 나누십시오."),
    "list_over_limit": _("목록이 4 MiB를 넘어 읽을 수 없을 수 있습니다."),
    "changes_slow": _("변경 한 건이 5초 넘게 걸립니다. 머신 수와 정책의 모양을 보십시오."),
    "list_slow": _("목록을 읽는 데 5초 넘게 걸립니다."),
}

COLUMN_WORDS: dict[str, Any] = {
    "new": _("우리에게 없는 머신"),
    "gone": _("엔진에 없는 머신"),
    "machine_key": _("머신 키"),
    "name": _("이름"),
    "hostname": _("장치가 알린 이름"),
    "user_name": _("네트워크 사용자"),
    "headscale_user_id": _("네트워크 사용자 번호"),
    "online": _("온라인"),
    "expires_at": _("만료"),
    "joined_at": _("참여 시각"),
    "addresses": _("주소"),
    "tags": _("태그"),
    "announced_routes": _("알린 경로"),
    "approved_routes": _("승인한 경로"),
    "serving_routes": _("사용 중인 경로"),
    "preauth_key_id": _("가입한 키 번호"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline."""

    at: Any
    state: str
    word: Any
    text: str
    who: str = ""
    url: str = ""
