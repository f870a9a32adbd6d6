"""The four ways in which the engine disappoints, each with a sentence fit for staff."""

from __future__ import annotations

from network.headscale.features import Feature, gettext_noop
from network.headscale.redaction import redact, storable


class HeadscaleError(Exception):
    """The engine did not do, or did not say, what was asked. `engine` holds its redacted words."""

    sentence = "네트워크 엔진에 문제가 있습니다."
    code = "engine_error"

    def __init__(self, engine: str = "") -> None:
        self.engine = redact(storable(engine).strip())[:2000]
        super().__init__(self.engine or self.sentence)


class UnreachableError(HeadscaleError):
    """The engine was not reached; a change that raised this was provably not sent."""

    sentence = "네트워크 엔진이 응답하지 않습니다. 머신이 꺼졌다는 뜻은 아닙니다."
    code = "engine_unreachable"


# What to do about a refusal, where more can be said than the engine's own words.
_SAID_OF = {
    "policy_is_a_file": gettext_noop(
        "엔진이 정책을 파일에서 읽도록 설정되어 있습니다. 여기서 다루려면 엔진 설정의 "
        "policy.mode를 database로 바꾸고 엔진을 다시 시작하십시오."
    ),
    "policy_tests_failed": gettext_noop(
        "정책에 적힌 시험이 엔진에서 맞지 않아 적용되지 않았습니다. 엔진의 말을 보고 고치십시오."
    ),
    "policy_invalid": gettext_noop(
        "엔진이 이 정책을 읽지 못해 적용하지 않았습니다. 엔진의 말을 보고 고치십시오."
    ),
    "key_refused": gettext_noop(
        "엔진이 이 API 키를 받지 않습니다. 만료되었거나 다른 엔진의 키입니다. 설정의 "
        "HEADSCALE_CLI_API_KEY 또는 api_key_file을 바꾸고 다시 시작하십시오."
    ),
    "list_too_large": gettext_noop(
        "목록이 4 MiB를 넘어 엔진이 보내지 못합니다. 엔진을 0.30으로 올리거나 서버를 나누십시오."
    ),
}


class RejectedError(HeadscaleError):
    """The engine understood and refused.

    `reason` is one of `not_found`, `name_taken`, `name_invalid`, `user_exists`, `user_not_empty`,
    `tags_refused`, `route_invalid`, `no_policy`, `policy_invalid`, `policy_tests_failed`,
    `policy_is_a_file`, `key_refused`, `not_pending`, `list_too_large`, `not_confirmed`,
    `unavailable`, `usage`, `other`.
    """

    sentence = "네트워크 엔진이 이 변경을 거절했습니다."
    code = "engine_rejected"

    def __init__(self, engine: str = "", reason: str = "other") -> None:
        super().__init__(engine)
        self.reason = reason
        self.sentence = _SAID_OF.get(reason, self.sentence)


class UnavailableError(RejectedError):
    """The release does not know this, so nothing was sent; `sentence` says what is missing."""

    def __init__(self, feature: Feature) -> None:
        super().__init__("", "unavailable")
        self.sentence, self.feature = feature.sentence, feature.name


class TimedOutError(HeadscaleError):
    """The engine did not answer in time; whether a change was taken is not known."""

    sentence = "네트워크 엔진이 제시간에 답하지 않아 결과를 확인하고 있습니다."
    code = "engine_timed_out"


class UnreadableError(HeadscaleError):
    """The engine answered with something that is not the answer to this question."""

    sentence = "네트워크 엔진의 답을 읽을 수 없습니다. 판이 바뀌었는지 확인해 주십시오."
    code = "engine_unreadable"


class InvalidArgumentError(ValueError):
    """A value may not be given to the engine; the whole call is refused, nothing was started."""


# Only fragments: 0.30 has no gRPC codes any more, and 0.29 puts the operation in front. The first
# that fits decides, so the narrow ones stand first.
_REASONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("key_refused", ("failed to validate token", "desc = validating token",
                     "response status: Unauthorized")),
    ("not_pending", ("not found in registration cache", "no pending auth session")),
    ("no_policy", ("acl policy not found",)),
    ("policy_is_a_file", ("update is disabled for modes other than",
                          "reading policy from path")),
    ("policy_tests_failed", ("test(s) failed",)),
    ("policy_invalid", ("parsing policy", "parsing HuJSON", "unmarshalling policy",
                        "validating policy", "unsupported policy")),
    ("list_too_large", ("received message larger than max",)),
    ("user_not_empty", ("user not empty",)),
    ("tags_refused", ("are invalid or not permitted", "tag must start with",
                      "cannot remove all tags", "invalid tag")),
    ("route_invalid", ("parsing route",)),
    ("not_found", ("no longer exists in NodeStore", "node not found", "record not found",
                   "user not found", "AuthKey not found", "auth-key not found",
                   "query returned multiple users", "multiple users match query")),
    ("name_taken", ("name is not unique", "name already in use", "already taken",
                    "given name already", "name already exists")),
    ("user_exists", ("UNIQUE constraint failed: users", "user already exists",
                     "duplicate key value")),
    ("name_invalid", ("DNS label", "DNS segment", "invalid user name", "invalid characters",
                      "too short", "too long", "at least 2 characters", "hyphen",
                      "username contains", "username cannot", "username must",
                      "must be lowercase", "cannot start or end")),
    ("usage", ("unknown shorthand flag", "unknown flag", "unknown command", "required flag",
               "invalid argument", "accepts at most", "requires at least")),
)  # fmt: skip


def sentence_of(reason: str) -> str:
    """Return what can be done about a refusal, still to be translated; empty for most."""
    return _SAID_OF.get(reason, "")


def rejection(engine: str) -> RejectedError:
    """Build the refusal that the engine's words mean."""
    for reason, fragments in _REASONS:
        if any(fragment in engine for fragment in fragments):
            return RejectedError(engine, reason)
    return RejectedError(engine)
