from __future__ import annotations

import json
import signal
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from network.headscale.simulator import faults, journal
from network.headscale.simulator.config import create, load, set_now
from network.headscale.simulator.control import truth
from network.headscale.simulator.faults import Fault, set_faults
from network.headscale.simulator.releases import RELEASES
from network.headscale.simulator.runner import FakeHeadscale
from network.headscale.simulator.tests.conversation import NOON, ask, ids, read

LIST = ("-o", "json", "nodes", "list")
RENAME = ("-o", "json", "nodes", "rename", "-i", "1", "other")


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return create(tmp_path, pharmacies=4, now=NOON)


def effects(config: Path) -> list[journal.Entry]:
    return journal.effects(journal.read(load(config).journal))


def name_of_first(config: Path) -> str:
    return str(read(config, "nodes", "list")[0]["given_name"])


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("mode", [faults.DOWN, faults.FROZEN])
def test_a_silent_server_costs_the_time_limit(tmp_path: Path, release: str, mode: str) -> None:
    config = create(tmp_path, release=release)
    set_faults(config, Fault(mode))

    usual = ask(config, *LIST)
    shorter = ask(config, *LIST, HEADSCALE_CLI_TIMEOUT="1m30s", timeout_s=100)

    assert (usual.exit_status, usual.stdout, usual.seconds) == (1, b"", 5.0)
    assert b"context deadline exceeded" in usual.stderr
    assert usual.stderr.startswith(b"{") is (release >= "0.29")
    assert shorter.seconds == 90.0


def test_the_version_needs_no_server(demo: Path) -> None:
    set_faults(demo, Fault(faults.DOWN))

    assert ask(demo, "version").exit_status == 0


def test_a_caller_in_a_hurry_gives_up_first(demo: Path) -> None:
    set_faults(demo, Fault(faults.DOWN))

    completed = ask(demo, *LIST, timeout_s=2)

    assert completed.timed_out
    assert completed.exit_status == -signal.SIGKILL
    assert completed.seconds == 2


def test_faults_meet_only_their_verbs_and_only_so_often(demo: Path) -> None:
    set_faults(demo, Fault(faults.EXIT1, verb="nodes *", remaining=2))

    statuses = [ask(demo, *LIST).exit_status for _ in range(3)]

    assert statuses == [1, 1, 0]
    assert ask(demo, "users", "list").exit_status == 0


def test_set_again_a_fault_counts_anew_and_none_heals(demo: Path) -> None:
    set_faults(demo, Fault(faults.EXIT1, remaining=1))
    assert ask(demo, *LIST).exit_status == 1
    set_faults(demo, Fault(faults.EXIT1, remaining=1))
    assert ask(demo, *LIST).exit_status == 1

    set_faults(demo)

    assert ask(demo, *LIST).exit_status == 0


def test_an_unknown_fault_is_refused(demo: Path) -> None:
    with pytest.raises(ValueError, match="unknown fault 'bored'"):
        set_faults(demo, Fault("bored"))


def test_a_slow_server_takes_its_time_before_and_after(demo: Path) -> None:
    set_faults(demo, Fault(faults.SLOW, seconds=3, after_s=4))

    assert ask(demo, *LIST).seconds == 7
    assert ask(demo, *RENAME).seconds == 7


def test_given_up_before_the_effect_nothing_happens(demo: Path) -> None:
    set_faults(demo, Fault(faults.SLOW, seconds=3))

    completed = ask(demo, *RENAME, timeout_s=2)

    assert completed.timed_out
    assert effects(demo) == []
    assert name_of_first_after_healing(demo) != "other"


def test_given_up_after_the_effect_it_stays(demo: Path) -> None:
    set_faults(demo, Fault(faults.SLOW, after_s=3))

    completed = ask(demo, *RENAME, timeout_s=2)

    assert completed.timed_out
    assert [entry.effect for entry in effects(demo)] == [
        {"changed": "node", "id": 1, "given_name": "other"}
    ]
    assert name_of_first_after_healing(demo) == "other"


def name_of_first_after_healing(config: Path) -> str:
    set_faults(config)
    return name_of_first(config)


@pytest.mark.parametrize(
    ("mode", "timed_out"),
    [(faults.APPLY_THEN_DIE, False), (faults.APPLY_THEN_HANG, True)],
)
def test_a_change_may_be_the_last_thing_a_process_does(
    demo: Path, mode: str, timed_out: bool
) -> None:
    set_faults(demo, Fault(mode))

    completed = ask(demo, *RENAME)

    assert completed.exit_status == -signal.SIGKILL
    assert completed.timed_out is timed_out
    assert len(effects(demo)) == 1


def test_a_hanging_program_changes_nothing(demo: Path) -> None:
    set_faults(demo, Fault(faults.HANG))

    assert ask(demo, *RENAME).timed_out
    assert effects(demo) == []


