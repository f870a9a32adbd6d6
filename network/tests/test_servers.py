"""Several servers of the settings: a row and a client for each, and nothing of one that left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pytest_django import Settings

from network.engine import UnknownServerError, client_for
from network.headscale.process import Completed
from network.models import HeadscaleServer
from network.servers import register_servers


def entry(slug: str, **changes: Any) -> dict[str, Any]:
    """What the settings hold of one server."""
    plain = {
        "slug": slug,
        "name": slug.title(),
        "command": (f"/opt/{slug}/headscale", "-c", f"/etc/{slug}.yaml"),
        "address": "",
        "api_key": "",
        "database_alias": None,
        "login_url": f"https://{slug}.example.com",
        "release": None,
        "simulated": False,
    }
    return plain | changes


@pytest.fixture
def calls() -> list[tuple[tuple[str, ...], dict[str, str]]]:
    """What was called: words and environment."""
    return []


def client(slug: str, calls: list[Any]) -> Any:
    """The client of a server, whose engine lists nothing."""

    def answer(
        argv: tuple[str, ...], *, env: Mapping[str, str], stdin: bytes | None, timeout_s: float
    ) -> Completed:
        assert stdin is None
        assert timeout_s > 0
        calls.append((argv, env))
        return Completed(argv, 0, b"[]", b"", 0.1, False)

    return client_for(HeadscaleServer.objects.get(slug=slug), answer)


def test_each_server_has_its_row(db: None, settings: Settings) -> None:
    settings.HEADSCALE_SERVERS = [entry("seoul"), entry("busan", simulated=True)]

    made = register_servers()

    assert [row.slug for row in made] == ["seoul", "busan"]
    rows = HeadscaleServer.objects.order_by("pk").values_list("slug", "name", "simulated")
    assert list(rows) == [("seoul", "Seoul", False), ("busan", "Busan", True)]


def test_a_changed_entry_changes_its_row(db: None, settings: Settings) -> None:
    settings.HEADSCALE_SERVERS = [entry("seoul"), entry("busan")]
    before = [row.pk for row in register_servers()]

    settings.HEADSCALE_SERVERS = [entry("busan", name="부산", login_url=""), entry("seoul")]
    after = register_servers()

    assert [row.pk for row in after] == before[::-1]
    assert (after[0].name, after[0].login_url) == ("부산", "")


def test_a_server_that_left_keeps_its_row_and_is_asked_nothing(
    db: None, settings: Settings, calls: list[Any]
) -> None:
    settings.HEADSCALE_SERVERS = [entry("seoul"), entry("busan")]
    register_servers()
    settings.HEADSCALE_SERVERS = [entry("seoul")]

    register_servers()

    assert HeadscaleServer.objects.filter(slug="busan").exists()
    with pytest.raises(UnknownServerError):
        client("busan", calls)
    assert calls == []


def test_each_server_is_called_by_its_own_command(
    db: None, settings: Settings, calls: list[Any]
) -> None:
    distant = entry("busan", address="busan.example.com:50443", api_key="hskey-api-busan")
    settings.HEADSCALE_SERVERS = [entry("seoul"), distant]
    register_servers()

    for slug in ("seoul", "busan"):
        client(slug, calls).nodes()

    (seoul, plain), (busan, remote) = calls
    assert seoul[:3] == ("/opt/seoul/headscale", "-c", "/etc/seoul.yaml")
    assert busan[:3] == ("/opt/busan/headscale", "-c", "/etc/busan.yaml")
    assert not plain.get("HEADSCALE_CLI_API_KEY")
    assert remote["HEADSCALE_CLI_ADDRESS"] == "busan.example.com:50443"
    assert remote["HEADSCALE_CLI_API_KEY"] == "hskey-api-busan"


@pytest.mark.parametrize(("release", "asked"), [("0.26", "users"), ("0.29", "preauthkeys")])
def test_a_known_release_spares_a_question(
    db: None, settings: Settings, calls: list[Any], release: str, asked: str
) -> None:
    settings.HEADSCALE_SERVERS = [entry("seoul", release=release)]
    register_servers()

    client("seoul", calls).preauth_keys()

    assert [asked in argv for argv, _env in calls] == [True]


def test_an_entry_without_release_is_served_as_well(
    db: None, settings: Settings, calls: list[Any]
) -> None:
    old = entry("seoul")
    del old["release"]
    settings.HEADSCALE_SERVERS = [old]
    register_servers()

    assert client("seoul", calls).users() == ()
