"""What each page of the administration costs the server, with fleets of 450 and 5,000 machines.

The baseline is a page of the same frame that reads no fleet, measured in turn with the others;
`cpu_ms` is this process's own time, which other work beside it does not change. Prints one JSON
object; run it with the project's Python from any folder.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import fleets  # noqa: E402  # the path had to come first
from bench.apart import DATABASES, figures_of, fresh_database, prepare, spread  # noqa: E402
from bench.fleets import FLEETS, Fleet  # noqa: E402

ROUNDS = 40
SYNC_ROUNDS = 9
BASELINE = "frame"
LIST = "/admin/network/machineprofile/"
STATS = "/api/dashboard/stats?with=problems"
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Page:
    """An address, and whether its newest ETag is sent along."""

    name: str
    url: str
    tagged: bool = False


class Statements(list[str]):
    """The statements that were sent while it was listening."""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.append(sql)
        return execute(sql, params, many, context)

    @property
    def writes(self) -> list[str]:
        return [sql for sql in self if sql.startswith(WRITES)]


@contextmanager
def statements() -> Iterator[Statements]:
    """Listen to what is asked of our database."""
    from django.db import connection  # noqa: PLC0415  # needs the settings

    heard = Statements()
    with connection.execute_wrapper(heard):
        yield heard


def pages() -> list[Page]:
    """Return the addresses that are measured; the fleet is there already."""
    from network.models import MachineProfile  # noqa: PLC0415
    from pharmacies.tenancy import platform_context  # noqa: PLC0415

    with platform_context():
        rows = MachineProfile.objects.filter(gone_at=None).order_by("pk")
        machine = rows.select_related("pharmacy")[rows.count() // 2]
    assert machine.pharmacy is not None
    found = [
        Page("machine list", LIST),
        Page("list, last page", f"{LIST}?p={max(rows.count() // 100, 1)}"),
        Page("list, sorted by expiry", f"{LIST}?o=-5"),
        Page("search by name", f"{LIST}?q={machine.name}"),
        Page("search by consonant", f"{LIST}?q=ㄱㅇ"),
        Page("search by address", f"{LIST}?q={machine.addresses[0]}"),
        Page("search, nothing found", f"{LIST}?q=zzzz"),
        Page("filter offline", f"{LIST}?status=offline"),
        Page("filter pharmacy", f"{LIST}?pharmacy={machine.pharmacy_id}"),
        Page("filters together", f"{LIST}?os=windows&status=online&assigned=yes"),
        Page("machine page", f"{LIST}{machine.pk}/change/"),
        Page("dashboard", "/admin/"),
        Page("stats", STATS),
        Page("stats with ETag", STATS, tagged=True),
    ]
    return [Page(BASELINE, "/admin/password_change/"), *found]


def measured(fleet: Fleet, kind: str, rounds: int) -> dict[str, Any]:
    """Return the figures of one fleet on one database."""
    with tempfile.TemporaryDirectory(prefix="fqb-") as folder, fresh_database(kind) as address:
        prepare(address, **fleets.variables(fleet, Path(folder)))
        from django.db import connection  # noqa: PLC0415
        from django.utils import timezone  # noqa: PLC0415

        machines = fleets.fill(fleet, at=timezone.now())
        if kind == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        found = {"machines": machines, "pages": _pages(rounds), "sync": _sync()}
        connection.close()
        return found


def _pages(rounds: int) -> dict[str, Any]:
    client, wanted = _signed_in(), pages()
    calls = {page.name: partial(client.get, page.url, **_headers(client, page)) for page in wanted}
    found: dict[str, dict[str, Any]] = {}
    for name, call in calls.items():
        call()
        with statements() as heard:
            response = call()
        expected = 304 if name == "stats with ETag" else 200
        assert response.status_code == expected, (name, response.status_code)
        found[name] = {"statements": len(heard), **_sizes(response)}
    # In turn, so that whatever else the machine does meets every page alike.
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    cpu: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.process_time()
            seconds[name].append(_seconds(call))
            cpu[name].append(time.process_time() - began)
    reading = spread(seconds[BASELINE])["median_ms"]
    for name, row in found.items():
        times = spread(seconds[name])
        own = spread(cpu[name])["median_ms"]
        row.update(times, cpu_ms=own, ratio=round(times["median_ms"] / reading, 2))
    return found


def _signed_in() -> Any:
    from django.test import Client  # noqa: PLC0415

    from pharmacies.access.models import User  # noqa: PLC0415
    from pharmacies.tenancy import platform_context  # noqa: PLC0415

    with platform_context():
        user = User.objects.create_superuser("bench")
    client = Client(headers={"host": "localhost", "accept-encoding": "gzip"})
    client.force_login(user)
    return client


def _headers(client: Any, page: Page) -> dict[str, Any]:
    if not page.tagged:
        return {}
    return {"headers": {"if-none-match": client.get(page.url).headers["ETag"]}}


def _sizes(response: Any) -> dict[str, int]:
    """Return the bytes as they are sent, and as they were before compression."""
    import gzip  # noqa: PLC0415

    sent: bytes = response.content
    packed = response.headers.get("Content-Encoding") == "gzip"
    return {"bytes": len(gzip.decompress(sent)) if packed else len(sent), "sent": len(sent)}


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _sync() -> dict[str, Any]:
    """Synchronise every server with an unchanged list: own time, statements and writes of one."""
    from django.utils import timezone  # noqa: PLC0415

    from network import queries  # noqa: PLC0415
    from network.engine import client_for  # noqa: PLC0415
    from network.sync import synchronise  # noqa: PLC0415
    from network.tests.situations import ToldClient  # noqa: PLC0415

    lists = {server.pk: client_for(server).nodes() for server in queries.servers()}
    seconds = []
    for _ in range(SYNC_ROUNDS):
        for number, nodes in lists.items():
            with statements() as heard:
                started = time.perf_counter()
                run = synchronise(server_id=number, client=ToldClient(nodes), clock=timezone.now)
                seconds.append(time.perf_counter() - started)
            assert run is not None
            assert run.outcome == "APPLIED", run.outcome
    return {
        "machines_a_server": max(map(len, lists.values())),
        "statements": len(heard),
        "writes": [" ".join(sql.split()[:3]) for sql in heard.writes],
        **spread(seconds),
    }


def growth(found: dict[str, dict[str, Any]], servers: int) -> dict[str, float]:
    """Return how the medians grow from the small to the large fleet, page by page."""
    sizes = (fleets.SMALL, fleets.LARGE)
    small, large = (found[Fleet(size, servers).name]["pages"] for size in sizes)
    return {name: round(large[name]["median_ms"] / small[name]["median_ms"], 2) for name in small}


def main() -> None:
    """Measure every fleet on both databases, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--servers", type=int, choices=sorted({one.servers for one in FLEETS}))
    options = parser.parse_args()
    result: dict[str, Any] = {"rounds": options.rounds}
    for kind in [options.database] if options.database else DATABASES:
        found = {
            fleet.name: figures_of(partial(measured, fleet, kind, options.rounds))
            for fleet in FLEETS
            if options.servers in (None, fleet.servers)
        }
        result[kind] = {**found, "growth": growth(found, options.servers or 1)}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
