"""How long until a person can use the machine list in Chromium, with 450 and 5,000 machines.

Usable: the document is complete, its scripts have run and the page was painted. Beside it stands a
page of the same frame without a list. Prints one JSON object; run it with the project's Python.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402  # after the path

from bench import fleets  # noqa: E402
from bench.apart import DATABASES, figures_of, fresh_database, prepare, spread  # noqa: E402
from bench.fleets import Fleet  # noqa: E402
from bench.serving import served, session_cookie  # noqa: E402
from tests import environment  # noqa: E402

ROUNDS = 15
LIST = "/admin/network/machineprofile/"
FRAME = "/admin/password_change/"
QUIET = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# After the scripts of the page, two frames later: then everything was painted once.
USABLE = """
document.addEventListener("DOMContentLoaded", () =>
  setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => {
    window.usableAt = performance.now();
  })), 0));
"""


def measured(fleet: Fleet, kind: str, rounds: int) -> dict[str, Any]:
    """Return the figures of one fleet."""
    with tempfile.TemporaryDirectory(prefix="fqb-") as name, fresh_database(kind) as address:
        folder = Path(name)
        prepare(address, **fleets.variables(fleet, folder))
        from django.db import connection  # noqa: PLC0415  # needs the settings
        from django.utils import timezone  # noqa: PLC0415

        machines = fleets.fill(fleet, at=timezone.now())
        cookie = session_cookie()
        connection.close()
        with served(folder) as web, sync_playwright() as playwright:
            program = environment.chromium()
            browser = playwright.chromium.launch(executable_path=program, args=QUIET)
            found = _in_browser(browser, {**cookie, "url": web.url}, rounds)
            browser.close()
        return {"machines": machines, **found}


def _in_browser(browser: Browser, cookie: dict[str, str], rounds: int) -> dict[str, Any]:
    """Load each page in a browser that has seen nothing, then again in one that has."""
    seconds: dict[str, list[float]] = {
        name: [] for name in ("frame", "list, first visit", "list", "search", "sort click")
    }
    for _ in range(rounds + 1):
        context = browser.new_context(locale="ko-KR")
        context.add_cookies([cookie])  # type: ignore[list-item]  # a plain dictionary does
        context.add_init_script(USABLE)
        page, url = context.new_page(), cookie["url"]
        seconds["list, first visit"].append(_usable_s(page, url + LIST))
        seconds["list"].append(_usable_s(page, url + LIST))
        seconds["frame"].append(_usable_s(page, url + FRAME))
        seconds["search"].append(_usable_s(page, f"{url}{LIST}?q=gateway"))
        seconds["sort click"].append(_usable_s(page, f"{url}{LIST}?o=-5"))
        context.close()
    # The first round warms the server.
    found: dict[str, Any] = {name: spread(values[1:]) for name, values in seconds.items()}
    for figures in found.values():
        figures["ratio"] = round(figures["median_ms"] / found["frame"]["median_ms"], 2)
    return found


def _usable_s(page: Page, url: str) -> float:
    """Return the seconds from the beginning of the navigation until the page is usable."""
    page.goto(url, wait_until="commit")
    handle = page.wait_for_function("window.usableAt")
    if LIST in url:
        assert page.locator("#result_list tbody tr").count() > 0, url
    return float(handle.json_value()) / 1000


def main() -> None:
    """Measure the small and the large fleet, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    options = parser.parse_args()
    sizes = (Fleet(fleets.SMALL, 1), Fleet(fleets.LARGE, 1))
    found = {
        fleet.name: figures_of(partial(measured, fleet, options.database, options.rounds))
        for fleet in sizes
    }
    small, large = (found[fleet.name]["list"]["median_ms"] for fleet in sizes)
    result = {"rounds": options.rounds, **found, "growth": round(large / small, 2)}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
