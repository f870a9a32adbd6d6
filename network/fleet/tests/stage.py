"""A small network of two companies for tests of doors: a pretended engine, and a broker at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from network import slow_cycle, sync, tasks
from network.fleet.operations import link_pharmacy
from network.headscale.client import HeadscaleClient
from network.headscale.simulator import config, control, faults
from network.headscale.simulator.runner import FakeHeadscale
from network.models import HeadscaleCommand, HeadscaleServer, MachineProfile
from network.servers import register_servers
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import SYSTEM, person, program, token_of
from pharmacies.models import Company, Pharmacy
from pharmacies.operations import create_pharmacy
from pharmacies.tenancy import platform_context

GATEWAY, COUNTER, OTHER, STRANGER = 1, 2, 3, 4
LOGIN_URL = "https://engine.example.com"


@dataclass
class Broker:
    """Where messages leave the process: it brings them to a worker, keeps them, or is away."""

    mode: str = "quick"
    kept: list[int] = field(default_factory=list)

    def __call__(self, task: Any, number: int, expires_s: float | None = None) -> bool:
        if self.mode == "away":
            return False
        if task.name != tasks.execute_command.name:
            return True
        if self.mode == "slow":
            self.kept.append(number)
        else:
            tasks.execute_command(number)
        return True

    def deliver(self) -> None:
        """Let a worker have what was kept."""
        self.mode, kept, self.kept = "quick", self.kept, []
        for number in kept:
            tasks.execute_command(number)


@dataclass
class Stage:
    """GANA has two machines in pharmacy `gana`, NADA one in `nada`; a fourth stands nowhere."""

    config: Path
    engine: FakeHeadscale
    broker: Broker
    server: HeadscaleServer
    gana: Pharmacy
    nada: Pharmacy
    client: APIClient

    def sync(self) -> None:
        client = HeadscaleClient(("headscale",), self.engine)
        sync.synchronise(server_id=self.server.pk, client=client, clock=lambda: datetime.now(UTC))

    def read_slowly(self, *topics: str) -> None:
        """Read users, keys and the like, as the slower cycle does."""
        client = HeadscaleClient(("headscale",), self.engine)
        slow_cycle.read_slowly(
            server_id=self.server.pk, client=client, at=datetime.now(UTC), topics=topics
        )

    def set_online(self, node_id: int, online: bool) -> None:
        control.set_online(self.config, node_id, online)
        self.sync()

    def fault(self, mode: str, verb: str = "*", **values: Any) -> None:
        faults.set_faults(self.config, faults.Fault(mode, verb, **values))

    def soon(self, **ahead: float) -> datetime:
        return datetime.now(UTC) + timedelta(**ahead)

    def machine(self, node_id: int) -> MachineProfile:
        with platform_context():
            return MachineProfile.objects.get(node_id=node_id, gone_at=None)

    def carry_on(self) -> None:
        """Let bulk jobs have their turns until none has one."""
        before = -1
        while len(self.commands()) != before:
            before = len(self.commands())
            tasks.ring_for_bulk()

    def revive(self, node_id: int) -> None:
        """Show a machine that the engine has no longer, as before the next synchronisation."""
        with platform_context():
            MachineProfile.objects.filter(node_id=node_id).update(gone_at=None)

    def second_server(self) -> None:
        HeadscaleServer.objects.create(slug="second", name="둘째", confirmed_at=self.soon())

    def commands(self) -> list[HeadscaleCommand]:
        with platform_context():
            return list(HeadscaleCommand.objects.order_by("pk"))

    def names(self) -> dict[int, str]:
        """What the engine itself calls its machines."""
        nodes = HeadscaleClient(("headscale",), self.engine).nodes()
        return {node.id: node.given_name for node in nodes}


def _companies() -> tuple[Pharmacy, Pharmacy]:
    made = []
    for code, name in (("GANA", "가나약국"), ("NADA", "나다약국")):
        Company(company_code=code, name=f"{name} 회사").save(force_insert=True)
        values = {"pharmacy_name": name}
        made.append(
            create_pharmacy(actor=SYSTEM, at=datetime.now(UTC), company_code=code, values=values)
        )
    return made[0], made[1]


def _link(pharmacy: Pharmacy, server: HeadscaleServer, user: tuple[int, str]) -> None:
    link_pharmacy(
        actor=SYSTEM,
        at=datetime.now(UTC),
        pharmacy_id=pharmacy.pk,
        server_id=server.pk,
        headscale_user=user,
    )


def build(path: Path, broker: Broker) -> Stage:
    """Set the stage in the current database; the administrator's token has every scope."""
    place = config.create(path)
    for name, user in (
        ("gana-gateway", "gana"),
        ("gana-counter", "gana"),
        ("nada-counter", "nada"),
        ("stranger", "visitor"),
    ):
        control.join(place, name, user)
    with platform_context():
        (server,) = register_servers()
        gana, nada = _companies()
        _link(gana, server, (1, "gana"))
        _link(nada, server, (2, "nada"))
    client = program(token_of(person("boss", Role.ADMINISTRATOR)))
    stage = Stage(place, FakeHeadscale(place), broker, server, gana, nada, client)
    stage.sync()
    return stage


@pytest.fixture
def stage(db: None, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The network, freshly synchronised. Tests of changes ask for a transactional database."""
    entry = {**settings.HEADSCALE_SERVERS[0], "command": ("headscale",), "login_url": LOGIN_URL}
    settings.HEADSCALE_SERVERS = [entry]
    settings.FARMQ_WAIT_S = 0
    broker = Broker()
    monkeypatch.setattr(tasks, "publish", broker)
    built = build(tmp_path / "engine", broker)
    monkeypatch.setattr("network.executor.run", built.engine)
    return built
