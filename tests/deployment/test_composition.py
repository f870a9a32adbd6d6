"""docker-compose.yml and Dockerfile keep what they promise."""

import re
import subprocess
import sys
from typing import Any

import pytest

from tests.deployment.composition import ROOT, composition, example

OURS = ("migrate", "web", "worker", "beat")
SERVICES = ("headscale", "postgres", "redis", *OURS)
COMPOSITION = composition(example())


def service(name: str) -> dict[str, Any]:
    """One service of the file."""
    found: dict[str, Any] = COMPOSITION["services"][name]
    return found


def mounts(name: str) -> list[str]:
    """The mounts of a service as they stand."""
    return [str(mount) for mount in service(name).get("volumes", [])]


def test_the_file_follows_the_schema_of_compose() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run(
        [*check, str(ROOT / "docker-compose.yml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_services_are_these() -> None:
    assert set(COMPOSITION["services"]) == set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name: str) -> None:
    user = str(service(name)["user"])

    assert user not in {"", "root", "0", "0:0"}
    assert service(name)["read_only"] is True
    assert service(name)["cap_drop"] == ["ALL"]
    assert service(name)["security_opt"] == ["no-new-privileges:true"]
    assert not service(name).get("privileged")


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    assert service(name)["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_has_the_socket_of_docker(name: str) -> None:
    assert not [mount for mount in mounts(name) if "docker.sock" in mount]


@pytest.mark.parametrize("name", OURS)
def test_the_database_of_the_engine_is_mounted_read_only(name: str) -> None:
    assert "headscale-data:/var/lib/headscale:ro" in mounts(name)


def test_the_worker_reaches_the_engine_over_the_shared_socket() -> None:
    assert "headscale-socket:/var/run/headscale:ro" in mounts("worker")
    assert "headscale-socket:/var/run/headscale" in mounts("headscale")
    assert "./deploy/headscale:/etc/headscale:ro" in mounts("worker")
    assert not [mount for mount in mounts("web") if "socket" in mount]


def test_what_lasts_lies_in_named_volumes() -> None:
    used = {mount.split(":")[0] for name in SERVICES for mount in mounts(name)}
    named = {source for source in used if not source.startswith("./")}

    assert named == set(COMPOSITION["volumes"])


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_by_file_only(name: str) -> None:
    values = service(name).get("environment", {})
    secret = {
        key for key in values if re.search("SECRET|PASSWORD|KEYS|DATABASE_URL|OWNER_URL", key)
    }
    files = {key for key in secret if key.endswith("_FILE")}

    assert secret - files <= {"HEADSCALE_DATABASE_URL"}
    for key in files:
        assert values[key].removeprefix("/run/secrets/") in service(name)["secrets"]


def test_every_secret_is_made_by_the_script() -> None:
    script = (ROOT / "deploy" / "make-secrets.sh").read_text()

    assert set(re.findall(r"^make (\w+)", script, re.MULTILINE)) == set(COMPOSITION["secrets"])


def test_only_migrate_is_the_owner_of_the_tables() -> None:
    owners = [name for name in OURS if "database_owner_url" in service(name)["secrets"]]

    assert owners == ["migrate"]


def test_ports_are_open_to_this_machine_only() -> None:
    ports = [port for name in SERVICES for port in service(name).get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_one_argument_pins_server_and_command_line() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    arguments = {str(service(name)["build"]["args"]) for name in ("headscale", *OURS)}

    assert len(arguments) == 1
    assert dockerfile.count("ARG HEADSCALE_VERSION") == 1
    assert len(re.findall(r"^FROM headscale/headscale:", dockerfile, re.MULTILINE)) == 1


def test_the_images_do_not_run_as_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()

    for stage in ("headscale", "farmq"):
        body = re.split(rf"FROM base AS {stage}\n", dockerfile)[1].split("\nFROM ")[0]

        assert "USER 10001:10001" in body
