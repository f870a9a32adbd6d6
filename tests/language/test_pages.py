"""Each page speaks one language: Korean without English left-overs, English without Hangul."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.language import messages
from tests.language.conftest import Stage
from tests.language.page_text import spoken

pytestmark = pytest.mark.any_database

# Names and technical words that a Korean page says as they are.
TECHNICAL = {
    *("alpha", "farmq", "headscale", "simulator", "admin", "default", "colorvariant", "text"),
    *("api", "csv", "esc", "id", "ip", "json", "kb", "ko", "kst", "mib", "pc", "tag", "url", "utc"),
}
WORD = re.compile(r"[A-Za-z]{2,}")
# Addresses, keys, codes and times: whatever no sentence holds.
VALUE = re.compile(r"\S*[/@:_=&#]\S*|\S*\d\S*|\b[A-Z]+\b")
LISTS = (
    "pharmacies_company", "pharmacies_pharmacy", "network_machineprofile",
    "network_headscalecommand", "network_syncrun", "network_headscaleuser", "network_pharmacylink",
    "network_headscaleserver", "access_user", "access_apitoken", "access_auditevent",
    "screens_screenlayout",
)  # fmt: skip
FORMS = ("pharmacies_company", "pharmacies_pharmacy", "access_user", "screens_screenlayout")
ROWS = {
    "company": "pharmacies_company",
    "pharmacy": "pharmacies_pharmacy",
    "machine": "network_machineprofile",
    "command": "network_headscalecommand",
    "run": "network_syncrun",
    "user": "access_user",
    "server": "network_headscaleserver",
}
ACTIONS = ("assign", "rename", "expire", "remove")
# Sample data among the building blocks.
SAMPLES = {"· user:예시"}
SINGLE = {
    "dashboard": "/admin/",
    "blocks": "/admin/blocks/",
    "screens": "/screens/?company=ALPHA",
    "choice of a company": "/screens/",
    "own password": "/admin/password_change/",
    "missing page": "/nowhere/",
    "missing row": "/admin/network/machineprofile/0/change/",
    "screen": "/screens/1/?company=ALPHA",
    "login": "/accounts/login/",
    "staff login": "/admin/login/",
}
PLACES = (
    *SINGLE,
    *(f"{kind} {name}" for kind in ("list", "empty") for name in LISTS),
    *(f"add {name}" for name in FORMS),
    *(f"change {name}" for name in ROWS),
    *(f"machine {name}" for name in ACTIONS),
    *("layout change", "layout delete", "pharmacy delete", "user password_change"),
)


def address(stage: Stage, place: str) -> str:
    """The address of a named place of the stage."""
    kind, _, name = place.rpartition(" ")
    if place in SINGLE:
        return SINGLE[place]
    if kind in {"list", "empty", "add"}:
        of_company = "?company=ALPHA" if "screen" in name and kind != "empty" else ""
        action, search = ("add", "") if kind == "add" else ("changelist", "?q=zzzzzz")
        return reverse(f"admin:{name}_{action}") + (search if kind == "empty" else of_company)
    return _of_row(stage, kind, name)


def _of_row(stage: Stage, kind: str, name: str) -> str:
    if kind == "change":
        return reverse(f"admin:{ROWS[name]}_change", args=[getattr(stage, name).pk])
    if kind == "layout":
        number = stage.layout.layout_id
        return reverse(f"admin:screens_screenlayout_{name}", args=[number]) + "?company=ALPHA"
    if kind == "machine":
        return reverse("admin:network_machine_action", args=[stage.machine.pk, name])
    view = {
        "pharmacy": f"pharmacies_pharmacy_{name}",
        "user": f"auth_user_{name}",
    }[kind]
    return reverse(f"admin:{view}", args=[getattr(stage, kind).pk])


def page(stage: Stage, place: str, language: str) -> list[str]:
    client = Client() if place.endswith("login") else stage.client
    answer = client.get(address(stage, place), HTTP_ACCEPT_LANGUAGE=language, follow=True)
    assert answer.status_code == (404 if place.startswith("missing") else 200)
    return spoken(answer.content.decode())


@pytest.mark.parametrize("place", PLACES)
def test_a_korean_page_has_no_english_words(stage: Stage, place: str) -> None:
    texts = page(stage, place, "ko")

    left_over = [
        text
        for text in texts
        if {word.lower() for word in WORD.findall(VALUE.sub(" ", text))} - TECHNICAL
    ]

    assert not left_over


@pytest.mark.parametrize("place", PLACES)
def test_an_english_page_has_no_hangul(stage: Stage, place: str) -> None:
    texts = page(stage, place, "en")

    assert not [text for text in texts if messages.HANGUL.search(text) and text not in SAMPLES]
