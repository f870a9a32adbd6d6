"""Sixty payloads in everything that a device or a person can name: text on each page, no tags."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.test import Client

from network.fleet.tests.stage import Stage
from network.models import (
    HeadscaleApiKey,
    HeadscalePreAuthKey,
    HeadscaleServer,
    HeadscaleUser,
    MachineProfile,
    PolicyVersion,
)
from network.tests.situations import NOW
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.models import Company, Pharmacy
from pharmacies.tenancy import platform_context
from tests.hostile.payloads import FORMULAS, PAYLOADS

pytestmark = pytest.mark.django_db(transaction=True)
MARK = ("alert(1)", "document.title='owned'", "fetch('/owned')")
ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "xlink:href"})
PAGES = ("machineprofile/routes/", "policyversion/server/{server}/", "bulkjob/")
ANSWERS = (
    "nodes?page_size=200",
    "pharmacies?page_size=200",
    "users",
    "preauth-keys",
    "api-keys",
    "policy/versions",
    "servers",
    "dashboard/stats?with=problems",
)


class Tags(HTMLParser):
    """Collects what a browser would run: scripts, handlers, and addresses that are code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.run: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script" and dict(attrs).get("type") != "application/json"
        for name, value in attrs:
            leads = name in ADDRESSES and (value or "").lstrip().startswith("javascript:")
            code = leads or name.startswith("on") or name == "srcdoc"
            if code and any(mark in (value or "") for mark in MARK):
                self.run.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and any(mark in data for mark in MARK):
            self.run.append(data)


def executed(page: str) -> list[str]:
    tags = Tags()
    tags.feed(page)
    return tags.run


@pytest.fixture
def fleet(stage: Stage) -> Stage:
    """Sixty machines, pharmacies, users, keys and policies, each of which says something evil."""
    stage.read_slowly("RELEASE", "USERS", "POLICY")
    with platform_context():
        Company.objects.filter(company_code="GANA").update(name=PAYLOADS[0])
        for number, text in enumerate(PAYLOADS):
            _evil(stage, number, text)
    return stage


def _evil(stage: Stage, number: int, text: str) -> None:
    pharmacy = Pharmacy(company_id="GANA", pharmacy_name=text[:100], manager_name=text[:50])
    pharmacy.save(force_insert=True)
    server = stage.server
    MachineProfile.objects.create(
        server=server,
        node_id=1000 + number,
        machine_key=f"mkey:{number}",
        company_code="GANA",
        pharmacy=pharmacy,
        name=text[:63],
        hostname=text,
        user_name=text,
        os=text[:40],
        os_version=text[:40],
        client_version=text[:40],
        home_derp=text[:20],
        endpoints=[text],
        addresses=[text],
        tags=[text],
        announced_routes=[text],
        approved_routes=[text],
        notes=text,
        details_at=NOW,
        first_seen_at=NOW,
        state_since_at=NOW,
    )
    _evil_rows(server, number, text)


def _evil_rows(server: HeadscaleServer, number: int, text: str) -> None:
    HeadscaleUser.objects.create(
        server=server,
        headscale_user_id=1000 + number,
        name=text,
        display_name=text,
        confirmed_at=NOW,
    )
    HeadscalePreAuthKey.objects.create(
        server=server,
        key_id=1000 + number,
        shown=text[:40],
        purpose=text,
        user_name=text,
        requested_by=text,
        confirmed_at=NOW,
    )
    HeadscaleApiKey.objects.create(
        server=server, key_id=1000 + number, prefix=text[:40], purpose=text, confirmed_at=NOW
    )
    PolicyVersion.objects.create(
        server=server,
        text=text,
        sha256="0" * 64,
        source="EDITED",
        comment=text,
        created_by=text,
        created_at=NOW,
    )


@pytest.fixture
def boss(fleet: Stage) -> Client:
    client = Client()
    client.force_login(person("reader", Role.ADMINISTRATOR))
    return client


def addresses(stage: Stage) -> Iterator[str]:
    """Every list, and a page of some rows of it."""
    for model in admin.site._registry:
        name = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield name
        with platform_context():
            for pk in list(model._base_manager.order_by("-pk").values_list("pk", flat=True)[:8]):
                yield f"{name}{pk}/change/"
    yield "/admin/"
    yield from (f"/admin/network/{page.format(server=stage.server.pk)}" for page in PAGES)


def test_the_parser_sees_what_runs() -> None:
    assert executed("<p>" + PAYLOADS[0] + "</p>")
    assert executed('<a href="javascript:alert(1)">x</a>')
    assert not executed("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>")


def test_no_page_runs_what_it_shows(fleet: Stage, boss: Client) -> None:
    shown = 0
    for address in addresses(fleet):
        response = boss.get(address)
        page = response.content.decode()

        assert response.status_code in (200, 302, 403, 404), address
        assert executed(page) == [], address
        shown += "alert(1)" in page
    assert shown > 20


def test_no_answer_of_the_api_is_a_page(fleet: Stage) -> None:
    for path in ANSWERS:
        response = fleet.client.get(f"/api/{path}")

        assert response.status_code == 200, path
        assert response["Content-Type"].startswith("application/json")
        assert response["X-Content-Type-Options"] == "nosniff"


def test_no_cell_of_the_file_is_a_formula(fleet: Stage, boss: Client) -> None:
    with platform_context():
        for number, text in enumerate(FORMULAS):
            rows = MachineProfile.objects.filter(node_id=1000 + number)
            rows.update(name=text, hostname=text, os=text, notes=text, tags=[text])

    response = boss.get("/admin/network/machineprofile/file/")
    cells = [
        cell
        for row in csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig")))
        for cell in row
    ]

    assert any("cmd|" in cell for cell in cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
