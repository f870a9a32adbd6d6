"""A policy is written, understood and set as a person does it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.system import System

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
EDITOR = "/admin/network/policyversion/server/1/"


def write(page: Page, text: str) -> None:
    page.click(".cm-content")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_a_text_that_cannot_be_read_is_marked_in_the_editor(system: System, page: Page) -> None:
    page.goto(EDITOR)
    write(page, '{\n "acls": [}')

    page.click("text=검사하고 차이 보기")

    expect(page.locator(".field-error[role=alert]")).to_contain_text("2줄 11칸")
    expect(page.locator(".cm-content")).to_contain_text('"acls": [}')
    expect(page.locator(".cm-lintRange-error")).to_have_text("}")


def test_a_policy_is_set_and_taken_back(system: System, page: Page) -> None:
    page.goto(EDITOR)
    expect(page.locator(".detail-head")).to_contain_text("격리 증명됨")
    write(page, '{\n  // 약국도 직원도 닿지 않음\n  "acls": [],\n}\n')

    page.click("text=검사하고 차이 보기")
    expect(page.locator(".difference .line-added").first).to_be_visible()
    page.click("text=엔진에 적용")

    expect(page.locator("body")).to_contain_text("적용했습니다.")
    expect(page.locator(".cm-content")).to_contain_text("약국도 직원도 닿지 않음")

    page.click(".detail-bar >> text=자동 정책 적용")
    page.click("dialog[open] button[type=submit]")
    expect(page.locator(".cm-content")).to_contain_text("autogroup:self")
