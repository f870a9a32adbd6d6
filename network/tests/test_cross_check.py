"""Our picture beside a fresh answer: only what differs, and nothing is changed."""

from __future__ import annotations

from typing import Any

from network import operations
from network.headscale.simulator import control
from network.models import MachineProfile
from network.tests.lanes import ACTOR, Lane


def differences(lane: Lane) -> list[tuple[str, str, str, str]]:
    command = operations.cross_check(actor=ACTOR, at=lane.clock(), server_id=lane.server.pk)
    lane.execute(command)
    command.refresh_from_db()
    assert command.state == "SUCCEEDED"
    found: list[dict[str, Any]] = command.result["differences"]
    assert command.result["found"] == len(found)
    return [(one["name"], one["column"], one["ours"], one["engine"]) for one in found]


def test_the_same_picture_has_no_differences(lane: Lane) -> None:
    assert differences(lane) == []


def test_what_differs_is_named_with_both_values(lane: Lane) -> None:
    MachineProfile.objects.filter(node_id=1).update(name="old-name", tags=["tag:pos"])
    control.set_online(lane.config, 2, False)

    assert differences(lane) == [
        ("pc-1", "name", "old-name", "pc-1"),
        ("pc-1", "tags", "tag:pos", ""),
        ("pc-2", "online", "True", "False"),
    ]
    assert lane.machine(1).name == "old-name"


def test_machines_that_only_one_side_has(lane: Lane) -> None:
    control.join(lane.config, "newcomer", "site-one")
    MachineProfile.objects.filter(node_id=2).update(node_id=77)

    assert differences(lane) == [
        ("pc-2", "gone", "", ""),
        ("pc-2", "new", "", ""),
        ("newcomer", "new", "", ""),
    ]


def test_another_machine_under_the_same_number(lane: Lane) -> None:
    MachineProfile.objects.filter(node_id=1).update(machine_key="mkey:former")

    assert [(name, column) for name, column, _, _ in differences(lane)] == [("pc-1", "machine_key")]
