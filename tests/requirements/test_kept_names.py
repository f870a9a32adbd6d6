"""Names, words and walls that other programs and people rely on, kept letter by letter."""

from __future__ import annotations

import sqlite3
from html import unescape
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, models, transaction

from farmq import addresses
from network.headscale_db.models import EngineNode
from network.headscale_db.router import ReadOnlyDatabaseError
from network.models import MachineProfile
from pharmacies.models import Pharmacy
from tests.language.conftest import Stage

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
