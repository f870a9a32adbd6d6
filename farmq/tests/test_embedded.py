"""What the embedded mode decides without starting anything."""

import os
from pathlib import Path

import pytest

from farmq import broker, embedded, env


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without any setting, and a data folder."""
    for name in (*embedded.REMEMBERED, "FARMQ_OWN_BROKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FARMQ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    return tmp_path


def settled(monkeypatch: pytest.MonkeyPatch, *argv: str) -> dict[str, str]:
    """The environment after settling, restored after the test."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    embedded.settle(argv)
    return dict(os.environ)


def test_without_an_engine_the_simulator_is_used(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = settled(monkeypatch)

    assert values["FARMQ_SIMULATED"] == "true"
    assert str(embedded.SIMULATOR) in values["HEADSCALE_COMMAND"]
    assert values["DATABASE_URL"] == f"sqlite:///{bare}/data/demo/farmq.sqlite3"


def test_an_engine_on_the_path_is_used(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = bare / "programs" / "headscale"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    values = settled(monkeypatch)

    assert values["HEADSCALE_COMMAND"] == str(program)
    assert "FARMQ_SIMULATED" not in values
    assert values["DATABASE_URL"] == f"sqlite:///{bare}/data/farmq.sqlite3"


def test_a_file_of_servers_is_used_and_nothing_invented(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSCALE_SERVERS_FILE", str(bare / "servers.toml"))

    values = settled(monkeypatch)

    assert "HEADSCALE_COMMAND" not in values
    assert "FARMQ_SIMULATED" not in values
    assert "HEADSCALE_SERVERS_FILE" in embedded.REMEMBERED


def test_given_addresses_are_kept(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere:6379/0")
    monkeypatch.setenv("DATABASE_URL", "postgres://farmq@elsewhere/farmq")

    values = settled(monkeypatch)

    assert values["REDIS_URL"] == "redis://elsewhere:6379/0"
    assert values["DATABASE_URL"] == "postgres://farmq@elsewhere/farmq"
    assert "FARMQ_OWN_BROKER" not in values


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "localhost,127.0.0.1,[::1]"),
        ("10.1.2.3", "localhost,127.0.0.1,[::1],10.1.2.3"),
    ],
)
def test_the_host_may_be_called_by_its_name(
    bare: Path, monkeypatch: pytest.MonkeyPatch, host: str, expected: str
) -> None:
    assert settled(monkeypatch, "--host", host)["ALLOWED_HOSTS"] == expected


def test_a_data_folder_that_cannot_be_made_is_one_sentence(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare / "file").write_text("")

    with pytest.raises(env.SettingError, match="FARMQ_DATA"):
        settled(monkeypatch, "--data", str(bare / "file" / "data"))


def test_a_socket_path_is_never_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)

    assert broker.socket_path(tmp_path) == tmp_path / "valkey.sock"
    assert len(str(broker.socket_path(deep))) < broker.SOCKET_PATH_LIMIT
    broker.forget_socket(deep)


def test_a_short_folder_of_someone_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 120)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    monkeypatch.setattr(broker, "_short_folder", lambda _folder: tmp_path / "link")

    with pytest.raises(env.SettingError):
        broker.socket_path(deep)
