"""The machine list as a file: the same rows by the same filters, safe to open anywhere."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from network import queries

# What a spreadsheet would take for a formula. Device text is hostile in a cell as well.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BYTE_ORDER_MARK = "\ufeff"


class _Echo:
    """A file that gives back each line, so that a long list is never held in memory."""

    def write(self, line: str) -> str:
        return line


def machine_file(rows: Any, *, at: datetime) -> StreamingHttpResponse:
    """Answer the machines as CSV in UTF-8 with a byte order mark, as Korean spreadsheets want."""
    response = StreamingHttpResponse(_lines(rows, at), content_type="text/csv; charset=utf-8")
    name = f"machines-{localtime(at):%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(rows: Any, at: datetime) -> Iterator[str]:
    writer = csv.writer(_Echo())
    head = [
        *(_("이름"), _("상태"), _("확인 시각"), _("약국"), _("역할"), _("주소"), _("태그")),
        *(_("만료"), _("운영체제"), _("클라이언트"), _("장치가 알린 이름"), _("서버"), _("메모")),
    ]
    yield _BYTE_ORDER_MARK + writer.writerow(head)
    for machine in rows.iterator(chunk_size=500):
        yield writer.writerow(cells(_values(machine, at)))


def _values(machine: Any, at: datetime) -> list[object]:
    return [
        machine.name,
        queries.look_of(machine, at=at).word,
        _moment(machine.server.confirmed_at),
        machine.pharmacy or "",
        machine.get_role_display(),
        " ".join(machine.addresses),
        " ".join(machine.tags),
        _moment(machine.expires_at),
        f"{machine.os} {machine.os_version}".strip(),
        machine.client_version,
        machine.hostname,
        machine.server,
        machine.notes,
    ]


def _moment(at: datetime | None) -> str:
    return "" if at is None else localtime(at).isoformat(timespec="seconds")


def cells(values: Iterable[object]) -> list[str]:
    """Return values as texts of which no spreadsheet makes a formula."""
    return [_cell(str(value)) for value in values]


def _cell(text: str) -> str:
    text = text.replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
