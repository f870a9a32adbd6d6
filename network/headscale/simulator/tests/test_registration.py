"""A number of the wrong form lets nobody in, in the words of each release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from network.headscale.simulator.config import create
from network.headscale.simulator.tests.conversation import ask, read

CODE = "k" * 24
PREFIX = "hskey-authreq-"
UNKNOWN, INVALID = "rpc error: code = Unknown desc =", "rpc error: code = InvalidArgument desc ="
NO_PREFIX = 'auth ID has invalid prefix: expected prefix "hskey-authreq-"'
TOO_SHORT = "auth ID has invalid length: expected 38, got 19"


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    config = create(tmp_path, release=request.param)
    read(config, "users", "create", "p0001")
    return config


def error_of(config: Path, *words: str) -> str:
    done = ask(config, "-o", "json", *words)
    assert done.exit_status == 1
    text = done.stderr.decode()
    return str(json.loads(text[text.index("{") :])["error"])


@pytest.mark.parametrize(
    ("engine", "code", "words"),
    [
        ("0.26.1", "short", f"{UNKNOWN} registration ID must be 24 characters long"),
        ("0.28.0", PREFIX + CODE, f"{UNKNOWN} registration ID must be 24 characters long"),
        ("0.29.2", CODE, f"registering node: {UNKNOWN} {NO_PREFIX}"),
        ("0.29.2", f"{PREFIX}short", f"registering node: {UNKNOWN} {TOO_SHORT}"),
        ("0.30-dev", CODE, f"unexpected response status: registering node: {NO_PREFIX}"),
    ],
    indirect=["engine"],
)
def test_registering_with_a_number_of_another_form(engine: Path, code: str, words: str) -> None:
    assert error_of(engine, "nodes", "register", "-u", "p0001", "-k", code) == words


@pytest.mark.parametrize(
    ("engine", "code", "words"),
    [
        ("0.29.2", CODE, f"approving auth request: {INVALID} invalid auth_id: {NO_PREFIX}"),
        ("0.30-dev", f"{PREFIX}short", f"unexpected response status: invalid auth_id: {TOO_SHORT}"),
    ],
    indirect=["engine"],
)
def test_approving_a_number_of_another_form(engine: Path, code: str, words: str) -> None:
    assert error_of(engine, "auth", "approve", "--auth-id", code) == words
