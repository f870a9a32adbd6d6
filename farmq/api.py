"""The shape of every JSON answer, and the one table from exception to status and code."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    ValidationError,
)
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from network.api.changes import CommandFailedError, CommandNotSentError
from network.headscale.errors import (
    RejectedError,
    TimedOutError,
    UnreachableError,
    UnreadableError,
)
from network.operations import NetworkConflictError
from network.queries import AmbiguousServerError
from pharmacies.access.answers import answer
from pharmacies.access.idempotency import IdempotencyError
from pharmacies.operations import FactsConflictError

logger = logging.getLogger(__name__)

JSON_PLEASE = lazy("JSON(application/json)으로 보내 주십시오.")
CHECK_PLEASE = lazy("입력한 값을 확인해 주십시오.")


class EnvelopeRenderer(JSONRenderer):
    """Puts `{success, data, message?}` around what a view answered; errors come as they are."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        if response is not None and response.status_code in (204, 304):
            return b""
        if not (isinstance(data, dict) and data.get("success") is False):
            data = _success(data, response)
        return super().render(data, accepted_media_type, renderer_context)


def _success(data: Any, response: Response | None) -> dict[str, Any]:
    envelope: dict[str, Any] = {"success": True, "data": data}
    message = getattr(response, "message", None)
    if message:
        envelope["message"] = message
    return envelope | dict(getattr(response, "beside", {}))


class EnvelopePagination(PageNumberPagination):
    """`?page=`, `?page_size=` (at most 200); the page's facts stand beside the data."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_paginated_response(self, data: Any) -> Response:
        assert self.page is not None
        assert self.request is not None
        facts = {
            "count": self.page.paginator.count,
            "page": self.page.number,
            "page_size": self.get_page_size(self.request),
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
        }
        return answer(data, beside={"pagination": facts})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the API says for a kind of exception; without a sentence the exception's own is used."""

    status: int
    code: str
    sentence: Any = None


# The first class that fits decides; the code of an exception goes before the table's.
ERRORS: tuple[tuple[type[Exception], Outcome], ...] = (
    (exceptions.NotAuthenticated, Outcome(401, "not_authenticated", lazy("로그인이 필요합니다."))),
    (exceptions.AuthenticationFailed, Outcome(401, "authentication_failed")),
    (PermissionDenied, Outcome(403, "permission_denied")),
    (exceptions.PermissionDenied, Outcome(403, "permission_denied")),
    (Http404, Outcome(404, "not_found", lazy("찾을 수 없습니다."))),
    (exceptions.NotFound, Outcome(404, "not_found", lazy("찾을 수 없습니다."))),
    (ObjectDoesNotExist, Outcome(404, "not_found", lazy("찾을 수 없습니다."))),
    (
        exceptions.MethodNotAllowed,
        Outcome(405, "method_not_allowed", lazy("쓸 수 없는 방법입니다.")),
    ),
    (exceptions.NotAcceptable, Outcome(406, "not_acceptable", lazy("JSON으로만 답합니다."))),
    (RequestDataTooBig, Outcome(413, "too_large", lazy("보낸 내용이 너무 큽니다."))),
    (exceptions.UnsupportedMediaType, Outcome(415, "unsupported_media_type", JSON_PLEASE)),
    (exceptions.ParseError, Outcome(400, "parse_error", lazy("보낸 내용이 JSON이 아닙니다."))),
    (exceptions.Throttled, Outcome(429, "throttled", lazy("잠시 뒤에 다시 해 주십시오."))),
    (IdempotencyError, Outcome(422, "idempotency_key_reused")),
    (AmbiguousServerError, Outcome(409, "server_required")),
    (NetworkConflictError, Outcome(409, "conflict")),
    (FactsConflictError, Outcome(409, "conflict")),
    (CommandNotSentError, Outcome(503, "engine_unreachable")),
    (CommandFailedError, Outcome(409, "engine_rejected")),
    (UnreachableError, Outcome(503, "engine_unreachable")),
    (TimedOutError, Outcome(504, "engine_timed_out")),
    (UnreadableError, Outcome(502, "engine_unreadable")),
    (RejectedError, Outcome(409, "engine_rejected")),
    (exceptions.ValidationError, Outcome(400, "invalid", CHECK_PLEASE)),
    (ValidationError, Outcome(400, "invalid", CHECK_PLEASE)),
)

# Where the code says more than the class: what was wrong with a key.
STATUS_OF_CODE: dict[str, int] = {
    "idempotency_key_invalid": 400,
    "idempotency_in_progress": 409,
    "too_large": 413,
}


def exception_handler(exception: Exception, context: Mapping[str, Any]) -> Response:
    """Turn any exception of a view into the error envelope; unexpected ones get a number."""
    for kind, outcome in ERRORS:
        if isinstance(exception, kind):
            return error_response(outcome, exception)
    return _unexpected(exception)


def error_response(outcome: Outcome, exception: Exception) -> Response:
    single = _single(exception)
    body: dict[str, Any] = {
        "success": False,
        "error": single.messages[0]
        if single
        else str(outcome.sentence or _own_sentence(exception)),
        "code": getattr(single or exception, "code", None) or outcome.code,
    }
    details = _details(exception)
    if details:
        body["details"] = details
    status = STATUS_OF_CODE.get(body["code"], outcome.status)
    headers = {"WWW-Authenticate": "Token"} if status == 401 else None  # noqa: PLR2004
    return Response(body, status=status, headers=headers)


def _own_sentence(exception: Exception) -> str:
    return str(getattr(exception, "sentence", None) or getattr(exception, "detail", exception))


def _single(exception: Exception) -> ValidationError | None:
    """Return the one refusal of a validation; several of them share a general sentence."""
    if not isinstance(exception, ValidationError) or not hasattr(exception, "error_dict"):
        return None
    refusals = [refusal for errors in exception.error_dict.values() for refusal in errors]
    return refusals[0] if len(refusals) == 1 else None


def _details(exception: Exception) -> Any:
    if isinstance(exception, exceptions.ValidationError):
        return {"fields": exception.detail}
    if isinstance(exception, ValidationError):
        if hasattr(exception, "error_dict"):
            return {"fields": exception.message_dict}
        return {"fields": {"__all__": exception.messages}}
    return getattr(exception, "details", None)


def _unexpected(exception: Exception) -> Response:
    number = uuid.uuid4().hex[:12]
    logger.error("unexpected error", extra={"reference": number}, exc_info=exception)
    body = {
        "success": False,
        "error": _("서버 오류: 예상하지 못한 문제가 생겼습니다. 참조 번호 %(number)s")
        % {"number": number},
        "code": "server_error",
        "details": {"reference": number},
    }
    return Response(body, status=500)
