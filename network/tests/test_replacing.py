"""Quarantine and swap: nothing is lost, and both leave a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from network import operations
from network.headscale.simulator import control
from network.models import HeadscaleCommand, MachineProfile
from network.operations import NetworkConflictError
from network.states import CommandKind, Priority
from network.tests.lanes import ACTOR, Lane, make_lane
from network.tests.situations import NOW, make_server
from pharmacies.access.actor import Actor
from pharmacies.access.models import AuditEvent


def quarantine(lane: Lane, actor: Actor = ACTOR) -> HeadscaleCommand:
    return operations.quarantine_machine(actor=actor, at=NOW, machine_id=lane.machine(1).pk)


def swap(lane: Lane, old: int = 1, new: int = 2, actor: Actor = ACTOR) -> list[HeadscaleCommand]:
    return operations.swap_machine(
        actor=actor,
        at=NOW,
        machine_id=lane.machine(old).pk,
        new_machine_id=lane.machine(new).pk,
    )


@pytest.fixture
def silent(lane: Lane) -> Lane:
    """The first machine has gone silent; it has a role and notes."""
    control.set_online(lane.config, 1, False)
    lane.synchronise()
    MachineProfile.objects.filter(node_id=1).update(role="COUNTER", notes="왼쪽 창구")
    MachineProfile.objects.filter(node_id=2).update(pharmacy=None, company_code=None)
    return lane


def test_a_machine_in_quarantine_is_out_and_still_there(lane: Lane) -> None:
    command = quarantine(lane)
    lane.execute(command)

    machine = lane.machine(1)
    assert (machine.parked_at, machine.expires_at, machine.gone_at) == (NOW, NOW, None)
    assert command.priority == Priority.URGENT
    assert AuditEvent.objects.filter(action="machine.quarantine").count() == 1


def test_its_tags_go_where_the_release_lets_them(platform: None, tmp_path: Any) -> None:
    for release, kinds in (
        ("0.27.1", [CommandKind.SET_TAGS, CommandKind.EXPIRE_NODE]),
        ("0.28.0", [CommandKind.EXPIRE_NODE]),
    ):
        folder = tmp_path / release
        HeadscaleCommand.objects.all().delete()
        MachineProfile.objects.all().delete()
        lane = make_lane(folder, release, slug=release.replace(".", "-"))
        MachineProfile.objects.filter(node_id=1).update(tags=["tag:pos"])

        quarantine(lane)

        asked = HeadscaleCommand.objects.order_by("pk").values_list("kind", flat=True)
        assert list(asked) == kinds


def test_quarantine_ends_once(lane: Lane) -> None:
    quarantine(lane)
    with pytest.raises(NetworkConflictError) as again:
        quarantine(lane)
    released = operations.release_machine(actor=ACTOR, at=NOW, machine_id=lane.machine(1).pk)
    with pytest.raises(NetworkConflictError) as twice:
        operations.release_machine(actor=ACTOR, at=NOW, machine_id=lane.machine(1).pk)

    assert released.parked_at is None
    assert (again.value.code, twice.value.code) == ("machine_parked", "machine_not_parked")


def test_a_new_machine_takes_the_place_of_a_silent_one(silent: Lane) -> None:
    first, second = swap(silent)
    silent.execute(first)
    silent.execute(second)

    old, new = silent.machine(1), silent.machine(2)
    assert (old.name, new.name) == ("pc-1-old", "pc-1")
    assert (new.role, new.notes, new.company_code) == ("COUNTER", "왼쪽 창구", "ALPHA")
    assert (new.pharmacy_id, old.replaced_by_id) == (silent.link.pharmacy_id, new.pk)
    assert AuditEvent.objects.get(action="machine.swap").details["new_machine_id"] == new.pk


def same(lane: Lane) -> None:
    swap(lane, 1, 1)


def still_online(lane: Lane) -> None:
    MachineProfile.objects.filter(node_id=1).update(online=True)
    swap(lane)


def elsewhere(lane: Lane) -> None:
    MachineProfile.objects.filter(node_id=2).update(server=make_server("other"))
    swap(lane)


def twice(lane: Lane) -> None:
    swap(lane)
    swap(lane)


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        (same, "same_machine"),
        (still_online, "machine_online"),
        (elsewhere, "other_server"),
        (twice, "already_replaced"),
    ],
)
def test_a_swap_that_makes_no_sense_is_refused(
    silent: Lane, attempt: Callable[[Lane], None], code: str
) -> None:
    with pytest.raises(NetworkConflictError) as caught:
        attempt(silent)

    assert caught.value.code == code


def test_without_the_right_nothing_changes(silent: Lane) -> None:
    stranger = Actor(label="x", grants={"BETA": frozenset({"machines:expire", "machines:rename"})})
    renamer = Actor(label="y", grants={None: frozenset({"machines:rename"})})
    attempts: list[Callable[[], object]] = [
        lambda: quarantine(silent, stranger),
        lambda: swap(silent, actor=stranger),
        lambda: swap(silent, actor=renamer),
        lambda: operations.release_machine(actor=renamer, at=NOW, machine_id=silent.machine(1).pk),
    ]

    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()

    assert not HeadscaleCommand.objects.exists()
    assert silent.machine(1).parked_at is None
