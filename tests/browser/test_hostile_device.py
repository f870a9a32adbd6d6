"""Devices and users that call themselves scripts are shown as text, and nothing of them runs."""

from __future__ import annotations

import http.client
import json

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


@pytest.mark.parametrize("megabytes", [3, 8])
def test_who_sends_too_much_is_told_so(system: System, megabytes: int) -> None:
    """The answer arrives although it was given before the end, on a connection in use as well."""
    headers = {"Content-Type": "application/json", "Authorization": f"Token {system.token}"}
    for _ in range(5):
        connection = http.client.HTTPConnection("127.0.0.1", system.port, timeout=20)
        connection.request("GET", "/api/nodes", headers=headers)
        assert connection.getresponse().read()

        connection.request("POST", "/api/nodes/1/rename", b" " * megabytes * 1_000_000, headers)
        answer = connection.getresponse()

        assert answer.status == http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        assert json.loads(answer.read())["code"] == "too_large"
        connection.close()
