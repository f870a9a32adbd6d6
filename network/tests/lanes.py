"""A lane with a simulated engine: ask for changes, run them, and see what the journal says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from network import executor, operations
from network.headscale.client import HeadscaleClient
from network.headscale.process import Completed, Runner
from network.headscale.simulator import control, journal
from network.headscale.simulator.config import create, load, set_now
from network.headscale.simulator.faults import Fault, set_faults
from network.headscale.simulator.releases import DEFAULT_RELEASE
from network.headscale.simulator.runner import FakeHeadscale
from network.models import HeadscaleCommand, HeadscaleServer, MachineProfile, PharmacyLink
from network.sealing import KeyPair, make_key_pair
from network.sync import synchronise
from network.tests.situations import (
    NOW,
    Clock,
    link,
    make_pharmacy,
    make_server,
    simulated_client,
)
from pharmacies.access.actor import Actor, system_actor

ACTOR: Actor = system_actor("test")
Hook = Callable[[str], None]


@dataclass
class Lane:
    """One server, its engine, one pharmacy with a user, and two machines of it."""

    config: Path
    clock: Clock
    server: HeadscaleServer
    link: PharmacyLink
    engine: FakeHeadscale
    hooks: list[Hook] = field(default_factory=list)
    forgotten: int = 0

    def client_for(self, server: HeadscaleServer, runner: Runner) -> HeadscaleClient:
        """The real client; what the executor would start runs in this process."""
        if hasattr(runner, "looked"):
            vars(runner)["_run"] = self._run
            return simulated_client(self.config, self.clock, runner, server.series)
        return simulated_client(self.config, self.clock, self._run, server.series)

    def _run(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        stdin: bytes | None,
        timeout_s: float,
    ) -> Completed:
        completed = self.engine(argv, env=env, stdin=stdin, timeout_s=timeout_s)
        verb = " ".join(argv[argv.index("json") + 1 :][:2])
        for hook in self.hooks:
            hook(verb)
        return completed

    def execute(self, command: HeadscaleCommand) -> executor.FollowUp:
        return executor.execute(command_id=command.pk, client_for=self.client_for, clock=self.clock)

    def settle(self, command: HeadscaleCommand) -> executor.FollowUp:
        return executor.settle(command_id=command.pk, client_for=self.client_for, clock=self.clock)

    def sweep(self) -> tuple[list[int], list[int]]:
        return executor.sweep(clock=self.clock)

    def move(self, seconds: float) -> None:
        self.clock.move(seconds)
        set_now(self.config, self.clock.at.isoformat())

    def fail(self, *faults: Fault) -> None:
        set_faults(self.config, *faults)

    def effects(self) -> list[dict[str, Any]]:
        entries = journal.effects(journal.read(load(self.config).journal))
        return [entry.effect or {} for entry in entries][self.forgotten :]

    def forget(self) -> None:
        """Count effects from here on only."""
        self.forgotten += len(self.effects())

    def machine(self, node_id: int = 1) -> MachineProfile:
        return MachineProfile.objects.get(node_id=node_id, gone_at=None)

    def synchronise(self) -> None:
        client = simulated_client(self.config, self.clock)
        synchronise(server_id=self.server.pk, client=client, clock=self.clock)

    def rename(self, name: str = "counter-1", node_id: int = 1) -> HeadscaleCommand:
        return operations.rename_node(
            actor=ACTOR, at=self.clock(), machine_id=self.machine(node_id).pk, new_name=name
        )

    def expire(self, node_id: int = 1, ends_at: datetime | None = None) -> HeadscaleCommand:
        return operations.expire_node(
            actor=ACTOR, at=self.clock(), machine_id=self.machine(node_id).pk, ends_at=ends_at
        )

    def delete(self, node_id: int = 1) -> HeadscaleCommand:
        return operations.delete_node(
            actor=ACTOR, at=self.clock(), machine_id=self.machine(node_id).pk
        )

    def make_user(self) -> HeadscaleCommand:
        command = operations.create_user(
            actor=ACTOR,
            at=self.clock(),
            pharmacy_id=make_pharmacy(2).pk,
            server_id=self.server.pk,
        )
        assert command is not None
        assert command.pharmacy_id is not None
        return command

    def make_key(self, pair: KeyPair | None = None) -> HeadscaleCommand:
        order = operations.KeyOrder(public_key=(pair or make_key_pair()).public)
        return operations.create_preauth_key(
            actor=ACTOR,
            at=self.clock(),
            pharmacy_id=self.link.pharmacy_id,
            server_id=self.server.pk,
            order=order,
        )

    def ask(self, kind: str) -> HeadscaleCommand:
        """Ask for a change by its short name."""
        asked: dict[str, Callable[[], HeadscaleCommand]] = {
            "rename": self.rename,
            "expire": self.expire,
            "delete": self.delete,
            "user": self.make_user,
            "key": self.make_key,
        }
        return asked[kind]()


VERBS = {
    "rename": "nodes rename",
    "expire": "nodes expire",
    "delete": "nodes delete",
    "user": "users create",
    "key": "preauthkeys create",
}


def make_lane(folder: Path, release: str = DEFAULT_RELEASE, slug: str = "default") -> Lane:
    """A lane whose machines are known already."""
    config = create(folder, now=NOW.isoformat(), release=release)
    for number in (1, 2):
        control.join(config, f"pc-{number}", "site-one")
    series = ".".join(release.split("-", maxsplit=1)[0].split(".")[:2])
    server = make_server(slug, release=release, series=series)
    pharmacy = make_pharmacy(1)
    lane = Lane(config, Clock(), server, link(pharmacy, server, 1), FakeHeadscale(config))
    lane.synchronise()
    return lane


def past() -> datetime:
    """A time that is over by the clock of any database."""
    return NOW - timedelta(days=400)
