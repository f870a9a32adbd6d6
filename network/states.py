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
    """What can be asked of an engine; the last three only read."""

    RENAME_NODE = "RENAME_NODE", _("이름 바꾸기")
    EXPIRE_NODE = "EXPIRE_NODE", _("만료시키기")
    DELETE_NODE = "DELETE_NODE", _("삭제")
    SET_TAGS = "SET_TAGS", _("태그 바꾸기")
    APPROVE_ROUTES = "APPROVE_ROUTES", _("경로 승인")
    MOVE_NODE = "MOVE_NODE", _("다른 사용자에게 옮기기")
    REGISTER_NODE = "REGISTER_NODE", _("기다리는 머신 등록")
    APPROVE_AUTH = "APPROVE_AUTH", _("인증 승인")
    REJECT_AUTH = "REJECT_AUTH", _("인증 거절")
    BACKFILL_IPS = "BACKFILL_IPS", _("빠진 주소 채우기")
    CREATE_USER = "CREATE_USER", _("네트워크 사용자 만들기")
    RENAME_USER = "RENAME_USER", _("네트워크 사용자 이름 바꾸기")
    DESTROY_USER = "DESTROY_USER", _("네트워크 사용자 삭제")
    CREATE_PREAUTH_KEY = "CREATE_PREAUTH_KEY", _("가입 키 만들기")
    EXPIRE_PREAUTH_KEY = "EXPIRE_PREAUTH_KEY", _("가입 키 폐기")
    DELETE_PREAUTH_KEY = "DELETE_PREAUTH_KEY", _("가입 키 삭제")
    CREATE_API_KEY = "CREATE_API_KEY", _("엔진 API 키 만들기")
    EXPIRE_API_KEY = "EXPIRE_API_KEY", _("엔진 API 키 폐기")
    DELETE_API_KEY = "DELETE_API_KEY", _("엔진 API 키 삭제")
    SET_POLICY = "SET_POLICY", _("정책 적용")
    CHECK_POLICY = "CHECK_POLICY", _("정책 검사")
    ADOPT_POLICY = "ADOPT_POLICY", _("정책 가져오기")
    CROSS_CHECK = "CROSS_CHECK", _("대조 점검")


class Priority(models.IntegerChoices):
    """How long a command may be overtaken: the bonus or penalty stands in `LANE_BONUS_S`."""

    BULK = -1, _("대량 작업")
    NORMAL = 0, _("보통")
    URGENT = 1, _("급함")


# Seconds by which a command is treated as asked for earlier (or later) than it was. Because it is
# a fixed time, every command ages: none can be overtaken for longer than the difference.
LANE_BONUS_S = {Priority.BULK: -300, Priority.NORMAL: 0, Priority.URGENT: 600}


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


class KeyState(models.TextChoices):
    """What is said of a pre-auth key; of several that apply, the first in this order."""

    REVOKED = "REVOKED", _("폐기됨")
    USED = "USED", _("사용됨")
    EXPIRED = "EXPIRED", _("만료됨")
    VALID = "VALID", _("사용 가능")


class ReadingTopic(models.TextChoices):
    """What the slower cycle reads of an engine, each with an age of its own."""

    RELEASE = "RELEASE", _("판")
    HEALTH = "HEALTH", _("상태")
    USERS = "USERS", _("네트워크 사용자")
    PREAUTH_KEYS = "PREAUTH_KEYS", _("가입 키")
    API_KEYS = "API_KEYS", _("API 키")
    POLICY = "POLICY", _("정책")
    WINDOW = "WINDOW", _("엔진 데이터베이스")


class MachineRole(models.TextChoices):
    """What a machine is for in its pharmacy; empty while nobody has said."""

    GATEWAY = "GATEWAY", _("게이트웨이")
    DISPENSING = "DISPENSING", _("조제")
    COUNTER = "COUNTER", _("접수")
    SERVER = "SERVER", _("서버")
    POS = "POS", _("계산대")
    KIOSK = "KIOSK", _("키오스크")
    STAFF = "STAFF", _("직원")
    OTHER = "OTHER", _("기타")


class StateCause(models.TextChoices):
    """Why an interval began, as far as it is known."""

    FIRST_SEEN = "FIRST_SEEN", _("처음 보임")
    ENGINE = "ENGINE", _("엔진의 목록")
    EXPIRY = "EXPIRY", _("로그인 기한이 끝남")
    COMMAND = "COMMAND", _("관리자의 변경")
    AFTER_GAP = "AFTER_GAP", _("확인이 끊긴 동안 바뀜")
    ACCEPTED = "ACCEPTED", _("보류한 목록을 사람이 받아들임")


class PolicySource(models.TextChoices):
    GENERATED = "GENERATED", _("자동 생성")
    EDITED = "EDITED", _("직접 편집")
    ADOPTED = "ADOPTED", _("엔진에서 가져옴")
    ROLLED_BACK = "ROLLED_BACK", _("되돌림")


class PolicyStanding(models.TextChoices):
    """What a server's policy is worth, as far as we know; only the last keeps pharmacies apart."""

    UNREAD = "UNREAD", _("확인 안 됨")
    NONE = "NONE", _("정책 없음")
    FOREIGN = "FOREIGN", _("모르는 정책")
    UNPROVEN = "UNPROVEN", _("격리 증명 안 됨")
    ISOLATED = "ISOLATED", _("격리 증명됨")


class BulkState(models.TextChoices):
    RUNNING = "RUNNING", _("진행 중")
    PAUSED = "PAUSED", _("일시 정지")
    STOPPED = "STOPPED", _("중단됨")
    DONE = "DONE", _("끝남")


class SyncOutcome(models.TextChoices):
    APPLIED = "APPLIED", _("반영됨")
    FAILED = "FAILED", _("실패")
    HELD = "HELD", _("보류")
    STALE = "STALE", _("지난 것")
