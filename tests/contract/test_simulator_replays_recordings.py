"""The simulator answers every recorded case of its verbs as the real release did."""

from __future__ import annotations

import json
from typing import Any

import pytest

from network.headscale.simulator.engine import READING
from tests.contract.comparison import key_order, kind_of_error, normal_json, normal_text
from tests.contract.recorded import RELEASES, Case, cases
from tests.contract.replay import played

CASES = [(release, case.name) for release in RELEASES for case in cases(release)]
# (release, case): why the simulator differs. Never a verb that changes anything.
DIFFERENCES: dict[tuple[str, str], str] = {}
CHANGING = (
    *("create", "rename", "destroy", "expire", "delete", "register"),
    *("nodes/tag", "approve-routes", "nodes/move", "backfillips", "policy/set"),
)


def is_json(text: str) -> bool:
    """This will say whether a program could read it."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def shown_record(case: Case) -> object:
    """This will be the user or machine with which a changing case answered, if it did."""
    changing = any(word in case.name for word in CHANGING)
    shows = case.name.startswith(("users/", "nodes/", "auth/")) and is_json(case.stdout)
    answer = normal_json(case.stdout) if changing and shows else None
    return answer if isinstance(answer, dict) and "name" in answer else None


ALIKE = [
    (release, case)
    for release in RELEASES
    for case in cases(release)
    if (release, case.name) not in DIFFERENCES
]
WITH_JSON = [(release, case.name) for release, case in ALIKE if is_json(case.stdout)]
# Tables are for people, and only approximate.
WITH_TEXT = [
    (release, case.name)
    for release, case in ALIKE
    if not is_json(case.stdout) and not case.name.endswith("-table")
]
# Releases rename to the empty name first and fail at their answer; 0.30 does when it thaws what it
# was asked while it was frozen, as its next list shows.
DONE_ALL_THE_SAME = {
    *((release, "users/rename-no-new-name") for release in RELEASES),
    ("0.30-dev", "server-frozen/nodes-expire"),
}
REFUSED = [
    (release, case.name)
    for release, case in ALIKE
    if case.exit and (release, case.name) not in DONE_ALL_THE_SAME
]
SHOWN = [(release, case.name) for release, case in ALIKE if shown_record(case)]


@pytest.mark.parametrize(("release", "name"), [(r, case.name) for r, case in ALIKE])
def test_status_streams_and_errors_are_those_of_the_release(release: str, name: str) -> None:
    case, completed = played(release)[name].case, played(release)[name].completed

    ours = completed.stderr.decode()

    assert (completed.exit_status, bool(completed.stdout)) == (case.exit, bool(case.stdout))
    assert kind_of_error(ours) == kind_of_error(case.stderr)
    assert normal_text(ours) == normal_text(case.stderr)


@pytest.mark.parametrize(("release", "name"), WITH_JSON)
def test_json_is_the_same_but_for_times_and_keys(release: str, name: str) -> None:
    case, completed = played(release)[name].case, played(release)[name].completed

    ours = completed.stdout.decode()

    assert normal_json(ours) == normal_json(case.stdout)
    assert key_order(json.loads(ours)) == key_order(json.loads(case.stdout))


@pytest.mark.parametrize(("release", "name"), WITH_TEXT)
def test_text_is_the_same(release: str, name: str) -> None:
    case, completed = played(release)[name].case, played(release)[name].completed

    ours = completed.stdout.decode()

    assert normal_text(ours) == normal_text(case.stdout)


@pytest.mark.parametrize(("release", "name"), REFUSED)
def test_what_the_release_refused_changes_nothing(release: str, name: str) -> None:
    play = played(release)[name]

    assert play.after == play.before


@pytest.mark.parametrize(("release", "name"), SHOWN)
def test_what_the_release_answered_stands_in_the_list_afterwards(release: str, name: str) -> None:
    play = played(release)[name]

    listed = play.after["users" if name.startswith("users/") else "nodes"]

    shown = shown_record(play.case)
    assert without_owner(name, shown) in [
        without_owner(name, normal_json(json.dumps(item))) for item in listed
    ]


def without_owner(name: str, record: Any) -> Any:
    """Lists up to 0.27 alone name valid tags; from 0.28 on, that to tags names another owner."""
    left_out = {"valid_tags", "user"} if name.startswith("nodes/tag") else {"valid_tags"}
    return {key: value for key, value in record.items() if key not in left_out}


@pytest.mark.parametrize("release", RELEASES)
def test_deletion_takes_the_machine_out_of_the_list(release: str) -> None:
    play = played(release)["nodes/delete"]

    before = {str(node["id"]) for node in play.before["nodes"]}
    after = {str(node["id"]) for node in play.after["nodes"]}

    assert before - after == {"3"}
    assert after < before


@pytest.mark.parametrize("release", RELEASES)
def test_an_unanswered_question_changes_nothing(release: str) -> None:
    plays = [played(release)[name] for name in ("nodes/delete-no-force", "users/destroy-no-force")]

    assert all(play.after == play.before for play in plays)


def test_at_most_two_in_a_hundred_cases_differ() -> None:
    allowed = len(CASES) * 2 // 100

    assert len(CASES) > 500
    assert len(DIFFERENCES) <= allowed
    assert set(DIFFERENCES) <= set(CASES)
    assert not [name for _, name in DIFFERENCES if any(word in name for word in CHANGING)]


def test_every_verb_of_the_recordings_is_replayed() -> None:
    verbs = {name.split("/")[0] for _, name in CASES}

    assert verbs >= {"version-plain", "health", "users", "nodes", "preauthkeys", "debug", "auth"}
    assert "nodes rename" not in READING
