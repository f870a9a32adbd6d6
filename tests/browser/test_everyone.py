"""Pages that everyone can use: both themes, a telephone, and nothing left open to strangers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page

from tests.browser.conftest import sign_in
from tests.browser.system import OTHER_HOST, ROOT, System

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PAGES = {
    "dashboard": "/admin/",
    "machines": "/admin/network/machineprofile/",
    "machine": "/admin/network/machineprofile/{machine}/change/",
    "rename": "/admin/network/machineprofile/{machine}/rename/",
    "delete": "/admin/network/machineprofile/{machine}/remove/",
    "pharmacies": "/admin/pharmacies/pharmacy/",
    "commands": "/admin/network/headscalecommand/",
    "command": "/admin/network/headscalecommand/{command}/change/",
    "syncs": "/admin/network/syncrun/",
    "policies": "/admin/network/policyversion/",
    "policy": "/admin/network/policyversion/server/1/",
    "policy version": "/admin/network/policyversion/1/change/",
    "server": "/admin/network/headscaleserver/1/change/",
    "users": "/admin/network/headscaleuser/",
    "keys": "/admin/network/headscalepreauthkey/",
    "routes": "/admin/network/machineprofile/routes/",
    "links": "/admin/pharmacies/pharmacy/links/",
    "bulk": "/admin/network/bulkjob/",
    "blocks": "/admin/blocks/",
}
THEMES = ["light", "dark"]
LANGUAGES = ["ko-KR", "en-US"]
RUN_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""
WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().right > 391)
  .map((one) => one.outerHTML.slice(0, 120))
  .slice(document.documentElement.scrollWidth > 390 ? 0 : Infinity)"""
SMALL = """() => [...document.querySelectorAll(".farmq button, .farmq .button")]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def rows(system: System) -> dict[str, str]:
    """A machine, and a command about it."""
    node = system.nodes("assigned=true")[0]
    system.ask("POST", f"/api/nodes/{node['node_id']}/rename", {"new_name": "looked-at-1"})
    command = "from network.models import HeadscaleCommand as C; from pharmacies.tenancy import *"
    show = "with platform_context(): print(C.objects.order_by('pk').last().pk)"
    number = system.manage("shell", "-v", "0", "-c", f"{command}\n{show}")
    return {"machine": str(node["machine"]), "command": number}


@pytest.fixture(scope="module")
def desk(browser: Browser, signed_in: Any) -> Iterator[Page]:
    """One page for all looks at a desk: what it loaded once, it keeps, as an operator's does."""
    context = browser.new_context(storage_state=signed_in, locale="ko-KR", reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def telephones(browser: Browser, signed_in: Any) -> Iterator[dict[str, Page]]:
    """A telephone of each language."""
    small: Any = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    contexts = {
        language: browser.new_context(storage_state=signed_in, locale=language, **small)
        for language in LANGUAGES
    }
    yield {language: context.new_page() for language, context in contexts.items()}
    for context in contexts.values():
        context.close()


def violations(page: Page) -> list[str]:
    if not AXE.exists():
        assert os.environ.get("CI") != "true", "missing part: axe-core"
        pytest.skip("missing part: axe-core")
    page.evaluate(Path(AXE).read_text("utf-8"))
    found: list[str] = page.evaluate(RUN_AXE)
    return found


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PAGES)
def test_no_serious_barrier(
    desk: Page, system: System, rows: dict[str, str], name: str, theme: Any
) -> None:
    desk.emulate_media(color_scheme=theme)
    desk.goto(system.url + PAGES[name].format(**rows))

    assert violations(desk) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", ["/admin/login/", "/accounts/login/", "/admin/nothing/"])
def test_no_serious_barrier_before_the_door(
    browser: Browser, system: System, path: str, theme: Any
) -> None:
    context = browser.new_context(color_scheme=theme, locale="ko-KR")
    page = context.new_page()
    page.goto(system.url + path)

    found = violations(page)

    context.close()
    assert found == []


@pytest.mark.parametrize("theme", THEMES)
def test_no_serious_barrier_in_a_dialog(
    desk: Page, system: System, rows: dict[str, str], theme: Any
) -> None:
    desk.emulate_media(color_scheme=theme)
    desk.goto(system.url + PAGES["machine"].format(**rows))
    desk.click(".detail-bar >> text=삭제")

    assert violations(desk) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_telephone_is_enough(
    telephones: dict[str, Page], system: System, rows: dict[str, str], name: str, language: str
) -> None:
    page = telephones[language]
    page.goto(system.url + PAGES[name].format(**rows))

    assert (page.evaluate(WIDE), page.evaluate(SMALL)) == ([], [])


def test_the_developers_hand_on_this_machine(system: System, page: Page) -> None:
    page.goto("/admin/")
    page.wait_for_function("window.farmqDebug")

    names = page.evaluate("Object.keys(window.farmqDebug).sort()")
    shown = page.evaluate("window.farmqDebug.showNodeStatus()")
    tested = page.evaluate("window.farmqDebug.testAPI('/api/dashboard/stats')")
    refreshed = page.evaluate("window.farmqDebug.refreshStats()")

    assert names == ["refreshStats", "showNodeStatus", "testAPI"]
    assert len(shown) == len(system.nodes())
    assert tested["success"] is True
    assert refreshed is True


def test_no_hand_under_another_name(
    browser_type: BrowserType, browser_type_launch_args: Any, system: System
) -> None:
    rules = f"--host-resolver-rules=MAP {OTHER_HOST} 127.0.0.1"
    arguments = browser_type_launch_args | {"args": [*browser_type_launch_args["args"], rules]}
    browser = browser_type.launch(**arguments)
    page = browser.new_page()

    sign_in(page, f"http://{OTHER_HOST}:{system.port}")
    page.wait_for_timeout(300)
    found = page.evaluate("typeof window.farmqDebug")

    browser.close()
    assert found == "undefined"
