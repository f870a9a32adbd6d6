"""A signed-in browser before the running system; whatever it asks of other hosts is a failure."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.system import PASSWORD, System

OURS = {"127.0.0.1", "localhost", ""}


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    folder = Path(tempfile.mkdtemp(prefix="fqb-"))  # Short: unix sockets end at 107 characters.
    running = System(folder)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def still(system: System) -> System:
    """The system with every machine connected and held there."""
    system.hold(online=True)
    return system


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/login/?next=/admin/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-dashboard]")


@pytest.fixture(scope="session")
def signed_in(browser: Browser, system: System) -> Any:
    """The cookies of the administrator."""
    context = browser.new_context()
    sign_in(context.new_page(), system.url)
    state = context.storage_state()
    context.close()
    return state


def watched(context: BrowserContext) -> list[str]:
    """Collect what no page may do: ask other hosts, fail in a script, break its own policy."""
    wrong: list[str] = []

    def look(url: str) -> None:
        if (urlsplit(url).hostname or "") not in OURS:
            wrong.append(url)

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: (
                wrong.append(said.text) if "Content Security Policy" in said.text else None
            ),
        )

    context.on("request", lambda request: look(request.url))
    context.on("page", listen)
    return wrong


@pytest.fixture
def context(browser: Browser, system: System, signed_in: Any) -> Iterator[BrowserContext]:
    made = browser.new_context(storage_state=signed_in, locale="ko-KR", base_url=system.url)
    wrong = watched(made)
    yield made
    made.close()
    assert wrong == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
