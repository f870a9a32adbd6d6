"""The tables of docs/compatibility.md: which rows they have, how they are written and read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from network.headscale.features import RELEASES, Release, series_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
START, END = "<!-- written by the tests: begin -->", "<!-- written by the tests: end -->"
PROGRAM, SEEN_ON = "program", "seen on"
# Row → the feature that says which releases can do it; empty where all can.
VERBS: dict[str, str] = {
    "version": "",
    "health": "health",
    "nodes list": "",
    "nodes list, no matter how large": "lists.unlimited",
    "nodes list-routes": "",
    "nodes register": "nodes.register",
    "auth register": "auth",
    "auth approve": "auth",
    "auth reject": "auth",
    "nodes rename": "",
    "nodes expire, now": "",
    "nodes expire, at a time": "nodes.expire_at",
    "nodes expire, never": "nodes.expire_never",
    "nodes tag": "",
    "nodes tag, the last one away": "nodes.clear_tags",
    "nodes approve-routes": "",
    "nodes move": "nodes.move",
    "nodes delete": "",
    "nodes backfillips": "nodes.backfillips",
    "users list": "",
    "users create": "",
    "users rename": "",
    "users destroy": "users.destroy",
    "preauthkeys list": "preauthkeys.by_id",
    "preauthkeys list, of one user": "preauthkeys.by_user",
    "preauthkeys create": "",
    "preauthkeys create, tags only": "preauthkeys.tags_only",
    "preauthkeys expire, by number": "preauthkeys.by_id",
    "preauthkeys expire, by secret": "preauthkeys.by_user",
    "preauthkeys delete": "preauthkeys.delete",
    "apikeys list": "",
    "apikeys create": "",
    "apikeys expire": "",
    "apikeys delete": "",
    "policy get": "",
    "policy set": "",
    "policy check, by the server": "policy.server_check",
    "policy check, by the program": "policy.local_check",
    "policy: autogroup:self": "policy.self",
    "policy: tests": "policy.tests",
    "policy: grants": "policy.grants",
}
Cells = dict[tuple[str, Release], str]
_ROW = re.compile(r"\| (.+) \|")


@dataclass
class Sightings:
    """What the tests saw of real engines: a cell for a row and a release.

    A row of `VERBS` is `yes`, `absent`, `refused: WHY` (FARMQ does not ask for it) or
    `differs: HOW`; any other row is a trap, `yes` where it is one.
    """

    cells: Cells = field(default_factory=dict)

    def note(self, row: str, release: Release, cell: str) -> None:
        """Keep a cell; what is peculiar stands before a plain `yes`."""
        if self.cells.get((row, release), "yes") == "yes":
            self.cells[row, release] = cell

    def write(self, document: Path, on: date) -> None:
        """Write what was seen into the tables; releases that were not seen keep their cells."""
        for release in {release for _, release in self.cells}:
            self.cells[SEEN_ON, release] = on.isoformat()
        text = document.read_text(encoding="utf-8")
        head, _, rest = text.partition(START)
        cells = read(text) | self.cells
        tail = rest.partition(END)[2]
        document.write_text(f"{head}{START}\n\n{render(cells)}\n{END}{tail}", encoding="utf-8")


def render(cells: Mapping[tuple[str, Release], str]) -> str:
    """Write both tables: verbs in the order of `VERBS`, traps in that of the alphabet."""
    traps = sorted({row for row, _ in cells} - VERBS.keys() - {PROGRAM, SEEN_ON})
    verbs = _table("Verb", (*VERBS, PROGRAM, SEEN_ON), cells)
    return f"{verbs}\n{_table('Trap', traps, cells)}"


def _table(
    title: str, rows: tuple[str, ...] | list[str], cells: Mapping[tuple[str, Release], str]
) -> str:
    lines = [_line(title, *(series_of(release) for release in RELEASES)), _line(*["---"] * 6)]
    lines += [_line(row, *(cells.get((row, one), "?") for one in RELEASES)) for row in rows]
    return "".join(lines)


def _line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n"


def read(text: str) -> Cells:
    """Read the tables of a document back; a `?` is no cell."""
    cells: Cells = {}
    written = text.partition(START)[2].partition(END)[0]
    for line in written.splitlines():
        found = _ROW.fullmatch(line)
        parts = found[1].split(" | ") if found else []
        if len(parts) == len(RELEASES) + 1 and parts[1] not in {"---", series_of(RELEASES[0])}:
            of_row = zip(RELEASES, parts[1:], strict=True)
            cells |= {(parts[0], release): cell for release, cell in of_row if cell != "?"}
    return cells
