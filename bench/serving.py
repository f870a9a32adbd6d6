"""A web server of its own process before a prepared database, and what it uses of a core."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "only-for-this-bench-9"  # noqa: S105  # of a database that is thrown away
START_LIMIT_S = 30
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Web:
    """The project's gunicorn, as `up` and the image start it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        argv = [sys.executable, "-m", "gunicorn", "-c", "python:farmq.webserver"]
        log = (folder / "web.log").open("ab")
        self.process = subprocess.Popen(
            [*argv, "--workers", "1", "-b", f"127.0.0.1:{self.port}", "farmq.wsgi"],
            cwd=ROOT,
            env=os.environ.copy(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def is_up(self) -> bool:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=5)
        try:
            connection.request("GET", "/admin/login/")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def cpu_seconds(self) -> float:
        """Return the processor time of the master and its workers so far."""
        return sum(_cpu_seconds(pid) for pid in (self.process.pid, *_children(self.process.pid)))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)


@contextmanager
def served(folder: Path) -> Iterator[Web]:
    """Start a web server that answers, and end it."""
    web = Web(folder)
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while not web.is_up():
            assert time.monotonic() < deadline, (folder / "web.log").read_text()
            time.sleep(0.1)
        yield web
    finally:
        web.stop()


def session_cookie() -> dict[str, str]:
    """Sign an administrator in without a page; return the cookie's name and value."""
    from django.conf import settings  # noqa: PLC0415  # needs the settings
    from django.test import Client  # noqa: PLC0415

    from pharmacies.access.models import User  # noqa: PLC0415
    from pharmacies.tenancy import platform_context  # noqa: PLC0415

    with platform_context():
        user = User.objects.filter(username="bench").first()
        user = user or User.objects.create_superuser("bench", password=PASSWORD)
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _cpu_seconds(pid: int) -> float:
    # After the name in brackets the fields begin with the third; 14 and 15 are user and system.
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND
