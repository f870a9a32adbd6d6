"""``manage.py up`` for real: broker, web, worker and beat as one group."""

import http.client
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from farmq.tests.processes import descendants, is_alive, wait_until
from tests import environment

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "only-for-this-test-7"
START_LIMIT_S = 60
STOP_LIMIT_S = 10
PARTS = ("valkey|redis-server", "gunicorn", "celery.* worker", "celery.* beat")


class System:
    """One started system and what it said."""

    def __init__(self, data: Path, port: int) -> None:
        """Start it with nothing of this machine's settings."""
        data.parent.mkdir(parents=True, exist_ok=True)
        self.data, self.port = data, port
        self.log = (data.parent / f"up-{port}.log").open("w+")
        self.process = subprocess.Popen(
            command(data, port),
            cwd=ROOT,
            env=bare() | {"FARMQ_ADMIN_PASSWORD": PASSWORD},
            stdout=self.log,
            stderr=self.log,
        )

    def said(self) -> str:
        """All it has written so far."""
        return Path(self.log.name).read_text()

    def answers(self) -> bool:
        """Tell whether the sign-in page comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/admin/login/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def part(self, pattern: str) -> set[int]:
        """The direct children whose command matches."""
        below = descendants(self.process.pid).items()
        return {pid for pid, argv in below if re.search(pattern, argv)}

    def is_complete(self) -> bool:
        """Tell whether all parts run, the pool of the worker included, and the web answers."""
        pool = len(self.part("celery.* worker")) > 1
        return pool and all(self.part(name) for name in PARTS) and self.answers()


def bare() -> dict[str, str]:
    """The environment of a newcomer: no setting, no engine on the PATH."""
    return {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}


def command(data: Path, port: int, *more: str) -> list[str]:
    """The command line of a start."""
    start = [sys.executable, "manage.py", "up", "--data", str(data), "--port", str(port)]
    return [*start, "--demo", "0", "--no-input", *more]


def once(data: Path, port: int, *more: str) -> subprocess.CompletedProcess[str]:
    """Start it and wait for its end."""
    return subprocess.run(
        command(data, port, *more),
        cwd=ROOT,
        env=bare(),
        capture_output=True,
        text=True,
        timeout=START_LIMIT_S,
        check=False,
    )


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


@pytest.fixture
def start(port: int) -> Iterator[Callable[[Path], System]]:
    """Start systems and end them, whatever the test did."""
    started: list[System] = []

    def begin(data: Path) -> System:
        system = System(data, port)
        started.append(system)
        assert wait_until(system.is_complete, limit_s=START_LIMIT_S), system.said()
        return system

    yield begin
    for system in started:
        system.process.kill()
        system.process.wait(STOP_LIMIT_S)
        system.log.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_of_it_cleanly(
    start: Callable[[Path], System], tmp_path: Path, number: signal.Signals
) -> None:
    system = start(tmp_path / "data")
    below = descendants(system.process.pid)
    environments = [Path(f"/proc/{pid}/environ").read_bytes() for pid in below]

    system.process.send_signal(number)

    assert system.process.wait(STOP_LIMIT_S) == 0, system.said()
    assert not any(is_alive(pid) for pid in below)
    # The first administrator's password travels no further than to the one who makes the account.
    assert not any(PASSWORD.encode() in environment for environment in environments)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_start_leaves_nothing_either(
    tmp_path: Path, port: int, number: signal.Signals
) -> None:
    system = System(tmp_path / "data", port)
    assert wait_until(lambda: descendants(system.process.pid), limit_s=START_LIMIT_S)
    first = descendants(system.process.pid)

    system.process.send_signal(number)

    assert system.process.wait(STOP_LIMIT_S) == 0, system.said()
    assert not any(is_alive(pid) for pid in first)
    assert "Traceback" not in system.said()


def test_kill_9_leaves_no_process(start: Callable[[Path], System], tmp_path: Path) -> None:
    system = start(tmp_path / "data")
    below = descendants(system.process.pid)

    system.process.kill()

    assert wait_until(lambda: not any(is_alive(pid) for pid in below), limit_s=STOP_LIMIT_S)


def test_every_part_returns_when_it_is_killed(
    start: Callable[[Path], System], tmp_path: Path
) -> None:
    system = start(tmp_path / "data")
    below = descendants(system.process.pid)

    for pid in below:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)

    assert wait_until(system.is_complete, limit_s=20), system.said()
    assert not set(descendants(system.process.pid)) & set(below)


def test_a_second_start_on_the_same_data_is_refused(
    start: Callable[[Path], System], tmp_path: Path, port: int
) -> None:
    start(tmp_path / "data")

    second = once(tmp_path / "data", port + 1)

    assert second.returncode == 2
    assert second.stderr.splitlines() == [f"이 자료 폴더로 이미 실행 중입니다: {tmp_path / 'data'}"]


def test_commands_beside_a_running_system_know_its_settings(
    start: Callable[[Path], System], tmp_path: Path
) -> None:
    system = start(tmp_path / "data")

    beside = subprocess.run(
        [sys.executable, "manage.py", "showmigrations", "access", "--plan"],
        cwd=ROOT,
        env=bare() | {"FARMQ_DATA": str(system.data)},
        capture_output=True,
        text=True,
        timeout=START_LIMIT_S,
        check=False,
    )

    assert beside.returncode == 0, beside.stderr
    assert "[X]  access.0001_initial" in beside.stdout


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()

        result = once(tmp_path / "data", busy.getsockname()[1])

    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "포트" in result.stderr


def test_a_long_path_of_the_data_folder_is_no_obstacle(
    start: Callable[[Path], System], tmp_path: Path
) -> None:
    system = start(tmp_path / ("very-long-name-" * 8) / "data")
    settings = (system.data / "embedded.env").read_text()
    sockets = Path(re.findall(r"REDIS_URL=unix://(.*)/valkey.sock", settings)[0])

    system.process.terminate()

    assert len(str(sockets)) < 100
    assert system.process.wait(STOP_LIMIT_S) == 0, system.said()
    assert not sockets.exists()


def test_the_first_administrator_is_made_once(tmp_path: Path, port: int) -> None:
    first = once(tmp_path / "data", port, "--check")
    kept = {path: path.read_bytes() for path in (tmp_path / "data").glob("*_key")}

    second = once(tmp_path / "data", port, "--check")

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert "비밀번호" in first.stdout
    assert second.stdout.splitlines() == ["준비가 끝났습니다."]
    assert kept == {path: path.read_bytes() for path in (tmp_path / "data").glob("*_key")}


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path, port: int) -> None:
    once(tmp_path / "data", port, "--check")

    for name in ("secret_key", "encryption_key", "embedded.env"):
        assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600


def test_the_simulated_engine_has_a_home_of_its_own(tmp_path: Path, port: int) -> None:
    once(tmp_path / "data", port, "--check")

    assert (tmp_path / "data" / "demo" / "farmq.sqlite3").exists()
    assert not (tmp_path / "data" / "farmq.sqlite3").exists()


def test_a_given_command_is_used_and_nothing_invented(tmp_path: Path, port: int) -> None:
    data = tmp_path / "data"
    program = "from django.conf import settings as s; print(s.HEADSCALE_SERVERS[0])"
    given = environment.clean(dict(os.environ)) | {
        "HEADSCALE_COMMAND": "true",
        "FARMQ_DATA": str(data),
    }

    prepared = subprocess.run(
        [*command(data, port), "--check"], cwd=ROOT, env=given, timeout=START_LIMIT_S, check=False
    )
    shown = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=bare() | {"FARMQ_DATA": str(data), "DJANGO_SETTINGS_MODULE": "farmq.settings"},
        capture_output=True,
        text=True,
        timeout=START_LIMIT_S,
        check=False,
    )

    assert prepared.returncode == 0
    assert "'slug': 'default'" in shown.stdout
    assert "'command': ('true',)" in shown.stdout
    assert not (data / "demo").exists()
