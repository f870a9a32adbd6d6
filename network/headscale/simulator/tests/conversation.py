"""Talking to a simulated engine in a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from network.headscale.process import Completed
from network.headscale.simulator import policies
from network.headscale.simulator.releases import release_named
from network.headscale.simulator.runner import FakeHeadscale

NOON = "2026-11-18T12:00:00+09:00"


def ask(config: Path, *words: str, timeout_s: float = 60, **environment: str) -> Completed:
    """This will run one command line in process."""
    engine = FakeHeadscale(config)
    return engine(("headscale", *words), env=environment, stdin=None, timeout_s=timeout_s)


def read(config: Path, *words: str) -> Any:  # whatever the JSON holds
    """This will run one command line that must succeed, and read its JSON."""
    completed = ask(config, "-o", "json", *words)
    assert completed.exit_status == 0, completed.stderr
    return json.loads(completed.stdout)


def ids(config: Path) -> list[int]:
    """This will be the ids of all machines, as `nodes list` shows them."""
    return [int(node["id"]) for node in read(config, "nodes", "list") or []]


def refusal(release: str, text: str) -> str:
    """What a release says against a policy; it must refuse it."""
    with pytest.raises(policies.PolicyError) as refused:
        policies.read(release_named(release), text)
    return str(refused.value)
