"""Names, words and walls that other programs and people rely on, kept letter by letter."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from farmq import addresses
from network import queries
from network.fleet.tests.stage import Stage as Network
from network.headscale import commands
from network.headscale.client import HeadscaleClient, HeadscaleError, interpret
from network.headscale.process import Completed, run
from network.headscale_db.models import EngineNode
from network.headscale_db.router import HeadscaleDatabaseRouter, ReadOnlyDatabaseError
from network.models import HeadscaleServer, MachineProfile
from pharmacies.access.actor import system_actor
from pharmacies.models import Pharmacy
from screens.demo import SPLIT_ID, create_demo_screen
from screens.models import ScreenLayout
from screens.operations import store_overrides
from tests.language.conftest import Stage

LOOKED_AT = (
    "/admin/",
    "/admin/network/machineprofile/",
    "/admin/network/headscalecommand/",
    "/admin/network/headscaleserver/",
    "/admin/pharmacies/pharmacy/",
    "/api/dashboard/stats",
    "/api/dashboard/stats?with=problems",
    "/api/nodes",
)

# Table, and its fixed columns: longest text (0: no text), may it be missing.
TABLES: dict[type[models.Model], tuple[str, dict[str, tuple[int, bool]]]] = {
    Pharmacy: (
        "pharmacy_info",
        {
            "id": (0, False),
            "company_code": (20, False),
            "pharmacy_name": (100, False),
            "business_number": (20, True),
            "manager_name": (50, False),
            "headscale_user_name": (50, False),
        },
    ),
    MachineProfile: (
        "machine_profiles",
        {
            "id": (0, False),
            "company_code": (20, True),
            "node_id": (0, False),
            "machine_key": (100, False),
        },
    ),
}


def concrete(model: type[models.Model]) -> list[models.Field[object, object]]:
    return list(model._meta.concrete_fields)


@pytest.mark.django_db
@pytest.mark.parametrize("model", TABLES, ids=lambda model: str(model.__name__))
def test_a_table_has_its_fixed_name_and_columns(model: type[models.Model]) -> None:
    table, columns = TABLES[model]
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    nullable = {column.name: bool(column.null_ok) for column in described}
    fields = {field.column: getattr(field, "target_field", field) for field in concrete(model)}
    lengths = {name: getattr(field, "max_length", 0) or 0 for name, field in fields.items()}

    found = {name: (lengths.get(name, 0), nullable.get(name)) for name in columns}

    assert found == columns


def test_a_business_number_is_unique_but_may_be_missing(stage: Stage) -> None:
    for name in ("BETA", "GAMMA"):
        Pharmacy.objects.create(company=stage.company, pharmacy_name=name)
    Pharmacy.objects.filter(pharmacy_name="BETA").update(business_number="1234567891")

    with pytest.raises(IntegrityError), transaction.atomic():
        Pharmacy.objects.filter(pharmacy_name="GAMMA").update(business_number="1234567891")


def test_the_engines_database_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "engine.sqlite3"
    sqlite3.connect(file).execute("CREATE TABLE nodes (id INTEGER)").connection.close()
    monkeypatch.setenv("HEADSCALE_DATABASE_URL", f"sqlite:///{file}")
    config = addresses.read_only("HEADSCALE_DATABASE_URL")
    assert config is not None
    window = sqlite3.connect(config["NAME"], uri=True)

    with pytest.raises(ReadOnlyDatabaseError):
        EngineNode.objects.create(id=1)
    with pytest.raises(sqlite3.OperationalError):
        window.execute("CREATE TABLE ours (id INTEGER)")
    with pytest.raises(sqlite3.OperationalError):
        window.execute("UPDATE nodes SET id = 2")

    window.close()


def test_the_dashboard_keeps_its_attributes(stage: Stage) -> None:
    page = stage.client.get("/admin/").content.decode()

    assert page.count('data-stat="online"') == 1
    assert page.count('data-stat="offline"') == 1


def test_a_deletion_asks_the_fixed_question(stage: Stage) -> None:
    address = f"/admin/network/machineprofile/{stage.machine.pk}/remove/"

    page = unescape(stage.client.get(address).content.decode()).replace("<br>", "\n")

    question = f'정말로 머신 "{stage.machine.name}"를 삭제하시겠습니까?'
    assert f"{question}\n\n삭제된 항목은 복구할 수 없습니다." in page


def test_no_page_calls_the_engine(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(HeadscaleClient, "_ask", lambda *words, **_more: calls.append(words))
    monkeypatch.setattr(subprocess, "Popen", lambda *words, **_more: calls.append(words))
    machine = f"/admin/network/machineprofile/{stage.machine.pk}/change/"

    statuses = {path: stage.client.get(path).status_code for path in (*LOOKED_AT, machine)}

    assert set(statuses.values()) == {200}, statuses
    assert calls == []


def test_problems_stand_in_sight_before_sums(stage: Stage) -> None:
    page = stage.client.get("/admin/").content.decode()

    before, _, after = page.partition('data-fragment="problems"')
    section = before[before.rindex("<section") :]
    hidden = re.search(r"\bhidden\b(?!=)", re.sub(r"<span[^>]*data-stale-note[^>]*>", "", section))
    assert hidden is None
    assert "data-stat=" not in before
    assert "data-stat=" in after


@pytest.mark.parametrize(
    ("minutes", "held", "state"),
    [(0, False, "ok"), (0, True, "part"), (-5, False, "unknown"), (-5, True, "unknown")],
)
def test_an_engine_has_the_colour_of_its_state(
    stage: Stage, minutes: int, held: bool, state: str
) -> None:
    at = datetime.now(UTC)
    HeadscaleServer.objects.update(
        confirmed_at=at + timedelta(minutes=minutes), held_since_at=at if held else None
    )

    answer = stage.client.get("/api/dashboard/stats?with=problems").json()
    shown = answer["data"]["fragments"]["engines"]

    assert re.findall(r"\bchip-(?!shape|word)(\w+)", shown) == [state]


def test_only_a_confirmed_state_is_online(stage: Stage) -> None:
    at = datetime.now(UTC)
    HeadscaleServer.objects.update(confirmed_at=at)
    now = queries.get_headscale_online_status(at=at)

    later = queries.get_headscale_online_status(at=at + timedelta(hours=1))

    assert True in now.values()
    assert set(now) == set(later)
    assert set(later.values()) == {False}


@pytest.mark.parametrize("value", [1, "true", "false", [True], {"online": True}, None])
def test_only_a_literal_true_is_online(value: Any) -> None:
    node = {"id": 1, "machine_key": "mkey:1", "given_name": "one", "online": value}
    answer = Completed(("headscale",), 0, json.dumps([node]).encode(), b"", 0.1, False)

    try:
        found: Any = interpret(commands.LIST_NODES, answer)
    except HeadscaleError:
        found = ()

    assert [one.online for one in found if one.online] == []
    node["online"] = True
    answer = Completed(("headscale",), 0, json.dumps([node]).encode(), b"", 0.1, False)
    listed: Any = interpret(commands.LIST_NODES, answer)
    assert [one.online for one in listed] == [True]


def test_a_call_does_not_read_what_we_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"ours")
    os.close(writing)
    kept = os.dup(0)
    os.dup2(reading, 0)
    try:
        completed = run(("/bin/cat",), env={}, timeout_s=30)
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reading)

    assert (completed.exit_status, completed.stdout) == (0, b"")


def test_the_engines_database_is_read_only_in_postgresql_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEADSCALE_DATABASE_URL", "postgres://reader@engine/headscale")

    config = addresses.read_only("HEADSCALE_DATABASE_URL")

    assert config is not None
    assert "-c default_transaction_read_only=on" in config["OPTIONS"]["options"]
    for alias, app in (("headscale", "network"), ("headscale", "headscale_db")):
        assert HeadscaleDatabaseRouter().allow_migrate(alias, app) is False
    assert HeadscaleDatabaseRouter().allow_migrate("default", "headscale_db") is False


@pytest.fixture
def sample(stage: Stage) -> Stage:
    create_demo_screen("ALPHA", actor=system_actor("test"), at=datetime.now(UTC))
    return stage


def test_the_sample_screen_has_its_panel_and_two_lists(sample: Stage) -> None:
    rows = ScreenLayout.objects.for_company("ALPHA").filter(screen_id="1383")
    lists = rows.filter(parent_id=SPLIT_ID)

    found = {row.custom_config["slot"]: row for row in lists}

    assert rows.get(component_id=SPLIT_ID).component_url.endswith("/split-panel-layout")
    assert {slot: row.component_url.rpartition("/")[2] for slot, row in found.items()} == {
        "left": "table-list",
        "right": "table-list",
    }
    assert found["left"].custom_config["title"] == "수주등록"
    assert found["left"].custom_config["tableName"] == "sales_order_mng"
    assert found["right"].custom_config["tableName"] == "sales_order_detail"


def test_both_lists_of_the_sample_screen_are_drawn(sample: Stage) -> None:
    page = sample.client.get("/screens/1383/?company=ALPHA").content.decode()

    titles = re.findall(r'<h2 class="c-table__title">([^<]+)</h2>', page)

    assert titles == ["수주등록", "수주 품목"]


@pytest.mark.parametrize(
    ("component_id", "settings"),
    [
        ("comp_save_1383", {"action": {"type": "CRUD_SAVE", "code": "x()"}}),
        ("comp_save_1383", {"action": {"type": "SCRIPT", "code": "x()"}}),
        ("comp_save_1383", {"action": "x()"}),
        ("comp_save_1383", {"onClick": "x()"}),
        ("comp_save_1383", {"script": "x()"}),
        (SPLIT_ID, {"leftPanel": {"tableName": "x"}}),
        (SPLIT_ID, {"rightPanel": {}}),
        (SPLIT_ID, {"children": []}),
        (SPLIT_ID, {"components": []}),
    ],
)
def test_neither_code_nor_children_are_settings(
    sample: Stage, component_id: str, settings: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        store_overrides(
            actor=system_actor("test"),
            at=datetime.now(UTC),
            company_code="ALPHA",
            screen_id="1383",
            component_id=component_id,
            settings=settings,
        )


@pytest.mark.django_db(transaction=True)
def test_the_tags_of_an_order_reach_the_engine(network: Network) -> None:
    body = {"tags": ["tag:till", "tag:kiosk"]}

    answer = network.client.post(f"/api/pharmacy/{network.gana.pk}/preauth-key", body)

    (key,) = HeadscaleClient(("headscale",), network.engine).preauth_keys()
    assert answer.status_code == 200
    assert set(key.tags) == {"tag:till", "tag:kiosk"}
