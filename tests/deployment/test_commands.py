"""The commands of web, worker, beat and migrate run with the environment the file gives them.

Names and mounts are mapped: the hosts ``postgres`` and ``redis`` to real servers of the test, the
secrets and the engine's volumes to local folders, the engine's command to the simulator's.
"""

import http.client
import os
import shlex
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from farmq.tests.processes import wait_until
from tests import environment
from tests.deployment.composition import ROOT, composition, example
from tests.services import Postgres, Valkey, postgres_programs

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("deployment")]
START_LIMIT_S = 40
SIMULATOR = ROOT / "network" / "headscale" / "simulator" / "__main__.py"


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the names of the file lead on this machine."""

    services: dict[str, Any]
    folder: Path
    postgres: str
    redis: str

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a service, mapped, and what any process needs."""
        values = {key: str(value) for key, value in self.services[name]["environment"].items()}
        mapped = {key: self._local(value) for key, value in values.items()}
        return environment.clean(dict(os.environ)) | mapped

    def argv(self, name: str) -> list[str]:
        """The command of a service with this Python's programs."""
        command = self.services[name]["command"]
        words = shlex.split(command) if isinstance(command, str) else list(command)
        program = {"python": [], "gunicorn": ["-m", "gunicorn"], "celery": ["-m", "celery"]}
        return [sys.executable, *program[words[0]], *(self._local(word) for word in words[1:])]

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a service that ends by itself."""
        return subprocess.run(
            self.argv(name),
            cwd=ROOT,
            env=self.environment(name),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start a service that lasts."""
        log = (self.folder / f"{name}.log").open("wb")
        return subprocess.Popen(
            self.argv(name), cwd=ROOT, env=self.environment(name), stdout=log, stderr=log
        )

    def _local(self, value: str) -> str:
        engine = f"{sys.executable} {SIMULATOR} -c {self.folder}/engine/simulator.json"
        for name, here in (
            ("/tmp/", f"{self.folder}/"),  # noqa: S108 -- the one of the containers
            ("redis://redis:6379/0", self.redis),
            ("headscale -c /etc/headscale/config.yaml", engine),
            ("/run/secrets", str(self.folder / "secrets")),
            ("/var/lib/headscale", str(self.folder / "headscale")),
        ):
            value = value.replace(name, here)
        return value


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Real PostgreSQL with the roles of the file, real broker, secrets, and the migrated tables."""
    folder = tmp_path_factory.mktemp("deployment")
    secrets = folder / "secrets"
    subprocess.run(["sh", ROOT / "deploy/make-secrets.sh", secrets], check=True, timeout=30)
    postgres, valkey = Postgres(), Valkey()
    place = postgres.start()
    make_roles(postgres.folder, secrets)
    for name in ("database_url", "database_owner_url"):
        url = (secrets / name).read_text().replace("@postgres:5432/", "@/")
        (secrets / name).write_text(f"{url}?host={postgres.folder}")
    (folder / "headscale").mkdir()
    sqlite3.connect(folder / "headscale" / "db.sqlite").close()
    services = composition(example())["services"]
    made = Deployment(services, folder, place, valkey.start())
    migrated = made.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    yield made
    postgres.stop()
    valkey.stop()


def make_roles(sockets: Path, secrets: Path) -> None:
    """Do what the postgres image does at its first start: the owner, the database, our script."""
    connection = psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres")
    connection.autocommit = True
    owner_password = (secrets / "postgres_owner_password").read_text()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE farmq_owner LOGIN CREATEROLE PASSWORD %s", [owner_password])
        cursor.execute("CREATE DATABASE farmq OWNER farmq_owner")
    connection.close()
    script = (ROOT / "deploy" / "postgres" / "roles.sql").read_text()
    psql: list[str | Path] = [
        postgres_programs() / "psql",
        "-h",
        sockets,
        "-U",
        "postgres",
        "-d",
        "farmq",
        "-q",
    ]
    subprocess.run(
        [*psql, "-v", "ON_ERROR_STOP=1"],
        input=script.replace("/run/secrets", str(secrets)).encode(),
        check=True,
        timeout=30,
    )


def owner_of(deployment: Deployment, table: str) -> str:
    """Ask PostgreSQL for the role that owns a table."""
    sockets = deployment.postgres.partition("host=")[2]
    connection = psycopg2.connect(host=sockets, user="postgres", dbname="farmq")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableowner FROM pg_tables WHERE tablename = %s", [table])
        (owner,) = cursor.fetchone()
    connection.close()
    return str(owner)


def stop(process: subprocess.Popen[bytes]) -> int:
    """End a service as Docker does, and return its exit status."""
    process.terminate()
    try:
        return process.wait(15)
    finally:
        process.kill()


def test_the_tables_belong_to_the_owner(deployment: Deployment) -> None:
    assert owner_of(deployment, "django_migrations") == "farmq_owner"


def test_migrating_twice_changes_nothing(deployment: Deployment) -> None:
    again = deployment.run("migrate")

    assert again.returncode == 0, again.stderr
    assert "No migrations to apply" in again.stdout or "없습니다" in again.stdout


def test_web_answers_its_health_check(deployment: Deployment) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = deployment.services["web"]["command"].replace("0.0.0.0:8000", f"127.0.0.1:{port}")
    deployment.services["web"]["command"] = command

    web = deployment.start("web")

    try:
        assert wait_until(lambda: status(port, "/healthz") == 200, limit_s=START_LIMIT_S)
        assert status(port, "/admin/login/") == 301
    finally:
        assert stop(web) == 0


def status(port: int, path: str) -> int:
    """The status of an answer, 0 without one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def test_worker_answers_its_health_check(deployment: Deployment) -> None:
    worker = deployment.start("worker")
    ping = [sys.executable, "-m", "celery", "-A", "farmq.celery", "inspect", "ping", "-t", "2"]
    ping += ["-d", f"celery@{socket.gethostname()}"]

    def pings() -> bool:
        answer = subprocess.run(
            ping,
            cwd=ROOT,
            env=deployment.environment("worker"),
            capture_output=True,
            timeout=30,
            check=False,
        )
        return answer.returncode == 0

    try:
        assert wait_until(pings, limit_s=START_LIMIT_S)
    finally:
        assert stop(worker) == 0


def test_beat_leaves_its_sign_of_life(deployment: Deployment) -> None:
    beat = deployment.start("beat")
    sign = Path(deployment.environment("beat")["FARMQ_BEAT_FILE"])

    try:
        assert wait_until(sign.exists, limit_s=START_LIMIT_S)
    finally:
        assert stop(beat) == 0
