"""A machine is renamed and deleted as a person does it, with and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.system import System

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LIST = "/admin/network/machineprofile/"


def path_of(node: dict[str, Any]) -> str:
    return f"{LIST}{node['machine']}/change/"


def test_signing_in(browser: Browser, system: System) -> None:
    page = browser.new_context(locale="ko-KR").new_page()
    page.goto(f"{system.url}/admin/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", "wrong")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "login" in page.url

    sign_in(page, system.url)

    assert page.url == f"{system.url}/admin/"
    expect(page.locator("body")).to_contain_text("모의 엔진입니다.")
    page.context.close()


def test_rename(system: System, page: Page) -> None:
    node = system.nodes("assigned=true")[0]
    page.goto(path_of(node))
    page.evaluate("window.stayed = true")

    page.click(".detail-bar >> text=이름 바꾸기")
    page.fill("dialog[open] input[name=new_name]", "renamed-1")
    page.click("dialog[open] button[type=submit]")

    expect(page.locator(".toast-success")).to_contain_text("이름을 바꾸었습니다.")
    expect(page.locator("h1", has_text="renamed-1")).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text("이름 바꾸기")
    assert page.evaluate("window.stayed")
    assert system.ask("GET", f"/api/nodes/{node['node_id']}")[1]["data"]["name"] == "renamed-1"


def test_a_refused_name_says_why(system: System, page: Page) -> None:
    node, other = system.nodes("assigned=true")[1:3]
    page.goto(path_of(node))

    page.click(".detail-bar >> text=이름 바꾸기")
    page.fill("dialog[open] input[name=new_name]", other["name"])
    page.click("dialog[open] button[type=submit]")

    toast = page.locator(".toast-failure")
    expect(toast).to_contain_text(f"이미 쓰고 있는 이름입니다: {other['name']}")
    assert toast.get_attribute("role") == "alert"


def test_a_dialog_is_left_without_a_trace(system: System, page: Page) -> None:
    node = system.nodes("assigned=true")[1]
    page.goto(path_of(node))

    page.click(".detail-bar >> text=삭제")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.click(".detail-bar >> text=삭제")
    page.click("dialog[open] >> text=그만두기")

    expect(page.locator("dialog[open]")).to_have_count(0)
    assert system.ask("GET", f"/api/nodes/{node['node_id']}")[0] == 200


def test_delete_with_the_fixed_question(system: System, page: Page) -> None:
    node = system.nodes("assigned=true")[-1]
    page.goto(path_of(node))

    page.click(".detail-bar >> text=삭제")
    question = page.locator("dialog[open] .dialog-question").inner_text()
    page.click("dialog[open] button[type=submit]")
    page.wait_for_url(f"**{LIST}")

    assert question == (
        f'정말로 머신 "{node["name"]}"를 삭제하시겠습니까?\n\n삭제된 항목은 복구할 수 없습니다.'
    )
    expect(page.locator(".toast-success")).to_contain_text("삭제했습니다.")
    assert system.ask("GET", f"/api/nodes/{node['node_id']}")[0] == 404


def test_everything_works_without_scripts(browser: Browser, system: System, signed_in: Any) -> None:
    context = browser.new_context(
        storage_state=signed_in, java_script_enabled=False, base_url=system.url, locale="ko-KR"
    )
    page, node = context.new_page(), system.nodes("assigned=true")[2]
    page.goto(path_of(node))

    page.click(".detail-bar >> text=이름 바꾸기")
    page.fill("input[name=new_name]", "plain-1")
    page.click("main button[type=submit], form button.button-primary")

    expect(page.locator("h1", has_text="plain-1")).to_be_visible()
    expect(page.locator("body")).to_contain_text("이름을 바꾸었습니다.")
    context.close()


def test_the_list_is_searched_and_filtered(system: System, page: Page) -> None:
    node = system.nodes("assigned=true")[0]
    page.goto(LIST)

    page.fill("#searchbar", node["name"])
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")

    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list")).to_contain_text(node["pharmacy"]["name"])