@pytest.mark.parametrize("release", RELEASES)
def test_a_late_effect_follows_an_error(tmp_path: Path, release: str) -> None:
    config = create(tmp_path, release=release, pharmacies=1, now=NOON)
    engine = FakeHeadscale(config)
    set_faults(config, Fault(faults.LATE_EFFECT, verb="nodes rename", seconds=30))

    late = engine(RENAME, env={}, stdin=None, timeout_s=60)
    before = engine(LIST, env={}, stdin=None, timeout_s=60)
    set_now(config, "2026-11-18T12:00:40+09:00")
    after = engine(LIST, env={}, stdin=None, timeout_s=60)

    assert late.exit_status == 1
    assert b"context deadline exceeded" in late.stderr
    assert b'"other"' not in before.stdout
    assert b'"other"' in after.stdout
    assert [entry.call for entry in effects(config)] == [first_call(config, "nodes rename")]


def first_call(config: Path, verb: str) -> str:
    entries = journal.read(load(config).journal)
    return next(entry.call for entry in entries if entry.verb == verb)


def test_late_effects_can_be_settled_at_once(demo: Path) -> None:
    engine = FakeHeadscale(demo)
    set_faults(demo, Fault(faults.LATE_EFFECT, verb="nodes rename", seconds=3600))
    engine(RENAME, env={}, stdin=None, timeout_s=60)

    engine.settle()

    assert name_of_first(demo) == "other"


def test_an_empty_answer_is_a_success(demo: Path) -> None:
    set_faults(demo, Fault(faults.EMPTY))

    completed = ask(demo, *LIST)

    assert (completed.exit_status, completed.stdout) == (0, b"")


def test_an_answer_is_cut_anywhere(demo: Path) -> None:
    whole = ask(demo, *LIST).stdout
    set_faults(demo, Fault(faults.TRUNCATE, size=100))

    assert ask(demo, *LIST).stdout == whole[:100]


@pytest.mark.parametrize("mode", [faults.GARBAGE, faults.TRUNCATE, faults.NOISE])
def test_some_answers_are_no_json(demo: Path, mode: str) -> None:
    set_faults(demo, Fault(mode))

    with pytest.raises(ValueError):  # noqa: PT011  # broken bytes or broken JSON, both are values
        json.loads(ask(demo, *LIST).stdout)


def test_noise_stands_before_a_whole_answer(demo: Path) -> None:
    set_faults(demo, Fault(faults.NOISE, text="WRN be warned"))

    first, _, rest = ask(demo, *LIST).stdout.partition(b"\n")

    assert first == b"WRN be warned"
    assert json.loads(rest)


def test_half_a_list_is_valid_json(demo: Path) -> None:
    whole = ids(demo)
    set_faults(demo, Fault(faults.PARTIAL))

    assert ids(demo) == whole[: len(whole) // 2]


def test_everyone_may_seem_offline(demo: Path) -> None:
    set_faults(demo, Fault(faults.ALL_OFFLINE))

    listed = read(demo, "nodes", "list")

    assert not any(node.get("online") for node in listed)
    assert any(truth(demo, datetime.fromisoformat(NOON)).values())


def test_after_a_restart_everyone_comes_back(demo: Path) -> None:
    noon = datetime.fromisoformat(NOON)
    set_faults(demo, Fault(faults.RESTART, until=(noon + timedelta(seconds=11)).isoformat()))

    at_once = read(demo, "nodes", "list")
    set_now(demo, (noon + timedelta(seconds=12)).isoformat())

    assert not any(node.get("online") for node in at_once)
    assert any(node.get("online") for node in read(demo, "nodes", "list"))


def test_two_machines_may_share_an_id(demo: Path) -> None:
    set_faults(demo, Fault(faults.DUPLICATE_IDS))

    listed = ids(demo)

    assert listed[0] == listed[1]
    assert len(set(listed)) == len(listed) - 1


def test_an_answer_may_be_larger_than_anyone_reads(demo: Path) -> None:
    set_faults(demo, Fault(faults.HUGE, size=1_000_000))

    assert len(ask(demo, *LIST).stdout) == 1_000_001


def test_another_release_may_answer(demo: Path) -> None:
    set_faults(demo, Fault(faults.OTHER_RELEASE, release="0.30-dev"))

    assert read(demo, "nodes", "list")[0]["givenName"]


def test_the_environment_is_witnessed_without_its_secrets(demo: Path) -> None:
    set_faults(demo, Fault(faults.ENVIRONMENT))
    ask(demo, *LIST, HEADSCALE_CLI_API_KEY="secret", HEADSCALE_CLI_TIMEOUT="7s")

    extras = [entry.extra for entry in journal.read(load(demo).journal) if entry.extra]
    for extra in extras:
        extra["environment"].pop("HEADSCALE_CONFIG")

    assert extras == [
        {"environment": {"HEADSCALE_CLI_API_KEY": "***", "HEADSCALE_CLI_TIMEOUT": "7s"}}
    ]


def test_an_answer_may_be_old_when_it_comes(demo: Path) -> None:
    set_faults(demo, Fault(faults.OLD_ANSWER, verb="nodes list", remaining=1, seconds=3))
    engine = FakeHeadscale(demo, meanwhile=lambda: rename_first(demo))

    old = engine(LIST, env={}, stdin=None, timeout_s=60)
    new = engine(LIST, env={}, stdin=None, timeout_s=60)

    assert old.seconds == 3
    assert b'"other"' not in old.stdout
    assert b'"other"' in new.stdout


def rename_first(config: Path) -> None:
    assert ask(config, *RENAME).exit_status == 0
