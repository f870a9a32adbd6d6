"""The coded states of machines, commands and synchronisations, with the words people read."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MachineStatus(models.TextChoices):
    """What is said of a machine; of several that apply, the first in this order."""

    UNKNOWN = "UNKNOWN", _("알 수 없음")
    EXPIRED = "EXPIRED", _("만료")
    ONLINE = "ONLINE", _("온라인")
    OFFLINE = "OFFLINE", _("오프라인")


class CommandKind(models.TextChoices):
    RENAME_NODE = "RENAME_NODE", _("이름 바꾸기")
    EXPIRE_NODE = "EXPIRE_NODE", _("만료시키기")
    DELETE_NODE = "DELETE_NODE", _("삭제")
    CREATE_USER = "CREATE_USER", _("네트워크 사용자 만들기")
    CREATE_PREAUTH_KEY = "CREATE_PREAUTH_KEY", _("가입 키 만들기")


class CommandState(models.TextChoices):
    REQUESTED = "REQUESTED", _("접수됨")
    QUEUED = "QUEUED", _("차례를 기다림")
    RUNNING = "RUNNING", _("처리 중")
    UNKNOWN = "UNKNOWN", _("결과 확인 중")
    SUCCEEDED = "SUCCEEDED", _("완료")
    FAILED = "FAILED", _("실패")
    NEEDS_HUMAN = "NEEDS_HUMAN", _("확인 필요")
    CANCELLED = "CANCELLED", _("취소됨")


WAITING = (CommandState.REQUESTED, CommandState.QUEUED)
IN_LANE = (CommandState.RUNNING, CommandState.UNKNOWN)
FINAL = (
    CommandState.SUCCEEDED,
    CommandState.FAILED,
    CommandState.NEEDS_HUMAN,
    CommandState.CANCELLED,
)


class SyncOutcome(models.TextChoices):
    APPLIED = "APPLIED", _("반영됨")
    FAILED = "FAILED", _("실패")
    HELD = "HELD", _("보류")
    STALE = "STALE", _("지난 것")
