"""Devices and users that call themselves scripts are shown as text, and nothing of them runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Page

from network.headscale.simulator import control
from tests.browser.system import System, wait_until
from tests.hostile.payloads import PAYLOADS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LIST = "/admin/network/machineprofile/"
HEARD = "window.ran = []; window.fetch = new Proxy(window.fetch, {apply: (call, self, words) => {"
WATCH = f"{HEARD} if (String(words[0]).includes('owned')) window.ran.push(words[0]);"
WATCH += "return Reflect.apply(call, self, words); }});"


def test_nothing_of_a_hostile_name_runs(system: System, page: Page) -> None:
    told: list[str] = []

    def hear(dialog: Dialog) -> None:
        told.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    page.add_init_script(WATCH)
    nodes = [control.join(system.engine, text, text) for text in PAYLOADS[::6]]
    wait_until(lambda: set(nodes) <= {one["node_id"] for one in system.nodes("assigned=false")}, 30)
    machines = [one["machine"] for one in system.nodes("assigned=false")]

    shown = 0

    for path in ("/admin/", f"{LIST}?assigned=no", *(f"{LIST}{pk}/change/" for pk in machines)):
        page.goto(path)
        page.wait_for_load_state("networkidle")

        shown += "owned" in page.inner_text("body") or "alert(1)" in page.inner_text("body")
        assert told == []
        assert "owned" not in page.title()
        assert page.evaluate("window.ran") == []

    assert shown >= len(nodes)
