"""The write door: who may, what is refused, and the row and audit event that are left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from pytest_django import DjangoCaptureOnCommitCallbacks

from network import operations
from network.models import HeadscaleCommand, MachineProfile, PharmacyLink
from network.naming import free_name
from network.operations import KeyOrder, NetworkConflictError
from network.sealing import make_key_pair
from network.states import CommandState
from network.tests.lanes import ACTOR, Lane
from network.tests.situations import NOW, make_pharmacy
from pharmacies.access.actor import Actor
from pharmacies.access.models import AuditEvent
from pharmacies.tenancy import TenantContext, tenant_context

PERMISSIONS = {
    "rename": "machines:rename",
    "expire": "machines:expire",
    "delete": "machines:delete",
    "key": "keys:create",
    "user": "keys:create",
    "cancel": "machines:rename",
}


def attempt(lane: Lane, what: str, actor: Actor) -> object:
    """Ask for something as somebody."""
    who: dict[str, Any] = {"actor": actor, "at": NOW}
    machine, place = lane.machine(1).pk, (lane.link.pharmacy_id, lane.server.pk)
    calls: dict[str, Callable[[], object]] = {
        "rename": lambda: operations.rename_node(**who, machine_id=machine, new_name="till"),
        "expire": lambda: operations.expire_node(**who, machine_id=machine),
        "delete": lambda: operations.delete_node(**who, machine_id=machine),
        "key": lambda: operations.create_preauth_key(
            **who, pharmacy_id=place[0], server_id=place[1], order=order()
        ),
        "user": lambda: operations.create_user(**who, pharmacy_id=place[0], server_id=place[1]),
        "cancel": lambda: operations.cancel_command(
            **who, command_id=HeadscaleCommand.objects.latest("pk").pk
        ),
    }
    return calls[what]()


def order(**values: Any) -> KeyOrder:
    return KeyOrder(public_key=make_key_pair().public, **values)


@pytest.mark.parametrize("what", PERMISSIONS)
def test_without_the_permission_nothing_is_written(lane: Lane, what: str) -> None:
    lane.rename("before")
    others = frozenset(PERMISSIONS.values()) - {PERMISSIONS[what]}
    rows, events = HeadscaleCommand.objects.count(), AuditEvent.objects.count()

    for actor in (
        Actor(label="nobody"),
        Actor(label="other rights", grants={None: others}),
        Actor(label="other company", grants={"BETA": frozenset(PERMISSIONS.values())}),
        Actor(label="narrow token", grants=ACTOR.grants, scopes=others),
    ):
        with pytest.raises(PermissionDenied):
            attempt(lane, what, actor)

    assert (HeadscaleCommand.objects.count(), AuditEvent.objects.count()) == (rows, events)


@pytest.mark.parametrize("what", PERMISSIONS)
def test_the_permission_for_the_company_is_enough(lane: Lane, what: str) -> None:
    if what == "cancel":
        lane.rename("before")
    if what == "user":
        PharmacyLink.objects.filter(pk=lane.link.pk).delete()
    actor = Actor(label="ok", grants={"ALPHA": frozenset({PERMISSIONS[what]})})

    attempt(lane, what, actor)

    assert AuditEvent.objects.filter(actor_label="ok", company_code="ALPHA").count() == 1


@pytest.mark.parametrize("what", ["rename", "expire", "delete", "key"])
def test_a_request_leaves_a_row_an_event_and_rings_after_the_commit(
    lane: Lane, what: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as bells:
        command = attempt(lane, what, ACTOR)

    assert isinstance(command, HeadscaleCommand)
    assert (command.state, command.requested_at) == (CommandState.REQUESTED, NOW)
    assert (command.company_code, command.requested_by) == ("ALPHA", ACTOR.label)
    event = AuditEvent.objects.get(action=f"command.{command.kind.lower()}")
    assert (event.details["command_id"], event.company_code) == (command.pk, "ALPHA")
    assert len(bells) == 1


def test_a_machine_of_another_company_does_not_exist(lane: Lane) -> None:
    machine = lane.machine(1)

    with tenant_context(TenantContext(frozenset({"BETA"}))):
        for change in (operations.delete_node, operations.expire_node):
            with pytest.raises(MachineProfile.DoesNotExist):
                change(actor=ACTOR, at=NOW, machine_id=machine.pk)


def test_a_machine_that_left_cannot_be_changed(lane: Lane) -> None:
    machine = lane.machine(1)
    MachineProfile.objects.filter(pk=machine.pk).update(gone_at=NOW)

    with pytest.raises(MachineProfile.DoesNotExist):
        operations.delete_node(actor=ACTOR, at=NOW, machine_id=machine.pk)


@pytest.mark.parametrize("name", ["", "a", "조제실", "Counter", "a_b", "-ab", "x" * 64, "a b"])
def test_a_name_that_some_release_refuses_is_refused(lane: Lane, name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        lane.rename(name)

    assert caught.value.error_dict["new_name"][0].code == "machine_name_invalid"


def test_a_name_that_is_taken_is_refused_with_a_free_one(lane: Lane) -> None:
    with pytest.raises(NetworkConflictError) as caught:
        lane.rename("pc-2")

    assert caught.value.code == "machine_name_taken"
    assert caught.value.details == {"suggestion": "pc-3"}
    assert "약국 1" in caught.value.sentence


def test_the_free_name_is_free(lane: Lane) -> None:
    lane.execute(lane.rename("pc-3", node_id=1))

    with pytest.raises(NetworkConflictError) as caught:
        lane.rename("pc-2", node_id=1)

    assert caught.value.details == {"suggestion": "pc-4"}


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("till", {"till"}, "till-2"),
        ("till-1", {"till-1", "till-2"}, "till-3"),
        ("12345", set(), "12345-2"),
        ("a" * 63, set(), "a" * 55 + "-2"),
        ("a-99999999999", set(), "a-1000000"),
    ],
)
def test_the_next_free_number(name: str, taken: set[str], free: str) -> None:
    assert free_name(name, taken) == free


@pytest.mark.parametrize(
    ("ends_at", "never"),
    [
        (NOW, True),
        (datetime(2027, 1, 1), False),  # noqa: DTZ001 -- the bad value
        (datetime.max.replace(tzinfo=NOW.tzinfo), False),
        (datetime.min.replace(tzinfo=NOW.tzinfo), False),
    ],
)
def test_an_end_that_cannot_be_meant_is_refused(lane: Lane, ends_at: datetime, never: bool) -> None:
    with pytest.raises(ValidationError):
        operations.expire_node(
            actor=ACTOR, at=NOW, machine_id=lane.machine(1).pk, ends_at=ends_at, never=never
        )

    assert not HeadscaleCommand.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reusable": True}, "reason"),
        ({"reusable": True, "reason": "  "}, "reason"),
        ({"lifetime": "91d"}, "expires_in"),
        ({"lifetime": "1y"}, "expires_in"),
        ({"lifetime": "soon"}, "expires_in"),
        ({"lifetime": "999999d"}, "expires_in"),
        ({"tags": ("pharmacy",)}, "tags"),
    ],
)
def test_a_key_that_may_not_be_is_refused(lane: Lane, values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        operations.create_preauth_key(
            actor=ACTOR,
            at=NOW,
            pharmacy_id=lane.link.pharmacy_id,
            server_id=lane.server.pk,
            order=order(**values),
        )

    assert list(caught.value.error_dict) == [field]
    assert not HeadscaleCommand.objects.exists()


def test_one_user_is_asked_for_however_many_keys_are(lane: Lane) -> None:
    pharmacy = make_pharmacy(7)
    for _ in range(3):
        operations.create_preauth_key(
            actor=ACTOR, at=NOW, pharmacy_id=pharmacy.pk, server_id=lane.server.pk, order=order()
        )

    kinds = list(HeadscaleCommand.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["CREATE_USER", *["CREATE_PREAUTH_KEY"] * 3]


@pytest.mark.parametrize("state", CommandState)
def test_only_what_waits_can_be_cancelled(lane: Lane, state: CommandState) -> None:
    command = lane.rename()
    HeadscaleCommand.objects.filter(pk=command.pk).update(state=state)
    waits = state in (CommandState.REQUESTED, CommandState.QUEUED)

    try:
        operations.cancel_command(actor=ACTOR, at=NOW, command_id=command.pk)
    except NetworkConflictError as error:
        code = error.code
    else:
        code = ""

    command.refresh_from_db()
    assert code == ("" if waits else "command_not_waiting")
    assert command.state == (CommandState.CANCELLED if waits else state)


def test_a_very_distant_end_within_the_rules_is_taken(lane: Lane) -> None:
    command = lane.expire(1, NOW + timedelta(days=3650))

    assert command.arguments["at"] == (NOW + timedelta(days=3650)).isoformat()
