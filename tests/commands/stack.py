"""A whole system of real processes: broker, worker, beat, web, and the simulated engine."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from network.headscale.simulator import control
from network.headscale.simulator.config import create, load
from network.headscale.simulator.faults import Fault, set_faults
from tests import environment, services
from tests.commands.verdict import Witness

ROOT = Path(__file__).resolve().parents[2]
SIMULATOR = ROOT / "network" / "headscale" / "simulator" / "__main__.py"
MACHINES = 14
FINAL = {"SUCCEEDED", "FAILED", "NEEDS_HUMAN", "CANCELLED"}
SHORT = {
    "FARMQ_CHANGE_TIMEOUT": "2.5",
    "FARMQ_READ_TIMEOUT": "2",
    "FARMQ_LEASE_S": "8",
    "FARMQ_VISIBILITY_S": "20",
    "FARMQ_SWEEP_INTERVAL": "1",
    "FARMQ_SETTLE_MIN_S": "3",
    # One list at the start, then one after each change: the faults are for the commands.
    "FARMQ_SYNC_INTERVAL": "3600",
}
PREPARE = """
from django.utils import timezone
from pharmacies.access.actor import system_actor
from pharmacies.access.models import User
from pharmacies.access.operations import create_token
from pharmacies.access.roles import PERMISSIONS
from pharmacies.models import Company, Pharmacy
from pharmacies.tenancy import platform_context
with platform_context():
    user = User.objects.create_superuser("admin")
    company = Company.objects.create(company_code="ALPHA", name="ALPHA")
    Pharmacy.objects.create(company=company, pharmacy_name="약국")
    print("token", create_token(
        actor=system_actor("test"), at=timezone.now(), user=user, name="test",
        scopes=sorted(PERMISSIONS), days=1, company_code=None,
    ))
"""


def until(condition: Callable[[], Any], limit_s: float, what: str) -> Any:
    """Look again and again; return what the condition gave when it held."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {limit_s} s: {what}")


class Broker(services.Valkey):
    """A Valkey that can be killed, frozen, emptied and started again at its address."""

    def again(self) -> None:
        self.start()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Stack:
    """Starts everything on a fresh database, and talks to it as a program would."""

    def __init__(
        self,
        folder: Path,
        *,
        machines: int = MACHINES,
        database_url: str = "",
        **settings: str,
    ) -> None:
        self.folder, self.machines = folder, machines
        self.config = create(folder / "engine")
        for number in range(1, machines + 1):
            control.join(self.config, f"pc-{number}", "site-one")
        self.witness = Witness(load(self.config).journal)
        self.broker = Broker()
        self.broker_url = self.broker.start()
        self.port = _free_port()
        self.environment = self._environment(database_url) | settings
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._run("migrate", "-v", "0")
        said = self._run("shell", "-v", "0", "-c", PREPARE)
        self.token = said.rsplit("token ", 1)[1].split()[0]
        for name in ("web", "worker", "beat"):
            self.start(name)
        until(self._is_ready, 30, "machines in the API")

    def _environment(self, database_url: str) -> dict[str, str]:
        engine = (sys.executable, str(SIMULATOR), "-c", str(self.config))
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            **environment.values(self.folder, redis_url=self.broker_url, database_url=database_url),
            **SHORT,
            "DJANGO_SETTINGS_MODULE": "tests.commands.short_settings",
            "HEADSCALE_COMMAND": shlex.join(engine),
            "FARMQ_SIMULATED": "true",
        }

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str) -> None:
        """Start one process under its name."""
        celery = (sys.executable, "-m", "celery", "-A", "farmq")
        queues = ("-Q", "commands,sync,alerts,default")
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        argv = {
            "worker": (*celery, "worker", "-n", "first@%h", "-c", "2", *queues, *quiet),
            "second": (*celery, "worker", "-n", "second@%h", "-c", "1", *queues, *quiet),
            "beat": (*celery, "beat"),
            "web": (
                *(sys.executable, "-m", "gunicorn", "-c", "python:farmq.webserver"),
                *("-b", f"127.0.0.1:{self.port}", "farmq.wsgi"),
            ),
        }[name]
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        """End a process as the kernel does when memory is short; its children are not told."""
        self.processes[name].kill()
        self.processes[name].wait()

    @contextlib.contextmanager
    def replaced_while_frozen(self) -> Iterator[None]:
        """Stop the worker as a machine that swaps does, and let a second one work instead."""
        group = self.processes["worker"].pid
        os.killpg(group, signal.SIGSTOP)
        self.start("second")
        try:
            yield
        finally:
            os.killpg(group, signal.SIGCONT)
            self.kill("second")
            del self.processes["second"]

    def stop(self) -> None:
        """End everything that was started here."""
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.broker.stop()

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            status, answer = self.call("GET", "/api/nodes")
            return status == 200 and answer["pagination"]["count"] == self.machines
        return False

    def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str
    ) -> tuple[int, Any]:
        """One request of a program; returns status and answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        sent = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body or {}), sent | headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> int:
        """Ask for a change without waiting for it; returns the number of its command."""
        status, answer = self.call(method, path, body, Prefer="respond-async")
        assert status == 202, answer
        number = answer["data"]["id"]
        assert isinstance(number, int)
        return number

    def rename(self, node_id: int) -> int:
        return self.ask("POST", f"/api/nodes/{node_id}/rename", {"new_name": f"till-{node_id}"})

    def state(self, command_id: int) -> str:
        return str(self.command(command_id)["state"])

    def command(self, command_id: int) -> dict[str, Any]:
        status, answer = self.call("GET", f"/api/commands/{command_id}")
        assert status == 200, answer
        return dict(answer["data"])

    def final_state(self, command_id: int, *, limit_s: float = 60) -> str:
        """The state in which a command ends, within a minute."""
        return str(until(lambda: self._ended(command_id), limit_s, f"an end of {command_id}"))

    def _ended(self, command_id: int) -> str | None:
        self.guard()
        state = self.state(command_id)
        return state if state in FINAL else None

    def fail(self, *faults: Fault) -> None:
        """Let the engine meet these faults, or be well again."""
        set_faults(self.config, *faults)

    def heal(self) -> None:
        """Make everything work again."""
        self.fail()
        if not self.broker.runs():
            self.broker.again()
        self.guard()

    def guard(self) -> None:
        """Start again what has ended, as the supervisor does: kombu 5.7 ends a worker whose broker
        dies while a message is not yet acknowledged."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                self.start(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
