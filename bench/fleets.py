"""Demo fleets of a wished size on one or several simulated engines, with a past."""

from __future__ import annotations

import random
import shlex
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from network.headscale.simulator.config import create

ROOT = Path(__file__).resolve().parents[1]
SIMULATOR = ROOT / "network" / "headscale" / "simulator" / "__main__.py"
SYSTEMS = ("windows", "windows", "windows", "linux", "macOS")
CLIENTS = tuple(f"1.{minor}.{patch}" for minor in (88, 90, 92, 94) for patch in (0, 2, 4))
CHANGES_OF_A_MACHINE = 20
COMMANDS = 1_000
DAYS = 90


@dataclass(frozen=True, slots=True)
class Fleet:
    """A size of the demo: about four and a half machines a pharmacy."""

    pharmacies: int
    servers: int

    @property
    def name(self) -> str:
        return f"{self.pharmacies} pharmacies, {self.servers} server(s)"


# 450 and 5,000 machines.
SMALL, LARGE = 100, 1_112
FLEETS = tuple(Fleet(size, servers) for size in (SMALL, LARGE) for servers in (1, 5))


def servers_file(fleet: Fleet, folder: Path) -> Path:
    """Make the engines of a fleet and the file that names them."""
    each = -(-fleet.pharmacies // fleet.servers)
    tables = []
    for number in range(1, fleet.servers + 1):
        config = create(folder / f"engine{number}", seed=number, pharmacies=each)
        command = shlex.join((sys.executable, str(SIMULATOR), "-c", str(config)))
        tables.append(
            f'[[servers]]\nslug = "server-{number}"\nname = "Server {number}"\n'
            f"command = {command!r}\n"
        )
    path = folder / "servers.toml"
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def variables(fleet: Fleet, folder: Path) -> dict[str, str]:
    """Return the environment of a fleet; its picture does not grow old while it is measured."""
    return {
        "HEADSCALE_SERVERS_FILE": str(servers_file(fleet, folder)),
        "FARMQ_SIMULATED": "true",
        "FARMQ_SYNC_INTERVAL": "3600",
    }


def fill(fleet: Fleet, *, at: datetime, seed: int = 1) -> int:
    """Fill the prepared database with a fleet and its past; return how many machines it has."""
    from django.core.management import call_command  # noqa: PLC0415  # needs the settings

    from network.servers import register_servers  # noqa: PLC0415

    register_servers()
    call_command("demo", pharmacies=fleet.pharmacies, servers=fleet.servers, seed=seed)
    return grow_old(at=at, draws=random.Random(seed))  # noqa: S311  # a fleet is no secret


def grow_old(*, at: datetime, draws: random.Random) -> int:
    """Give each machine a system, a client and ninety days, and the servers finished commands."""
    from network.models import HeadscaleCommand, MachineProfile  # noqa: PLC0415
    from network.states import CommandKind, CommandState  # noqa: PLC0415
    from pharmacies.tenancy import platform_context  # noqa: PLC0415

    with platform_context():
        machines = list(MachineProfile.objects.order_by("pk"))
        for machine in machines:
            machine.os, machine.client_version = draws.choice(SYSTEMS), draws.choice(CLIENTS)
            machine.details_at = at
        MachineProfile.objects.bulk_update(
            machines, ["os", "client_version", "details_at"], batch_size=200
        )
        _give_a_past([machine.pk for machine in machines], at, draws)
        HeadscaleCommand.objects.bulk_create(
            HeadscaleCommand(
                server_id=machine.server_id,
                kind=CommandKind.RENAME_NODE,
                state=CommandState.SUCCEEDED,
                company_code=machine.company_code,
                machine=machine,
                target_label=machine.name,
                requested_by="bench",
                requested_at=at - timedelta(minutes=number),
                due_at=at - timedelta(minutes=number),
                finished_at=at - timedelta(minutes=number),
                seconds=0.5,
            )
            for number, machine in enumerate(draws.choices(machines, k=COMMANDS), 1)
        )
    return len(machines)


def _give_a_past(machines: list[int], at: datetime, draws: random.Random) -> None:
    """Write closed intervals and their transitions, before those of the first list."""
    from network.models import MachineState, MachineTransition  # noqa: PLC0415

    states, transitions = [], []
    for number in machines:
        days = sorted(draws.uniform(0.1, DAYS) for _ in range(CHANGES_OF_A_MACHINE + 1))
        moments = [at - timedelta(days=days_ago) for days_ago in reversed(days)]
        for turn, (begin, end) in enumerate(pairwise(moments)):
            now, before = ("ONLINE", "OFFLINE") if turn % 2 else ("OFFLINE", "ONLINE")
            states.append(
                MachineState(
                    machine_id=number, state=now, started_at=begin, ended_at=end, generation=0
                )
            )
            transitions.append(
                MachineTransition(
                    machine_id=number, from_state=before, to_state=now, at=begin, generation=0
                )
            )
    MachineState.objects.bulk_create(states, batch_size=2_000)
    MachineTransition.objects.bulk_create(transitions, batch_size=2_000)
