"""What the window shows of each release, side by side, and that it closes after each look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoAssertNumQueries, Settings

from network.headscale_db import catalogue
from network.headscale_db.tests import engines
from network.headscale_db.tests.conftest import ALIAS, SECOND, EnginePostgres
from network.headscale_db.window import PolicyRow, Window, for_server, moment

FAMILIES = {family: tuple(int(part) for part in family.split(".")) for family in engines.RELEASES}
CURRENT = [
    PolicyRow(3, None, ""),
    PolicyRow(2, datetime(2026, 11, 22, 1, 40, 0, 500000, UTC), engines.POLICIES[1][2]),
]


@pytest.fixture
def window(second: Path) -> Window:
    return Window(SECOND)


@pytest.fixture
def server(db: None, engine_postgres: EnginePostgres | None) -> Iterator[Window | None]:
    """The window of a PostgreSQL, as the role that may only read."""
    if engine_postgres is None:
        yield None
        return
    engines.attach(ALIAS, engine_postgres.reader)
    yield Window(ALIAS)
    engines.detach(ALIAS)


@pytest.mark.parametrize("family", engines.RELEASES)
def test_each_release_is_known_by_its_features(window: Window, second: Path, family: str) -> None:
    engines.make_file(second, family)

    found = window.schema()

    assert found.release == FAMILIES[family]
    assert found.missing == ()
    assert set(found.tables) == set(engines.schema(family)["tables"])


@pytest.mark.parametrize("family", engines.RELEASES)
def test_every_machine_is_told_of(window: Window, second: Path, family: str) -> None:
    engines.make_file(second, family)

    found = window.machine_details()

    assert list(found) == sorted(row["id"] for row in engines.nodes(family))
    assert {one.machine_key[:5] for one in found.values()} == {"mkey:"}
    assert [number for number, one in found.items() if one.os == "linux"] == [2, 3, 100, 101]
    assert found[2].home_derp == 900
    assert found[107].os == "abcd"
    assert found[108].os == "가" * 100


def test_policies_come_newest_first(window: Window, second: Path) -> None:
    engines.make_file(second, "0.28")

    assert window.policy_history(2) == CURRENT
    assert [one.id for one in window.policy_history(100)] == [3, 2, 1]
    assert window.policy_history(0) == window.policy_history(-1) == []


def test_a_postgresql_shows_the_same(server: Window | None) -> None:
    if server is None:
        return

    details = server.machine_details()

    assert list(details) == sorted(row["id"] for row in engines.nodes("0.29"))
    assert details[2].client_version == "1.94.1-ERR-BuildInfo"
    assert server.policy_history(2) == CURRENT
    assert (server.schema().release, server.schema().missing) == ((0, 29), ())
    assert connections[ALIAS].connection is None


def test_two_releases_stand_side_by_side(second: Path, tmp_path: Path) -> None:
    engines.make_file(second, "0.26")
    engines.attach(ALIAS, f"sqlite:///{engines.make_file(tmp_path / 'db.sqlite', '0.30')}")

    releases = [Window(alias).schema().release for alias in (SECOND, ALIAS, SECOND)]

    engines.detach(ALIAS)
    assert releases == [(0, 26), (0, 30), (0, 26)]


def without(table: str, *columns: str) -> Any:
    def change(recorded: dict[str, Any]) -> None:
        kept = [one for one in recorded["tables"][table]["columns"] if one["name"] not in columns]
        recorded["tables"][table]["columns"] = kept

    return change


def test_a_missing_column_is_named_and_hides_no_other(
    window: Window, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{**row} for row in engines.nodes("0.29")[:1]]
    del rows[0]["host_info"]
    monkeypatch.setattr(engines, "nodes", lambda _family: rows)
    engines.make_file(second, "0.29", without("nodes", "host_info"))

    (found,) = window.machine_details().values()

    assert window.schema().missing == ("nodes.host_info",)
    assert (found.os, len(found.endpoints)) == ("", 1)


@pytest.mark.parametrize("read", ["machine_details", "schema"])
def test_the_database_is_closed_after_each_look(window: Window, second: Path, read: str) -> None:
    engines.make_file(second, "0.29")

    getattr(window, read)()

    assert connections[SECOND].connection is None


def test_a_thousand_machines_cost_no_more_statements(
    window: Window,
    second: Path,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = engines.nodes("0.29")[0]
    monkeypatch.setattr(
        engines, "nodes", lambda _family: [row | {"id": number} for number in range(1, 1001)]
    )
    engines.make_file(second, "0.29")
    tables = len(engines.schema("0.29")["tables"])

    with django_assert_num_queries(tables + 2, connection=connections[SECOND]):
        assert len(window.machine_details()) == 1000


def test_broken_letters_hide_no_other_machine(window: Window, second: Path) -> None:
    engines.make_file(second, "0.29", log="DELETE")
    whole = second.read_bytes()
    second.write_bytes(whole.replace(b'{"OS": "\xea\xb0\x80', b'{"OS": "\xff\xfe\x80'))

    found = window.machine_details()

    assert found[2].os == "linux"
    assert found[108].os.startswith("\ufffd")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-22 01:53:19.697660803+00:00", datetime(2026, 11, 22, 1, 53, 19, 697660, UTC)),
        ("2026-11-22 10:53:19+09:00", datetime(2026, 11, 22, 1, 53, 19, tzinfo=UTC)),
        ("2026-11-21 20:53:19-05:00", datetime(2026, 11, 22, 1, 53, 19, tzinfo=UTC)),
        ("2026-11-22 01:53:19Z", datetime(2026, 11, 22, 1, 53, 19, tzinfo=UTC)),
        ("2026-11-22 01:53:19", datetime(2026, 11, 22, 1, 53, 19, tzinfo=UTC)),
        ("2026-11-22 01:53:19.5+00", datetime(2026, 11, 22, 1, 53, 19, 500000, UTC)),
        ("0001-01-01 00:00:00+00:00", None),
        ("0001-01-01 00:00:00+09:00", None),
        ("9999-12-31 23:59:59-09:00", None),
        ("2026-13-45 00:00:00+00:00", None),
        ("infinity", None),
        ("", None),
        (None, None),
        (7, None),
        (b"2026", None),
    ],
)
def test_times_are_read_in_python(written: object, meant: datetime | None) -> None:
    assert moment(written) == meant


@pytest.mark.parametrize(
    ("changes", "migrations", "release"),
    [
        ({}, (), (0, 26)),
        ({"routes": {"id"}}, (), None),
        ({"nodes": {"id"}}, (), None),
        ({}, ("202507021200",), (0, 27)),
        ({"nodes": {"approved_routes", "tags"}}, ("202507021200",), (0, 27)),
        ({"nodes": {"approved_routes", "tags"}, "pre_auth_keys": {"hash"}}, (), (0, 28)),
        ({"database_versions": {"id"}}, (), (0, 29)),
        ({}, ("202602201200-clear-tagged-node-user-id",), (0, 29)),
        ({"oauth_clients": {"id"}}, ("202507021200",), (0, 27)),
        ({"oauth_clients": {"id"}, "pre_auth_keys": {"hash", "description"}}, (), (0, 30)),
    ],
)
def test_a_release_is_what_its_features_say(
    changes: dict[str, set[str]], migrations: tuple[str, ...], release: tuple[int, int] | None
) -> None:
    columns = {"nodes": {"approved_routes", "forced_tags"}} | changes

    found = catalogue.facts({name: frozenset(one) for name, one in columns.items()}, migrations)

    assert found.release == release


def test_a_server_has_the_window_of_its_settings(settings: Settings) -> None:
    settings.HEADSCALE_SERVERS = [
        {"slug": "seoul", "database_alias": "headscale_seoul"},
        {"slug": "busan", "database_alias": None},
    ]

    assert for_server("seoul") == Window("headscale_seoul")
    assert for_server("busan") is None
    assert for_server("nowhere") is None
