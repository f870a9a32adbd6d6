"""The table `screen_layouts_v1` is the one that other systems know: columns, keys and rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from pharmacies.tenancy import UnscopedAccessError, platform_context
from screens.models import ScreenLayout

pytestmark = pytest.mark.django_db

TABLE = "screen_layouts_v1"
# name, type, longest text, may be null, default
COLUMNS = {
    ("layout_id", "integer", None, "NO", "nextval('screen_layouts_v1_layout_id_seq'::regclass)"),
    ("screen_id", "character varying", 50, "NO", None),
    ("component_id", "character varying", 100, "NO", None),
    ("component_url", "character varying", 200, "NO", None),
    ("custom_config", "jsonb", None, "NO", "'{}'::jsonb"),
    ("parent_id", "character varying", 100, "YES", None),
    ("position_x", "integer", None, "NO", "0"),
    ("position_y", "integer", None, "NO", "0"),
    ("width", "integer", None, "NO", "100"),
    ("height", "integer", None, "NO", "100"),
    ("display_order", "integer", None, "YES", "0"),
    ("company_code", "character varying", 20, "NO", None),
    ("created_at", "timestamp with time zone", None, "YES", "now()"),
    ("updated_at", "timestamp with time zone", None, "YES", "now()"),
}
SQLITE_COLUMNS = {
    ("layout_id", "integer", 1, 1),
    ("screen_id", "varchar(50)", 1, 0),
    ("component_id", "varchar(100)", 1, 0),
    ("component_url", "varchar(200)", 1, 0),
    ("custom_config", "text", 1, 0),
    ("parent_id", "varchar(100)", 0, 0),
    ("position_x", "integer", 1, 0),
    ("position_y", "integer", 1, 0),
    ("width", "integer", 1, 0),
    ("height", "integer", 1, 0),
    ("display_order", "integer", 0, 0),
    ("company_code", "varchar(20)", 1, 0),
    ("created_at", "datetime", 0, 0),
    ("updated_at", "datetime", 0, 0),
}
INDEXES = {
    "idx_v1_company_screen": ["company_code", "screen_id"],
    "idx_v1_company_parent": ["company_code", "parent_id"],
    "idx_v1_component_url": ["component_url"],
}


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def columns_of_postgresql() -> set[tuple[Any, ...]]:
    return set(
        ask(
            "SELECT column_name, data_type, character_maximum_length, is_nullable, column_default "
            "FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = %s",
            TABLE,
        )
    )


def columns_of_sqlite() -> set[tuple[Any, ...]]:
    found = ask(f"PRAGMA table_info({TABLE})")
    return {(name, kind.lower(), required, key) for _n, name, kind, required, _d, key in found}


def insert(**given: object) -> None:
    """Add a row as a foreign program would: in SQL, naming only some of the columns."""
    row = {"screen_id": "1", "component_id": "c", "component_url": "@/x", "company_code": "A"}
    values = {key: value for key, value in (row | given).items() if value is not ...}
    names, marks = ", ".join(values), ", ".join("%s" for _value in values)
    ask(f"INSERT INTO {TABLE} ({names}) VALUES ({marks})", *values.values())  # noqa: S608 -- fixed names


def test_the_columns_are_exactly_those_of_the_original() -> None:
    if connection.vendor == "postgresql":
        assert columns_of_postgresql() == COLUMNS
    else:
        assert columns_of_sqlite() == SQLITE_COLUMNS


def test_keys_and_indexes_are_exactly_those_of_the_original() -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, TABLE)

    names = {name: one["columns"] for name, one in found.items() if one["index"]}
    unique = [one["columns"] for one in found.values() if one["unique"] and not one["primary_key"]]
    assert {name: columns for name, columns in names.items() if "key" not in name} == INDEXES
    assert unique == [["company_code", "screen_id", "component_id"]]


def test_the_database_itself_fills_in_the_defaults() -> None:
    insert()

    row = ask(
        "SELECT custom_config, parent_id, position_x, position_y, width, height, display_order "
        "FROM screen_layouts_v1 WHERE company_code = %s",
        "A",
    )[0]
    assert json.loads(row[0]) == {}
    assert row[1:] == (None, 0, 0, 100, 100, 0)
    with platform_context():
        stored = ScreenLayout.objects.for_company("A").get()
    assert stored.created_at is not None
    assert stored.updated_at is not None
    assert stored.custom_config == {}


@pytest.mark.parametrize(
    "given",
    [
        {"component_url": None},
        {"component_url": ""},
        {"component_url": ...},
        {"company_code": None},
        {"company_code": ""},
        {"company_code": ...},
        {"custom_config": "[]"},
        {"custom_config": '"left"'},
        {"custom_config": "null"},
        {"custom_config": None},
        {"screen_id": None},
        {"component_id": ...},
        {"position_x": None},
    ],
)
def test_a_row_against_the_rules_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(**given)


def test_a_component_is_once_on_a_screen_of_a_company() -> None:
    insert()
    insert(company_code="B")
    insert(screen_id="2")

    with pytest.raises(IntegrityError), transaction.atomic():
        insert()


def test_the_slot_is_no_column() -> None:
    assert "slot" not in {field.column for field in ScreenLayout._meta.fields}


@pytest.mark.parametrize("method", ["all", "count", "first", "exists", "create"])
def test_rows_cannot_be_reached_without_a_company(method: str) -> None:
    with platform_context(), pytest.raises(UnscopedAccessError):
        getattr(ScreenLayout.objects, method)()
