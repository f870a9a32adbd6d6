"""A real Headscale and real Tailscale clients, on loopback only, with nothing to call home to.

The binaries are named by the environment: FARMQ_TEST_HEADSCALE (or FARMQ_TEST_HEADSCALE_0_28 and
the like) and FARMQ_TEST_TAILSCALED, FARMQ_TEST_TAILSCALE. Run these tests inside a network
namespace whose only way out leads nowhere.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CONFIG = """\
server_url: http://127.0.0.1:{port}
listen_addr: 127.0.0.1:{port}
metrics_listen_addr: 127.0.0.1:{metrics}
grpc_listen_addr: 127.0.0.1:{grpc}
grpc_allow_insecure: false
noise: {{private_key_path: {folder}/noise.key}}
prefixes: {{v4: 100.64.0.0/10, v6: "fd7a:115c:a1e0::/48", allocation: sequential}}
derp:
  server: {{enabled: false}}
  urls: []
  paths: ["{folder}/derp.yaml"]
  auto_update_enabled: false
disable_check_updates: true
database: {{type: sqlite, sqlite: {{path: {folder}/db.sqlite}}}}
policy: {{mode: database}}
dns:
  magic_dns: true
  base_domain: example.test
  override_local_dns: false
  nameservers: {{global: []}}
unix_socket: {folder}/hs.sock
unix_socket_permission: "0770"
log: {{level: warn, format: text}}
logtail: {{enabled: false}}
"""
DERP = """\
regions:
  900:
    regionid: 900
    regioncode: test
    regionname: Test
    nodes:
      - {name: 900a, regionid: 900, hostname: 127.0.0.1, ipv4: 127.0.0.1, stunport: %d, derpport: 1}
"""
START_LIMIT_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(said: Callable[[], bool], limit_s: float, every_s: float = 0.2) -> float:
    """Return the seconds until something is true; fails with its name when it never is."""
    started = time.monotonic()
    while time.monotonic() - started < limit_s:
        if said():
            return time.monotonic() - started
        time.sleep(every_s)
    raise AssertionError(f"not within {limit_s} s: {said.__name__}")


class Program:
    """A process that is started, stopped and killed at will; its output goes to a file."""

    def __init__(self, argv: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        self.argv, self.log, self.env = argv, log, env
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.env,
                start_new_session=True,
            )

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, sent)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)
        self.process = None


class Engine(Program):
    """One Headscale server with its own folder and database."""

    def __init__(self, binary: str, folder: Path, stun_port: int = -1, more: str = "") -> None:
        self.binary, self.folder, self.port, self.grpc = binary, folder, free_port(), free_port()
        values = {"port": self.port, "metrics": free_port(), "grpc": self.grpc, "folder": folder}
        (folder / "config.yaml").write_text(CONFIG.format(**values) + more)
        (folder / "derp.yaml").write_text(DERP % stun_port)
        super().__init__([*self.command, "serve"], folder / "headscale.log")

    @property
    def command(self) -> list[str]:
        return [self.binary, "-c", str(self.folder / "config.yaml")]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        super().start()

        def answers() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return True
            return False

        wait_until(answers, START_LIMIT_S)

    def ask(self, *words: str) -> Any:
        """Ask the CLI directly, beside the system under test."""
        argv = [*self.command, "-o", "json", *words]
        env = {**os.environ, "HEADSCALE_CLI_TIMEOUT": "20s"}
        done = subprocess.run(argv, capture_output=True, check=True, timeout=30, env=env)
        return json.loads(done.stdout)


class Client(Program):
    """One real Tailscale client in user space."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.socket = folder / f"{name}.sock"
        state = folder / f"{name}.state"
        argv = [
            os.environ["FARMQ_TEST_TAILSCALED"],
            "--tun=userspace-networking",
            "--port=0",
            "--no-logs-no-support",
            f"--state={state}",
            f"--statedir={folder / name}",
            f"--socket={self.socket}",
        ]
        env = {**os.environ, "TS_NO_LOGS_NO_SUPPORT": "true"}
        super().__init__(argv, folder / f"{name}.log", env)

    def join(self, engine: Engine, key: str, more: tuple[str, ...] = ()) -> None:
        """Log in with a key; returns when the engine has taken the machine."""
        self.start()
        wait_until(self.socket.exists, START_LIMIT_S)
        argv = [
            os.environ["FARMQ_TEST_TAILSCALE"],
            f"--socket={self.socket}",
            "up",
            f"--login-server={engine.url}",
            f"--authkey={key}",
            f"--hostname={self.name}",
            "--timeout=60s",
            *more,
        ]
        subprocess.run(argv, check=True, timeout=90, capture_output=True)
