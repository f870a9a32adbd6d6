"""What 50 open dashboards cost at 1,000 machines, while the network changes every five seconds.

Each page asks as its script does: every ten seconds, with the newest ETag. The baseline is one page
alone in the same run. Prints one JSON object; run it with the project's Python from any folder.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import fleets  # noqa: E402  # the path had to come first
from bench.apart import DATABASES, figures_of, fresh_database, prepare, spread  # noqa: E402
from bench.fleets import Fleet  # noqa: E402
from bench.serving import Web, served, session_cookie  # noqa: E402

PAGES, SECONDS = 50, 60
ALONE_SECONDS = 20
INTERVAL_S, CHANGE_S = 10, 5
CHANGED = 10
# About 1,000 machines.
FLEET = Fleet(223, 1)
STATS = "/api/dashboard/stats?with=problems"


@dataclass
class OpenPage(threading.Thread):
    """One dashboard that stays open; keeps the seconds of each refresh, by its status."""

    port: int
    cookie: str
    first_s: float
    until: float
    seconds: dict[int, list[float]] = field(default_factory=dict)
    sent: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    # A thread is told apart by what it is, not by its fields.
    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        headers = {"Cookie": self.cookie, "Accept-Encoding": "gzip"}
        time.sleep(self.first_s)
        while (started := time.perf_counter()) < self.until:
            # The server closes what was idle for five seconds: each refresh is a new connection.
            connection = http.client.HTTPConnection("localhost", self.port, timeout=10)
            connection.request("GET", STATS, headers=headers)
            response = connection.getresponse()
            self.sent += len(response.read())
            connection.close()
            self.seconds.setdefault(response.status, []).append(time.perf_counter() - started)
            headers["If-None-Match"] = response.headers["ETag"]
            time.sleep(max(0.0, INTERVAL_S - (time.perf_counter() - started)))


class Network:
    """The engine's list, of which some machines come and go at each change."""

    def __init__(self, seed: int) -> None:
        from network import queries  # noqa: PLC0415  # needs the settings
        from network.engine import client_for  # noqa: PLC0415

        (self._server,) = queries.servers()
        self._nodes = client_for(self._server).nodes()
        self._draws = random.Random(seed)  # noqa: S311  # a fleet is no secret
        self.cpu_s, self.changes = 0.0, 0

    def change(self) -> None:
        """Let some machines come or go, and store the list as a worker does."""
        from django.utils import timezone  # noqa: PLC0415

        from network.sync import synchronise  # noqa: PLC0415
        from network.tests.situations import ToldClient  # noqa: PLC0415

        moved = set(self._draws.sample([node.id for node in self._nodes], CHANGED))
        self._nodes = tuple(
            replace(node, online=not node.online) if node.id in moved else node
            for node in self._nodes
        )
        started = time.thread_time()
        run = synchronise(
            server_id=self._server.pk, client=ToldClient(self._nodes), clock=timezone.now
        )
        self.cpu_s += time.thread_time() - started
        assert run is not None
        assert run.outcome == "APPLIED", run.outcome
        self.changes += 1


def watched(web: Web, cookie: str, network: Network, pages: int, seconds: float) -> dict[str, Any]:
    """Keep pages open for some seconds and let the network change; return what it cost."""
    started, until = time.perf_counter(), time.perf_counter() + seconds
    cpu_s, sync_s = web.cpu_seconds(), network.cpu_s
    opened = [
        OpenPage(web.port, cookie, INTERVAL_S * number / pages, until) for number in range(pages)
    ]
    for page in opened:
        page.start()
    while time.perf_counter() < until:
        network.change()
        time.sleep(max(0.0, CHANGE_S - (time.perf_counter() - started) % CHANGE_S))
    for page in opened:
        page.join()
    took = time.perf_counter() - started
    by_status: dict[str, list[float]] = {}
    for page in opened:
        for status, values in page.seconds.items():
            by_status.setdefault(str(status), []).extend(values)
    everything = [value for values in by_status.values() for value in values]
    return {
        "pages": pages,
        "refreshes": {status: len(values) for status, values in by_status.items()},
        "by_status": {status: spread(values) for status, values in by_status.items()},
        **spread(everything),
        "bytes_a_refresh": round(sum(page.sent for page in opened) / len(everything)),
        "web_share_of_a_core": round((web.cpu_seconds() - cpu_s) / took, 3),
        "sync_share_of_a_core": round((network.cpu_s - sync_s) / took, 3),
    }


def measured(kind: str, pages: int, seconds: float) -> dict[str, Any]:
    """Return the figures of one page alone and of many."""
    with tempfile.TemporaryDirectory(prefix="fqb-") as name, fresh_database(kind) as address:
        folder = Path(name)
        prepare(address, **fleets.variables(FLEET, folder))
        from django.utils import timezone  # noqa: PLC0415

        machines = fleets.fill(FLEET, at=timezone.now())
        signed = session_cookie()
        cookie, network = f"{signed['name']}={signed['value']}", Network(seed=1)
        with served(folder) as web:
            watched(web, cookie, network, pages, CHANGE_S)
            alone = watched(web, cookie, network, 1, ALONE_SECONDS)
            many = watched(web, cookie, network, pages, seconds)
        from django.db import connection  # noqa: PLC0415

        connection.close()
    ratio = round(many["p95_ms"] / alone["p95_ms"], 2)
    return {"machines": machines, "alone": alone, "many": many, "ratio": ratio}


def main() -> None:
    """Measure on both databases, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--database", choices=DATABASES)
    options = parser.parse_args()
    found = {
        kind: figures_of(partial(measured, kind, options.pages, options.seconds))
        for kind in ([options.database] if options.database else DATABASES)
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
