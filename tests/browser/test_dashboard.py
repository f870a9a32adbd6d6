"""The first page stays true by itself, with one request every ten seconds, and never pretends."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.system import System, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
STATS = "**/api/dashboard/stats*"
INTERVAL_MS = 10_000


def opened(page: Page) -> list[Request]:
    """Open the dashboard under a clock that the test turns; returns the growing list of polls."""
    polls: list[Request] = []
    page.clock.install()
    page.goto("/admin/")
    page.on("request", lambda r: polls.append(r) if "/dashboard/stats" in r.url else None)
    return polls


def stat(page: Page, name: str) -> int:
    return int(page.inner_text(f'[data-stat="{name}"]'))


def turn(page: Page, polls: list[Request], milliseconds: int = INTERVAL_MS) -> None:
    """Let the page's time pass, and its next poll be answered: only then its clock goes on."""
    seen = len(polls)
    page.clock.run_for(milliseconds)
    wait_for_polls(page, polls, seen + 1)
    polls[-1].response()
    page.wait_for_timeout(150)


def wait_for_polls(page: Page, polls: list[Request], number: int) -> None:
    def polled() -> bool:
        page.wait_for_timeout(20)
        return len(polls) >= number

    wait_until(polled, 5)


def test_a_count_changes_within_one_refresh(still: System, page: Page) -> None:
    wait_until(lambda: still.stats()["offline_machines"] == 0, 10)
    polls = opened(page)
    before = stat(page, "online")
    assert stat(page, "offline") == 0

    node = still.nodes("assigned=true")[0]
    still.set_online(node["node_id"], online=False)
    wait_until(lambda: still.stats()["offline_machines"] == 1, 10)
    turn(page, polls)

    expect(page.locator('[data-stat="offline"]')).to_have_text("1")
    expect(page.locator('[data-stat="online"]')).to_have_text(str(before - 1))
    expect(page.locator("[data-problem-count]")).to_have_text("1")
    expect(page.locator("[data-fragment=problems]")).to_contain_text(node["pharmacy"]["name"])


def test_what_did_not_change_is_not_sent_again(still: System, page: Page) -> None:
    wait_until(lambda: still.stats()["offline_machines"] == 0, 10)
    polls = opened(page)

    for _ in range(3):
        turn(page, polls)

    answers = [poll.response() for poll in polls]
    assert len(polls) == 3
    assert [answer.status for answer in answers if answer] == [200, 304, 304]
    assert polls[1].headers["if-none-match"]
    assert {poll.url.partition("?")[2] for poll in polls} == {"with=problems"}


def test_the_age_grows_and_is_refreshed(system: System, page: Page) -> None:
    polls = opened(page)
    age = page.locator("[data-freshness] [data-age]")

    page.clock.run_for(8_000)
    expect(age).to_have_text(re.compile(r"^\d+초 전$"))
    shown = int(re.sub(r"\D", "", age.inner_text()))
    turn(page, polls, 2_100)

    assert shown >= 7
    assert polls


def test_a_hidden_tab_asks_nothing(system: System, page: Page) -> None:
    polls = opened(page)
    hide = """hidden => Object.defineProperty(
        document, "hidden", {get: () => hidden, configurable: true}
    )"""

    page.evaluate(hide, True)
    page.clock.run_for(120_000)
    page.wait_for_timeout(200)
    asleep = len(polls)
    page.evaluate(hide, False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    wait_for_polls(page, polls, 1)

    assert asleep == 0
    assert len(polls) == 1


@pytest.mark.parametrize("failure", ["silent", "error"])
def test_the_numbers_stay_when_nobody_answers(system: System, page: Page, failure: str) -> None:
    polls = opened(page)
    turn(page, polls)
    numbers = page.locator("[data-stat]").all_inner_texts()
    note = page.locator("[data-stale-note]")
    expect(note).to_be_hidden()

    def fail(route: Route) -> None:
        route.abort() if failure == "silent" else route.fulfill(status=502, body="<html>")

    page.route(STATS, fail)
    turn(page, polls)
    page.clock.run_for(21_000)

    expect(note).to_be_visible()
    expect(note).to_have_text(re.compile(r"^\d+(초|분) 전 자료입니다\. 서버가 응답하지 않아"))
    assert page.locator("[data-stat]").all_inner_texts() == numbers

    page.unroute(STATS)
    for _ in range(12):  # In steps, because a request has fifteen seconds of the page's time.
        page.clock.run_for(5_000)
        page.wait_for_timeout(400)
        if note.is_hidden():
            break
    expect(note).to_be_hidden()


def test_nothing_moves_under_the_pointer(still: System, page: Page) -> None:
    node = still.nodes("assigned=true")[0]
    still.set_online(node["node_id"], online=False)
    wait_until(lambda: still.stats()["pharmacies_partial"] == 1, 10)
    polls = opened(page)
    link = page.locator("[data-fragment=problems] a.problem").first
    link.hover()
    handle = link.element_handle()

    nodes = still.nodes("assigned=true")
    other = next(one for one in nodes if one["pharmacy"] != node["pharmacy"])
    still.set_online(other["node_id"], online=False)
    wait_until(lambda: still.stats()["pharmacies_partial"] == 2, 10)
    turn(page, polls)

    assert handle.evaluate("element => element.isConnected")
    expect(page.locator('[data-stat="offline"]')).to_have_text("2")
