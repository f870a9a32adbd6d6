"""What changes cost a pretended engine: the figures of real ones, or nothing when switched off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from network.headscale.simulator.config import create, set_costs, set_now
from network.headscale.simulator.costs import change_s, is_costly
from network.headscale.simulator.releases import release_named
from network.headscale.simulator.runner import FakeHeadscale
from network.headscale.simulator.tests.conversation import ask

NOON = "2026-11-18T12:00:00+09:00"
RENAME = ("-o", "json", "nodes", "rename", "-i", "1", "other")
SELF = {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]}
HUB = {"action": "accept", "src": ["group:staff"], "dst": ["*:22"]}
EACH = [{"action": "accept", "src": [f"p{n}@"], "dst": [f"p{n}@:*"]} for n in range(200)]


@pytest.mark.parametrize(
    ("release", "machines", "rules", "seen_s"),
    [
        ("0.29.2", 1000, [], 0.3),
        ("0.29.2", 1000, [HUB], 0.3),
        ("0.29.2", 1000, [SELF], 0.7),
        ("0.29.2", 1000, [HUB, SELF], 0.9),
        ("0.29.2", 1000, EACH, 11.3),
        ("0.29.2", 1000, [HUB, *EACH], 11.6),
        ("0.29.2", 3000, [], 3.4),
        ("0.29.2", 3000, [HUB, SELF], 9.6),
        ("0.28.0", 1000, [], 1.6),
        ("0.28.0", 1000, [SELF], 3.2),
        ("0.28.0", 1000, EACH, 15.2),
        ("0.30-dev", 1000, [], 0.4),
        ("0.30-dev", 1000, [HUB, *EACH], 12.7),
    ],
)
def test_the_figures_of_real_engines(
    release: str, machines: int, rules: list[Any], seen_s: float
) -> None:
    cost_s = change_s(release_named(release), machines, {"acls": rules})

    assert cost_s == pytest.approx(seen_s, rel=0.25)


@pytest.mark.parametrize(
    ("verb", "costly"),
    [
        ("nodes rename", True),
        ("policy set", True),
        ("users create", True),
        ("preauthkeys create", False),
        ("apikeys expire", False),
    ],
)
def test_only_what_changes_a_map_costs(verb: str, costly: bool) -> None:
    assert is_costly(verb) is costly


def large(tmp_path: Path, rules: list[Any]) -> Path:
    """An engine of about 450 machines under a policy."""
    config = create(tmp_path, release="0.29.2", pharmacies=100, now=NOON)
    text = json.dumps({"groups": {"group:staff": []}, "acls": rules})
    done = FakeHeadscale(config)(
        ("policy", "set", "-f", "/dev/stdin"), env={}, stdin=text.encode(), timeout_s=60
    )
    assert done.exit_status == 0
    return config


def test_switched_off_a_change_is_free(tmp_path: Path) -> None:
    assert ask(large(tmp_path, [HUB, *EACH]), *RENAME).seconds == 0


def test_switched_on_it_waits_as_long_as_the_policy_costs(tmp_path: Path) -> None:
    config = large(tmp_path, [HUB, SELF])
    set_costs(config, True)

    renamed, listed = ask(config, *RENAME), ask(config, "-o", "json", "nodes", "list")

    assert renamed.exit_status == 0
    assert renamed.seconds == pytest.approx(0.756 * 0.45**2.15, rel=0.05)
    assert listed.seconds == 0


def test_what_costs_more_than_the_program_waits_happens_later(tmp_path: Path) -> None:
    config = large(tmp_path, [HUB, *EACH])
    set_costs(config, True)
    engine = FakeHeadscale(config)

    given_up = engine(RENAME, env={"HEADSCALE_CLI_TIMEOUT": "1s"}, stdin=None, timeout_s=60)
    before = engine(("-o", "json", "nodes", "list"), env={}, stdin=None, timeout_s=60)
    set_now(config, "2026-11-18T12:00:30+09:00")
    after = engine(("-o", "json", "nodes", "list"), env={}, stdin=None, timeout_s=60)

    assert (given_up.exit_status, given_up.seconds) == (1, 1)
    assert b'"other"' not in before.stdout
    assert b'"other"' in after.stdout
