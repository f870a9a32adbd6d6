"""Every failure of the API has one shape, whatever went wrong and wherever it did."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404
from django.test import Client
from pytest_django import Settings
from rest_framework import exceptions

from farmq.api import exception_handler
from network.fleet.tests.stage import Stage
from network.headscale.errors import (
    RejectedError,
    TimedOutError,
    UnreachableError,
    UnreadableError,
)
from network.models import HeadscaleUser
from network.operations import NetworkConflictError
from network.queries import AmbiguousServerError
from pharmacies.access.idempotency import IdempotencyError
from pharmacies.operations import FactsConflictError

RENAME = "/api/nodes/2/rename"
JSON = "application/json"
TABLE: list[tuple[Exception, int, str]] = [
    (exceptions.ParseError(), 400, "parse_error"),
    (exceptions.ValidationError({"a": ["b"]}), 400, "invalid"),
    (ValidationError({"a": ["b", "c"]}), 400, "invalid"),
    (exceptions.NotAuthenticated(), 401, "not_authenticated"),
    (exceptions.AuthenticationFailed("뜻"), 401, "authentication_failed"),
    (PermissionDenied("뜻"), 403, "permission_denied"),
    (exceptions.PermissionDenied("뜻"), 403, "permission_denied"),
    (Http404(), 404, "not_found"),
    (HeadscaleUser.DoesNotExist(), 404, "not_found"),
    (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
    (exceptions.NotAcceptable(), 406, "not_acceptable"),
    (NetworkConflictError("machine_name_taken", "뜻"), 409, "machine_name_taken"),
    (FactsConflictError("pharmacy_in_use", "뜻"), 409, "pharmacy_in_use"),
    (AmbiguousServerError(), 409, "server_required"),
    (RejectedError("no"), 409, "engine_rejected"),
    (RequestDataTooBig(), 413, "too_large"),
    (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
    (IdempotencyError("idempotency_key_reused", "뜻"), 422, "idempotency_key_reused"),
    (exceptions.Throttled(), 429, "throttled"),
    (RuntimeError("SELECT secret FROM /etc"), 500, "server_error"),
    (UnreadableError("{"), 502, "engine_unreadable"),
    (UnreachableError("refused"), 503, "engine_unreachable"),
    (TimedOutError("deadline"), 504, "engine_timed_out"),
]


def shape(body: dict[str, Any]) -> None:
    """An error has a Korean sentence and a code, perhaps details, and nothing else."""
    assert body["success"] is False
    assert body["error"].rstrip(".").endswith(("니다", "시오")) or "참조 번호" in body["error"]
    assert body["code"].replace("_", "").isalnum()
    assert set(body) <= {"success", "error", "code", "details"}


@pytest.mark.parametrize(
    ("error", "status", "code"), TABLE, ids=[type(error).__name__ for error, _, _ in TABLE]
)
def test_the_table(error: Exception, status: int, code: str, db: None) -> None:
    response = exception_handler(error, {})

    assert response.status_code == status
    assert response.data["code"] == code
    assert response.data["success"] is False
    assert str(response.data["error"])


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", JSON, 400, "parse_error"),
        (b"", JSON, 400, "invalid"),
        (b"null", JSON, 400, "invalid"),
        (b"[]", JSON, 400, "invalid"),
        (b'"x"', JSON, 400, "invalid"),
        (b"NaN", JSON, 400, "parse_error"),
        (b'{"new_name": NaN}', JSON, 400, "parse_error"),
        (b'{"new_name": "a-1", "new_name": "b-1"}', JSON, 400, "parse_error"),
        (b'{"new_name": "\xff\xfe"}', JSON, 400, "parse_error"),
        (b"\xef\xbb\xbf{}", JSON, 400, "parse_error"),
        (b'{"new_name": "\\ud800"}', JSON, 400, "invalid"),
        (b'{"new_name": "a\\u0000b"}', JSON, 400, "invalid"),
        (b'{"a\\u0000b": 1}', JSON, 400, "invalid"),
        (b'{"\\ud800": 1}', JSON, 400, "invalid"),
        (b"[" * 100_000, JSON, 400, "parse_error"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, JSON, 400, "parse_error"),
        (b'{"new_name": ' + b"9" * 5000 + b"}", JSON, 400, "parse_error"),
        (b"new_name=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b'{"new_name": "till-1"}', "text/plain", 415, "unsupported_media_type"),
        (b"x", "multipart/form-data; boundary=x", 415, "unsupported_media_type"),
        (b" " * 3_000_000, JSON, 413, "too_large"),
    ],
    ids=lambda value: str(value)[:24] if isinstance(value, bytes) else None,
)
def test_bodies_that_make_no_sense(
    stage: Stage, body: bytes, content_type: str, status: int, code: str
) -> None:
    client: Any = stage.client  # Its types know no bytes.

    response = client.generic("POST", RENAME, body, content_type=content_type)

    assert response.status_code == status
    assert response.json()["code"] == code
    shape(response.json())
    assert stage.commands() == []


@pytest.mark.parametrize("path", ["", "nothing", "nodes/", "nodes/1/x", "/", "schema/x"])
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_addresses_that_do_not_exist(stage: Stage, method: str, path: str) -> None:
    response = getattr(stage.client, method)(f"/api/{path}")

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
    shape(response.json())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/nodes"),
        ("put", "/api/nodes/1"),
        ("delete", "/api/nodes/1"),
        ("get", "/api/nodes/1/rename"),
        ("post", "/api/nodes/1/delete"),
        ("get", "/api/pharmacy/1/preauth-key"),
        ("put", "/api/pharmacies/1"),
        ("post", "/api/dashboard/stats"),
        ("trace", "/api/nodes"),
    ],
)
def test_methods_that_do_not_fit(stage: Stage, method: str, path: str) -> None:
    response = getattr(stage.client, method)(path)

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
    assert response.headers["Allow"]
    shape(response.json())


def test_only_json_is_answered(stage: Stage) -> None:
    response = stage.client.get("/api/nodes", headers={"Accept": "text/html"})

    assert response.status_code == 406
    shape(response.json())


@pytest.mark.parametrize(
    "header", ["Token x", "Token", "Token a b", "Token \xff", "Token " + "x" * 9000, "Bearer x"]
)
def test_nobody_is_told_to_sign_in(stage: Stage, header: str) -> None:
    response = Client(raise_request_exception=False).get("/api/nodes", HTTP_AUTHORIZATION=header)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Token"
    shape(response.json())


def test_the_unexpected_has_a_number_and_no_secret(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("SELECT password FROM /etc/passwd")

    monkeypatch.setattr("network.api.views.filtered_machines", fail)

    response = stage.client.get("/api/nodes")

    body = response.json()
    assert response.status_code == 500
    assert body["error"].startswith("서버 오류: ")
    assert body["details"]["reference"] in body["error"]
    assert "SELECT" not in response.content.decode()
    assert body["details"]["reference"] in {
        getattr(record, "reference", "") for record in caplog.records
    }


def test_a_wrong_host_is_answered_in_the_same_shape(stage: Stage, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["farmq.example"]

    response = stage.client.get("/api/nodes", headers={"Host": "evil.example"})

    assert response.status_code == 400
    shape(response.json())


def test_sentences_are_korean_whatever_is_asked_for(stage: Stage) -> None:
    response = stage.client.get("/api/nodes/0", headers={"Accept-Language": "ko,en;q=0.5"})

    assert response.json()["error"] == "찾을 수 없습니다."


def test_answers_are_compact_and_readable(stage: Stage) -> None:
    response = stage.client.get("/api/nodes?search=gana-gateway")

    assert response.headers["Content-Type"] == JSON
    assert "가나약국" in response.content.decode()
    assert json.loads(response.content)["success"] is True
