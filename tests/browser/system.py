"""The whole system in processes of its own, with a pretended engine whose levers a test holds."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from network.headscale.simulator import control
from network.headscale.simulator.config import CONFIG_NAME

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "only-for-this-test-9"
OTHER_HOST = "farmq.test"
START_LIMIT_S = 60
SCOPES = ("machines:read", "machines:rename", "pharmacies:read", "commands:read", "keys:create")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], limit_s: float) -> None:
    """Look again and again until the condition holds; fail when the time is over."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.05)


class System:
    """FARMQ Admin as a newcomer starts it, with six pharmacies."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder, self.data = free_port(), folder, folder / "data"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "FARMQ_ADMIN_PASSWORD": PASSWORD,
            "FARMQ_DATA": str(self.data),
            "FARMQ_SYNC_INTERVAL": "1",
            "ALLOWED_HOSTS": f"127.0.0.1,localhost,{OTHER_HOST}",
        }
        self.token = ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def engine(self) -> Path:
        return next(self.data.rglob(CONFIG_NAME))

    def start(self) -> None:
        manage = [sys.executable, str(ROOT / "manage.py"), "up", "--no-input", "--demo", "6"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*manage, "--data", str(self.data), "--port", str(self.port)],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            wait_until(self._is_ready, START_LIMIT_S)
        except AssertionError as error:
            self.stop()
            raise AssertionError((self.folder / "log").read_text()[-3000:]) from error
        self.token = self.manage("token", "create", "t", "--days", "1", "--scopes", *SCOPES)

    def _is_ready(self) -> bool:
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def manage(self, *words: str) -> str:
        argv = [sys.executable, str(ROOT / "manage.py"), *words]
        done = subprocess.run(argv, env=self.env, check=True, timeout=60, capture_output=True)
        return done.stdout.decode().strip().splitlines()[-1]

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Content-Type": "application/json", "Authorization": f"Token {self.token}"}
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def stats(self) -> dict[str, Any]:
        return dict(self.ask("GET", "/api/dashboard/stats")[1]["data"])

    def nodes(self, query: str = "") -> list[dict[str, Any]]:
        return list(self.ask("GET", f"/api/nodes?page_size=200&{query}")[1]["data"])

    def hold(self, online: bool) -> None:
        """Hold every machine connected or away, so that nothing moves by itself."""
        for node in self.nodes():
            control.set_online(self.engine, node["node_id"], online)

    def set_online(self, node_id: int, online: bool) -> None:
        control.set_online(self.engine, node_id, online)
