"""The main job on the real thing: from a real engine to the operator's page and back."""

from __future__ import annotations

import json
import signal
import time

import pytest
from playwright.sync_api import Browser, Page

from tests.real_headscale.conftest import PASSWORD, System
from tests.real_headscale.engine import Client, Engine, wait_until

pytestmark = [pytest.mark.real_headscale, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def page(browser: Browser, system: System) -> Page:
    page = browser.new_page(locale="ko-KR")
    page.goto(f"{system.url}/admin/login/?next=/admin/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-dashboard]")
    return page


def shown(page: Page, name: str) -> str:
    return page.inner_text(f'[data-stat="{name}"]').strip()


def press(page: Page, system: System, name: str, verb: str, new_name: str = "") -> None:
    """Press a machine's button as a person does, and wait for the toast."""
    machine = system.nodes()[name]["machine"]
    page.goto(f"{system.url}/admin/network/machineprofile/{machine}/change/")
    page.click(f".detail-bar >> text={verb}")
    if new_name:
        page.fill("dialog[open] input[name=new_name]", new_name)
    page.click("dialog[open] button[type=submit]")
    page.wait_for_selector(".toast-success", timeout=20000)


def test_main_job(engine: Engine, system: System, clients: dict[str, Client], page: Page) -> None:
    """One story in its order, because each step stands on the one before."""
    seen = _both_are_shown(system, page)
    seen |= _a_stopped_client_is_noticed(system, page, clients["counter-2"])
    _a_restart_marks_nobody_offline(engine, system)
    _buttons_take_effect(engine, system, page)

    assert seen["row offline"] <= 25
    assert seen["page offline"] <= 35
    report = {"release": engine.binary, **{name: round(s, 1) for name, s in seen.items()}}
    print(json.dumps(report))  # noqa: T201  # the figures of docs/measurements.md


def _both_are_shown(system: System, page: Page) -> dict[str, float]:
    def two_of_two() -> bool:
        return (shown(page, "online"), shown(page, "total")) == ("2", "2")

    seconds = wait_until(two_of_two, 35)
    assert {node["pharmacy"]["name"] for node in system.nodes().values()} == {"실물약국"}
    return {"page shows 2/2": seconds}


def _a_stopped_client_is_noticed(system: System, page: Page, client: Client) -> dict[str, float]:
    client.stop(signal.SIGKILL)
    stopped = time.monotonic()

    def row_is_offline() -> bool:
        return bool(system.nodes()[client.name]["status"] == "offline")

    def page_says_offline() -> bool:
        return shown(page, "offline") == "1"

    row = wait_until(row_is_offline, 25)
    wait_until(page_says_offline, 35 - row)
    on_page = time.monotonic() - stopped
    client.start()
    back = wait_until(lambda: both_online(system), 60)
    return {"row offline": row, "page offline": on_page, "back online": back}


def both_online(system: System) -> bool:
    return bool(system.stats()["online_machines"] == 2)


def _a_restart_marks_nobody_offline(engine: Engine, system: System) -> None:
    engine.stop()
    engine.start()
    watched = time.monotonic()
    while time.monotonic() - watched < 40:
        stats = system.stats()
        assert stats["offline_machines"] == 0, stats
        time.sleep(0.5)
    wait_until(lambda: both_online(system), 30)


def _buttons_take_effect(engine: Engine, system: System, page: Page) -> None:
    press(page, system, "counter-1", "이름 바꾸기", new_name="front-1")
    assert _names(engine) == {"front-1", "counter-2"}
    press(page, system, "front-1", "만료시키기")
    assert system.nodes()["front-1"]["status"] == "expired"
    press(page, system, "counter-2", "삭제")
    assert _names(engine) == {"front-1"}


def _names(engine: Engine) -> set[str]:
    """The engine's own list, in the names of either dialect."""
    nodes = engine.ask("nodes", "list")
    return {node.get("given_name") or node["givenName"] for node in nodes}
