"""Building blocks of the tests: machines, servers and an engine that says what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from network.headscale.client import HeadscaleClient
from network.headscale.process import Runner
from network.headscale.simulator.runner import FakeHeadscale
from network.headscale.types import Node, User
from network.models import (
    HeadscaleServer,
    MachineProfile,
    MachineState,
    MachineTransition,
    PharmacyLink,
    PolicyVersion,
    SyncRun,
)
from network.policy_history import fingerprint, take_over
from network.states import PolicySource
from network.sync import synchronise
from pharmacies.models import Company, Pharmacy

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
Answer = Iterable[Node] | Exception | Callable[[], Iterable[Node]]


def machine(node_id: int = 1, *, online: bool = True, **fields: Any) -> Node:
    """A machine as an engine lists it."""
    values: dict[str, Any] = {
        "name": f"PC-{node_id}",
        "given_name": f"pc-{node_id}",
        "user": User(1, "p0001"),
        "machine_key": f"mkey:{node_id}",
        "node_key": f"nodekey:{node_id}",
        "disco_key": f"discokey:{node_id}",
        "addresses": (f"100.64.0.{node_id}",),
        "expires_at": None,
        "last_seen_at": None,
        "created_at": NOW - timedelta(days=30),
        "register_method": "AUTH_KEY",
    }
    nothing = dict.fromkeys(("tags", "announced_routes", "approved_routes", "serving_routes"), ())
    return Node(id=node_id, online=online, **(nothing | values | fields))


def machines(number: int, *, online: int | None = None) -> tuple[Node, ...]:
    """Machines from 1 on, the first so many of them online (all, unless said)."""
    limit = number if online is None else online
    return tuple(machine(n, online=n <= limit) for n in range(1, number + 1))


class ToldClient(HeadscaleClient):
    """A client whose engine answers, one list after the other, what the test says."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__(run=_nothing_runs)
        self._answers = list(answers)

    def nodes(self) -> tuple[Node, ...]:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return tuple(answer() if callable(answer) else answer)


def _nothing_runs(*_words: Any, **_values: Any) -> Any:
    raise AssertionError("no process is wanted here")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def make_server(slug: str = "default", **values: Any) -> HeadscaleServer:
    return HeadscaleServer.objects.create(slug=slug, name=slug, **values)


def isolate(server: HeadscaleServer, *, proven: bool = True) -> PolicyVersion:
    """Put a policy in force that is said to isolate, read from the engine just now."""
    version = PolicyVersion.objects.create(
        server=server,
        text="{}",
        sha256=fingerprint("{}"),
        source=PolicySource.GENERATED,
        proof={"proven": proven},
        created_by="test",
        created_at=NOW,
    )
    take_over(version=version, at=NOW)
    return version


def make_pharmacy(number: int = 1, company_code: str = "ALPHA") -> Pharmacy:
    company, _ = Company.objects.get_or_create(
        company_code=company_code, defaults={"name": company_code}
    )
    return Pharmacy.objects.create(company=company, pharmacy_name=f"약국 {number}")


def link(pharmacy: Pharmacy, server: HeadscaleServer, user_id: int) -> PharmacyLink:
    return PharmacyLink.objects.create(
        pharmacy=pharmacy,
        server=server,
        company_code=pharmacy.company_id,
        headscale_user_id=user_id,
        headscale_user_name=f"p{user_id:04d}",
    )


def simulated_client(
    config: Path, clock: Clock, runner: Runner | None = None, release: str | None = None
) -> HeadscaleClient:
    """The real client over the simulated engine in this process."""
    return HeadscaleClient(
        ("headscale", "-c", str(config)),
        runner or FakeHeadscale(config),
        release,
        change_timeout_s=5,
        read_timeout_s=5,
        clock=clock,
    )


def told(server: HeadscaleServer, clock: Clock, *answers: Answer) -> list[SyncRun]:
    """Synchronise once per answer, ten seconds apart."""
    client, runs = ToldClient(*answers), []
    for _ in answers:
        run = synchronise(server_id=server.pk, client=client, clock=clock)
        assert run is not None
        runs.append(run)
        clock.move(10)
    return runs


def picture() -> list[dict[str, Any]]:
    """Everything stored about machines, with their intervals and transitions."""
    tables: list[Any] = [MachineProfile, MachineState, MachineTransition]
    return [row for table in tables for row in table.objects.order_by("pk").values()]


def age_s(server: HeadscaleServer, clock: Clock) -> float:
    server.refresh_from_db()
    assert server.confirmed_at is not None
    return (clock() - server.confirmed_at).total_seconds()
