"""A policy from the asking to the engine: judged, set, read back, rolled back, taken over."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from network import operations, policies
from network.headscale.simulator import faults as f
from network.headscale.simulator.faults import Fault
from network.models import HeadscaleCommand, PolicyVersion, ServerReading, StaffGroup
from network.operations import NetworkConflictError
from network.policy_history import fingerprint, in_force
from network.slow_cycle import read_slowly
from network.tests.changes import read_lists
from network.tests.lanes import ACTOR, Lane, make_lane
from network.tests.situations import NOW, link, make_pharmacy, simulated_client
from pharmacies.access.actor import Actor

OPEN = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'


@pytest.fixture
def town(platform: None, tmp_path: Path) -> Lane:
    """Two pharmacies with a machine each, and a person of the staff."""
    lane = make_lane(tmp_path, "0.29.2")
    client = simulated_client(lane.config, lane.clock, release="0.29")
    for name in ("site-two", "helper"):
        client.create_user(name)
    read_lists(lane)
    link(make_pharmacy(2, "BETA"), lane.server, 2)
    group = {"users": ["helper"], "ports": ["22"], "protocol": ""}
    operations.save_staff_group(
        actor=ACTOR, at=NOW, server_id=lane.server.pk, name="support", values=group
    )
    return lane


def read(lane: Lane) -> None:
    client = simulated_client(lane.config, lane.clock, release=lane.server.series)
    read_slowly(server_id=lane.server.pk, client=client, at=lane.clock(), topics=("POLICY",))


def stored(lane: Lane) -> str | None:
    policy = simulated_client(lane.config, lane.clock, release=lane.server.series).policy()
    return policy.text if policy else None


def done(lane: Lane, command: HeadscaleCommand) -> HeadscaleCommand:
    lane.execute(command)
    command.refresh_from_db()
    lane.move(1)
    read(lane)
    return command


def generate(lane: Lane) -> HeadscaleCommand:
    base = policies.base_of(lane.server)
    return operations.set_generated_policy(
        actor=ACTOR, at=lane.clock(), server_id=lane.server.pk, base_sha256=base
    )


def put(lane: Lane, text: str, base: str | None = None) -> HeadscaleCommand:
    return operations.set_policy(
        actor=ACTOR,
        at=lane.clock(),
        server_id=lane.server.pk,
        text=text,
        base_sha256=policies.base_of(lane.server) if base is None else base,
    )


def test_the_policy_of_the_house_is_made_proven_and_set(town: Lane) -> None:
    command = done(town, generate(town))

    version = in_force(server_id=town.server.pk)
    assert (command.state, command.error) == ("SUCCEEDED", "")
    assert version is not None
    assert stored(town) == version.text
    assert version.proof["proven"] is True
    assert (version.proof["pairs"], version.proof["denied"]) == (2, 2)
    assert (version.source, version.in_force_at) == ("GENERATED", NOW)
    assert "helper@" in version.text


def test_a_text_is_kept_byte_for_byte(town: Lane) -> None:
    text = policies.generated(town.server).text + "\n// 우리 메모 \t\n\n"

    done(town, put(town, text))

    assert stored(town) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_text"),
        ("{}", "no_rules"),
        (OPEN, ""),
        ('{"acls": [{"action": "accept", "src": ["site-one@"], "dst": ["site-two@:80"]}]}', ""),
        ("{", ""),
        ('{"acls": [}', ""),
    ],
)
def test_what_does_not_isolate_is_refused_before_anything_is_written(
    town: Lane, text: str, code: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        put(town, text)

    found = caught.value.error_dict["policy"][0]
    assert not code or found.code == code
    assert not PolicyVersion.objects.exists()
    assert not HeadscaleCommand.objects.exists()


def test_a_stale_base_is_refused(town: Lane) -> None:
    text = policies.generated(town.server).text

    with pytest.raises(NetworkConflictError) as caught:
        put(town, text, base="0" * 64)

    assert caught.value.code == "base_changed"


def test_a_policy_that_somebody_set_meanwhile_is_not_overwritten(town: Lane) -> None:
    command = generate(town)
    foreign = '{"acls": [], "hosts": {"theirs": "10.0.0.1"}}'
    simulated_client(town.config, town.clock, release="0.29").set_policy(foreign)

    done(town, command)

    assert (command.state, command.error_code) == ("FAILED", "base_changed")
    assert stored(town) == foreign
    assert policies.standing_of(town.server, at=town.clock()).standing == "FOREIGN"


def test_a_foreign_policy_is_taken_over_and_then_replaced(town: Lane) -> None:
    foreign = '{"acls": [] /* theirs */}'
    simulated_client(town.config, town.clock, release="0.29").set_policy(foreign)
    read(town)

    adopted = operations.adopt_policy(actor=ACTOR, at=NOW, server_id=town.server.pk)
    done(town, adopted)

    version = in_force(server_id=town.server.pk)
    assert version is not None
    assert (version.text, version.source) == (foreign, "ADOPTED")
    assert policies.standing_of(town.server, at=town.clock()).standing == "UNPROVEN"
    assert stored(town) == foreign
    assert done(town, generate(town)).state == "SUCCEEDED"


def test_nothing_to_take_over_is_told(town: Lane) -> None:
    command = done(town, operations.adopt_policy(actor=ACTOR, at=NOW, server_id=town.server.pk))

    assert (command.state, command.error_code) == ("FAILED", "no_policy")


def test_rolling_back_is_a_version_of_its_own(town: Lane) -> None:
    done(town, generate(town))
    first = in_force(server_id=town.server.pk)
    assert first is not None
    done(town, put(town, first.text + "// later\n"))

    back = operations.roll_back_policy(actor=ACTOR, at=town.clock(), version_id=first.pk)
    done(town, back)

    now = in_force(server_id=town.server.pk)
    assert now is not None
    assert (now.text, now.source) == (first.text, "ROLLED_BACK")
    assert stored(town) == first.text
    with pytest.raises(NetworkConflictError) as caught:
        operations.roll_back_policy(actor=ACTOR, at=town.clock(), version_id=now.pk)
    assert caught.value.code == "already_in_force"


def test_a_time_out_is_settled_by_reading(town: Lane) -> None:
    command = generate(town)
    town.fail(Fault(f.APPLY_THEN_HANG, verb="policy set"))
    town.execute(command)
    town.fail()
    command.refresh_from_db()
    assert command.state == "UNKNOWN"

    town.settle(command)

    command.refresh_from_db()
    version = in_force(server_id=town.server.pk)
    assert command.state == "SUCCEEDED"
    assert version is not None
    assert fingerprint(stored(town) or "") == version.sha256


def test_what_the_engine_refuses_stays_out(town: Lane) -> None:
    wanted = {"acls": [], "tests": [{"src": "site-one@", "accept": ["site-one@:22"]}]}

    command = done(town, put(town, json.dumps(wanted)))

    assert (command.state, command.error_code) == ("FAILED", "policy_tests_failed")
    assert "시험이 엔진에서 맞지 않아" in command.error
    assert stored(town) is None


def test_what_was_read_is_not_believed_for_ever(town: Lane) -> None:
    done(town, generate(town))
    reading = ServerReading.objects.filter(server=town.server, topic="POLICY")
    reading.update(failing_since_at=town.clock())

    young = policies.standing_of(town.server, at=town.clock() + timedelta(minutes=3))
    old = policies.standing_of(town.server, at=town.clock() + timedelta(minutes=3, seconds=1))

    assert (young.standing, old.standing) == ("ISOLATED", "UNREAD")
    assert old.read_at == young.read_at is not None


def test_a_policy_that_the_engine_reads_from_a_file_is_said(town: Lane) -> None:
    town.fail(Fault(f.DOWN, verb="policy get"))
    read(town)
    ServerReading.objects.update(error_code="policy_is_a_file")

    found = policies.standing_of(town.server, at=town.clock() + timedelta(minutes=4))

    assert found.standing == "UNREAD"
    assert "policy.mode를 database로" in found.words


def test_the_preview_says_who_newly_reaches_whom(town: Lane) -> None:
    done(town, generate(town))
    text = '{"acls": [{"action": "accept", "src": ["site-one@"], "dst": ["site-two@:80"]}]}'

    found = policies.preview(town.server, text)

    assert found.verdict.is_refused
    assert found.meaning.gained
    assert found.meaning.lost
    assert any(line.sign == "+" for line in found.lines)


def test_without_the_right_nothing_is_written(town: Lane) -> None:
    StaffGroup.objects.all().delete()
    reader = Actor(label="x", grants={None: frozenset({"policy:read"})})
    who: dict[str, Any] = {"actor": reader, "at": NOW}
    server: dict[str, Any] = {"server_id": town.server.pk}
    group = {"users": ["helper"], "ports": ["22"], "protocol": ""}
    version = PolicyVersion.objects.create(
        server=town.server, text="{}", sha256="x", source="EDITED", created_by="x", created_at=NOW
    )
    spare = StaffGroup.objects.create(server=town.server, name="spare")

    for attempt in (
        lambda: operations.set_policy(**who, **server, text="{}", base_sha256=""),
        lambda: operations.set_generated_policy(**who, **server, base_sha256=""),
        lambda: operations.roll_back_policy(**who, version_id=version.pk),
        lambda: operations.adopt_policy(**who, **server),
        lambda: operations.save_staff_group(**who, **server, name="g", values=group),
        lambda: operations.delete_staff_group(**who, group_id=spare.pk),
    ):
        with pytest.raises(PermissionDenied):
            attempt()

    assert not HeadscaleCommand.objects.exists()
    assert StaffGroup.objects.count() == 1


def test_a_group_that_cannot_be_is_not_kept(town: Lane) -> None:
    wrong = {"users": ["site-one"], "ports": ["22"], "protocol": ""}

    with pytest.raises(ValidationError) as caught:
        operations.save_staff_group(
            actor=ACTOR, at=NOW, server_id=town.server.pk, name="wrong", values=wrong
        )

    assert caught.value.error_dict["policy"][0].code == "staff_is_pharmacy"
    assert not StaffGroup.objects.filter(name="wrong").exists()
