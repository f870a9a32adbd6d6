"""The whole system beside a real engine: `manage.py up`, a token, a signed-in browser."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from network.headscale.client import HeadscaleClient
from network.headscale.features import Release, series_of
from network.headscale.process import run
from network.headscale.simulator.config import create
from network.headscale.simulator.runner import FakeHeadscale
from tests.real_headscale.desk import Desk
from tests.real_headscale.engine import Client, Engine, Program, free_port, wait_until
from tests.real_headscale.matrix import DOCUMENT, PROGRAM, Sightings
from tests.real_headscale.stage import Stage, set_stage
from tests.real_headscale.stun import stun_server

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "only-for-this-test-9"
SIMULATED: dict[str, Release] = {
    "0.26.1": (0, 26),
    "0.27.1": (0, 27),
    "0.28.0": (0, 28),
    "0.29.2": (0, 29),
    "0.30-dev": (0, 30),
}
RELEASES = ("", "_0_26", "_0_27", "_0_28", "_0_29", "_0_30")


def binaries() -> list[tuple[str, str]]:
    """The engines that are named: release as `0.28` (empty where it is not said) and program."""
    named = ((name, os.environ.get(f"FARMQ_TEST_HEADSCALE{name}")) for name in RELEASES)
    return [(name[1:].replace("_", "."), binary) for name, binary in named if binary]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    real = [
        pytest.param(binary, marks=pytest.mark.real_headscale, id=f"real-{release}")
        for release, binary in binaries()
    ]
    if "engine" in metafunc.fixturenames:
        none = [pytest.param("", marks=pytest.mark.skip(reason="no headscale named"))]
        metafunc.parametrize("engine", real or none, indirect=True, scope="module")
    elif "desk" in metafunc.fixturenames:
        simulated = [pytest.param(name, id=f"simulated-{name}") for name in SIMULATED]
        metafunc.parametrize("desk", [*real, *simulated], indirect=True, scope="module")


@contextlib.contextmanager
def started(binary: str, stun_port: int = -1, more: str = "") -> Iterator[Engine]:
    """A server in a folder with a short path, because unix sockets end at 107 characters.

    `more` are further lines of its configuration.
    """
    folder = Path(tempfile.mkdtemp(prefix="fq-"))
    (folder / "engine").mkdir()
    running = Engine(binary, folder / "engine", stun_port, more)
    running.start()
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with stun_server() as port, started(request.param, port) as running:
        yield running


@pytest.fixture(scope="module")
def desk_of(engine: Engine, seen: Sightings) -> Desk:
    """The desk beside a real engine that a test starts, stops and looks into."""
    return desk_at(engine, seen)


@pytest.fixture(scope="module")
def stage(engine: Engine, desk_of: Desk) -> Iterator[Stage]:
    """Two pharmacies and one of our people, with real clients."""
    if "FARMQ_TEST_TAILSCALED" not in os.environ:
        pytest.skip("no tailscaled named")
    made = set_stage(engine, desk_of)
    yield made
    for client in made.clients.values():
        client.stop()


@pytest.fixture(scope="module")
def desk(
    request: pytest.FixtureRequest, seen: Sightings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """A real engine, or the simulator as the same release: both must do the same."""
    if request.param not in SIMULATED:
        with started(request.param) as running:
            yield desk_at(running, seen)
        return
    config = create(tmp_path_factory.mktemp("simulated"), release=request.param)
    yield Desk(("headscale",), FakeHeadscale(config), SIMULATED[request.param], None)


def desk_at(engine: Engine, seen: Sightings) -> Desk:
    """The desk beside a running engine; which release it is, the program says."""
    command = tuple(engine.command)
    client = HeadscaleClient(command)
    desk = Desk(command, run, client.release(), seen)
    said, series = client.version().text, series_of(desk.release)
    # What is built between releases says `dev` alone.
    desk.saw(PROGRAM, said if series in said else f"{said} ({series})")
    return desk


@pytest.fixture(scope="session")
def seen() -> Iterator[Sightings]:
    """What is seen of real engines; written down when FARMQ_TEST_WRITE_COMPATIBILITY asks."""
    sightings = Sightings()
    yield sightings
    if os.environ.get("FARMQ_TEST_WRITE_COMPATIBILITY"):
        sightings.write(DOCUMENT, datetime.now(UTC).date())


class System:
    """FARMQ Admin as a newcomer starts it, asked over HTTP."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.port, self.data = free_port(), folder / "farmq"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "HEADSCALE_COMMAND": " ".join(engine.command),
            "HEADSCALE_LOGIN_URL": engine.url,
            "FARMQ_ADMIN_PASSWORD": PASSWORD,
            "FARMQ_DATA": str(self.data),
        }
        manage = str(ROOT / "manage.py")
        argv = [sys.executable, manage, "up", "--data", str(self.data), "--port", str(self.port)]
        self.program = Program([*argv, "--no-input"], folder / "farmq.log", self.env)
        self.token = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.program.start()

        def is_ready() -> bool:
            try:
                return bool(self.get("/readyz")[0] == 200)
            except OSError:
                return False

        wait_until(is_ready, 60)
        self.token = self.manage(
            *("token", "create", "test", "--days", "1", "--scopes"),
            *("machines:read", "machines:rename", "machines:expire", "machines:delete"),
            *("keys:create", "pharmacies:read", "pharmacies:write", "commands:read"),
        )

    def manage(self, *words: str) -> str:
        argv = [sys.executable, str(ROOT / "manage.py"), *words]
        done = subprocess.run(argv, env=self.env, check=True, timeout=60, capture_output=True)
        return done.stdout.decode().strip().splitlines()[-1]

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        try:
            text = json.dumps(body) if body is not None else None
            connection.request(method, path, text, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> tuple[int, Any]:
        return self.ask("GET", path)

    def stats(self) -> dict[str, Any]:
        return dict(self.get("/api/dashboard/stats")[1]["data"])

    def nodes(self) -> dict[str, dict[str, Any]]:
        return {node["name"]: node for node in self.get("/api/nodes")[1]["data"]}


@pytest.fixture(scope="module")
def system(engine: Engine) -> Iterator[System]:
    running = System(engine, engine.folder.parent)
    running.start()
    yield running
    running.program.stop()


@pytest.fixture(scope="module")
def clients(engine: Engine, system: System) -> Iterator[dict[str, Client]]:
    """Two machines of one pharmacy, joined with keys that the API made."""
    if "FARMQ_TEST_TAILSCALED" not in os.environ:
        pytest.skip("no tailscaled named")
    system.manage("shell", "-c", MAKE_COMPANY)
    values = {"company_code": "REAL", "pharmacy_name": "실물약국"}
    pharmacy = system.ask("POST", "/api/pharmacies", values)[1]["data"]["id"]
    joined = {}
    for name in ("counter-1", "counter-2"):
        status, answer = system.ask("POST", f"/api/pharmacy/{pharmacy}/preauth-key", {})
        joined[name] = Client(name, engine.folder.parent)
        joined[name].join(engine, key_of(system, status, answer))
    yield joined
    for client in joined.values():
        client.stop()


def key_of(system: System, status: int, answer: dict[str, Any]) -> str:
    """Return the key of an answer, fetching it with the retrieval token when it came later."""
    if status == 200:
        return str(answer["data"]["key"])
    command, token = answer["data"]["id"], answer["data"]["retrieval_token"]

    def is_final() -> bool:
        return bool(system.get(f"/api/commands/{command}")[1]["data"]["state"] == "SUCCEEDED")

    wait_until(is_final, 30)
    connection = http.client.HTTPConnection("127.0.0.1", system.port, timeout=20)
    headers = {"Authorization": f"Token {system.token}", "FARMQ-Retrieval-Token": token}
    connection.request("POST", f"/api/commands/{command}/secret", headers=headers)
    return str(json.loads(connection.getresponse().read())["data"]["key"])


MAKE_COMPANY = """
from django.utils import timezone
from pharmacies.access.actor import system_actor
from pharmacies.operations import create_company
from pharmacies.tenancy import platform_context
with platform_context():
    create_company(
        actor=system_actor("test"), at=timezone.now(), company_code="REAL", name="실물 시험"
    )
"""
