"""The tables of docs/compatibility.md say what the code says, and miss nothing."""

from __future__ import annotations

import re
from datetime import date

import pytest

from network.headscale import commands
from network.headscale.features import FEATURES, RELEASES, Release, lacks
from tests.real_headscale.matrix import DOCUMENT, PROGRAM, SEEN_ON, VERBS, Cells, Sightings, read

# Groups whose help tells releases apart; nobody asks for them otherwise.
NOT_VERBS = {commands.NODES_HELP.name, commands.OAUTH_HELP.name}
CELL = re.compile(r"yes|absent|(refused|differs): .+")


def written() -> Cells:
    return read(DOCUMENT.read_text(encoding="utf-8"))


def wrong(cells: Cells) -> list[str]:
    """Cells that are missing, or that say something else than the features."""
    found = []
    for row, feature in VERBS.items():
        for release in RELEASES:
            cell = cells.get((row, release), "")
            is_missing = bool(feature) and lacks(release, feature) is not None
            says_so = cell == "absent" or cell.startswith("refused: ")
            if not CELL.fullmatch(cell) or says_so is not is_missing:
                found.append(f"{row} in {release}: {cell}")
    return found


def test_the_table_agrees_with_the_features() -> None:
    assert wrong(written()) == []


def test_each_verb_and_each_feature_has_a_row() -> None:
    asked = {verb.name for verb in commands.VERBS} - NOT_VERBS

    assert {name for name in asked if not any(row.startswith(name) for row in VERBS)} == set()
    assert FEATURES.keys() - set(VERBS.values()) == set()


def test_each_trap_is_known_of_each_release() -> None:
    cells = written()
    traps = {row for row, _ in cells} - VERBS.keys() - {PROGRAM, SEEN_ON}

    assert len(traps) >= 30
    for row in traps:
        assert {cells.get((row, release)) for release in RELEASES} <= {"yes", "no", "absent"}, row


@pytest.mark.parametrize("release", RELEASES)
def test_each_release_was_really_seen(release: Release) -> None:
    cells = written()

    major, minor = release
    assert f"{major}.{minor}" in cells[PROGRAM, release]
    assert date.fromisoformat(cells[SEEN_ON, release]) >= date(2026, 11, 26)


@pytest.mark.parametrize(
    ("row", "release", "cell"),
    [
        ("nodes move", (0, 28), "yes"),
        ("nodes move", (0, 27), "absent"),
        ("users destroy", (0, 28), "yes"),
        ("nodes rename", (0, 26), "?"),
        ("nodes rename", (0, 26), "refused: no reason"),
    ],
)
def test_a_cell_that_is_wrong_is_noticed(row: str, release: Release, cell: str) -> None:
    cells = written() | {(row, release): cell}

    assert wrong(cells) == [f"{row} in {release}: {cell}"]


def test_what_is_seen_replaces_the_columns_of_its_releases(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    document = tmp_path_factory.mktemp("docs") / "compatibility.md"
    document.write_text(DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    before, seen = written(), Sightings()
    seen.note("nodes rename", (0, 30), "differs: for the test")
    seen.note("nodes rename", (0, 30), "yes")

    seen.write(document, date(2031, 1, 1))

    changed = {("nodes rename", (0, 30)): "differs: for the test", (SEEN_ON, (0, 30)): "2031-01-01"}
    assert read(document.read_text(encoding="utf-8")) == before | changed
