"""A distant engine, by address and key: the same verbs, and words for a key that is not its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from network.headscale.client import HeadscaleClient, RejectedError
from network.headscale.features import series_of
from network.headscale.process import run
from tests.real_headscale.conftest import desk_at, started
from tests.real_headscale.desk import Desk
from tests.real_headscale.engine import Engine
from tests.real_headscale.matrix import Sightings

pytestmark = [pytest.mark.real_headscale, pytest.mark.timeout(120)]
TEXT = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}]}'


@dataclass(frozen=True)
class Distant:
    """An engine that answers under a certificate of its own; `desk` sits beside it."""

    desk: Desk
    client: HeadscaleClient
    command: tuple[str, ...]
    address: str

    def with_key(self, key: str) -> HeadscaleClient:
        return HeadscaleClient(
            self.command, run, series_of(self.desk.release), remote=(self.address, key)
        )


def certified(folder: Path) -> Path:
    """Make a certificate for this machine; returns its file."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *kind, *names, *files], check=True, capture_output=True, timeout=30)
    return certificate


@pytest.fixture(scope="module")
def distant(
    engine: Engine, seen: Sightings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Distant]:
    folder = tmp_path_factory.mktemp("distant")
    certificate = certified(folder)
    paths = f"tls_cert_path: {certificate}\ntls_key_path: {folder / 'key.pem'}\n"
    # What the command line wants to find where the engine is elsewhere.
    (folder / "cli.yaml").write_text("{}\n")
    with started(engine.binary, more=paths) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(certificate))
        desk = desk_at(running, seen)
        # From 0.30 on the command line asks over HTTP, where the engine serves everything.
        port = running.port if desk.since(30) else running.grpc
        command = (engine.binary, "-c", str(folder / "cli.yaml"))
        _, key = desk.client.create_api_key()
        made = Distant(desk, desk.client, command, f"127.0.0.1:{port}")
        yield Distant(desk, made.with_key(key), command, made.address)


def test_every_kind_of_verb_reaches_it(distant: Distant) -> None:
    there, here = distant.client, distant.desk

    user = there.create_user("pharm-a")
    renamed = there.rename_user(user.id, "pharm-b")
    key = there.create_preauth_key(user.id).key
    (row,) = there.preauth_keys()
    there.expire_preauth_key(row)
    node = there.register_node("pharm-b", here.park(renamed, name="till"))
    there.rename_node(node.id, "till-1")
    there.set_policy(TEXT)

    policy = here.client.policy()
    assert there.version().text
    assert [one.name for one in here.client.users()] == ["pharm-b"]
    assert [one.given_name for one in there.nodes()] == ["till-1"]
    assert key
    assert policy is not None
    assert policy.text == TEXT
    there.expire_node(node.id)
    there.delete_node(node.id)
    assert here.client.nodes() == ()


def test_a_key_that_is_not_its_own_is_refused_and_never_told(distant: Distant) -> None:
    key = "abcdefghijklm.nopqrstuvwxyz0123456789"

    with pytest.raises(RejectedError) as refused:
        distant.with_key(key).users()

    assert refused.value.reason == "key_refused"
    assert key not in str(refused.value)
    assert distant.client.users() == distant.desk.client.users()
