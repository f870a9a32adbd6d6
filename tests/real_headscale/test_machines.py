"""Each verb of machines on each release: done, read back, or refused because it is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from network.headscale.client import RejectedError
from tests.real_headscale.desk import AUTH, Desk

pytestmark = pytest.mark.timeout(120)

LATER = datetime(2031, 1, 1, tzinfo=UTC)
OWNED = '{"tagOwners": {"tag:kiosk": ["%(name)s@"], "tag:old": ["%(name)s@"]}, "acls": []}'


def now() -> datetime:
    return datetime.now(UTC)


def test_list_shows_machines_with_owner_and_addresses(desk: Desk) -> None:
    owner = desk.user()

    one, other = desk.node(owner), desk.node(owner)

    assert {one.id, other.id} <= {node.id for node in desk.client.nodes()}
    shown = desk.there(one.id)
    assert shown.user is not None
    assert shown.user.id == owner.id
    assert len(shown.addresses) == 2
    assert not shown.online
    desk.saw("nodes list")


def test_a_machine_that_waits_is_let_in(desk: Desk) -> None:
    owner = desk.user()

    made = desk.client.register_node(owner.name, desk.park(owner))

    assert desk.there(made.id).machine_key == made.machine_key
    assert desk.there(made.id).register_method == "CLI"
    desk.saw("auth register" if desk.since(29) else "nodes register")


def test_the_other_way_of_letting_in_is_not_there(desk: Desk) -> None:
    owner = desk.user()
    if desk.since(29):
        feature, row, code = "nodes.register", "nodes register", "k" * 24
        words = ("nodes", "register", "-u", owner.name, "-k", code)
    else:
        feature, row, code = "auth", "auth register", AUTH + "k" * 24
        words = ("auth", "register", "-u", owner.name, "--auth-id", code)

    desk.is_refused_before_it_is_sent(feature, lambda: desk.client.register_node(owner.name, code))

    assert desk.refusal(*words).reason in {"usage", "other"}
    desk.saw(row, "absent")


def test_a_number_that_nobody_waits_with_lets_nobody_in(desk: Desk) -> None:
    owner, before = desk.user(), len(desk.client.nodes())

    with pytest.raises(RejectedError) as refused:
        desk.client.register_node(owner.name, desk.code())

    assert refused.value.reason == "not_pending"
    assert len(desk.client.nodes()) == before


def test_a_request_that_waits_is_approved_or_refused(desk: Desk) -> None:
    for name, answer in _answers(desk).items():
        if not desk.since(29):
            code = AUTH + "k" * 24
            desk.is_refused_before_it_is_sent("auth", partial(answer, code))
            assert desk.refusal("auth", name, "--auth-id", code).reason == "usage"
            desk.saw(f"auth {name}", "absent")
            continue

        answer(desk.park(desk.user()))

        with pytest.raises(RejectedError) as refused:
            answer(desk.code())
        assert refused.value.reason == "not_pending"
        desk.saw(f"auth {name}")


def _answers(desk: Desk) -> dict[str, Callable[[str], None]]:
    return {"approve": desk.client.approve_auth, "reject": desk.client.reject_auth}


def test_a_machine_gets_another_name(desk: Desk) -> None:
    node = desk.node()

    desk.client.rename_node(node.id, "counter-1")

    assert desk.there(node.id).given_name == "counter-1"
    desk.saw("nodes rename")


def test_a_name_that_is_taken_is_refused(desk: Desk) -> None:
    one, other = desk.node(), desk.node()

    with pytest.raises(RejectedError) as refused:
        desk.client.rename_node(other.id, one.given_name)

    assert refused.value.reason == "name_taken"
    assert desk.there(other.id).given_name == other.given_name


def test_a_login_is_ended_now(desk: Desk) -> None:
    node = desk.node()

    desk.client.expire_node(node.id)

    expires_at = desk.there(node.id).expires_at
    assert expires_at is not None
    assert abs(expires_at - now()) < timedelta(minutes=1)
    desk.saw("nodes expire, now")


def test_a_login_is_ended_at_a_time(desk: Desk) -> None:
    node, row = desk.node(), "nodes expire, at a time"
    if not desk.since(27):
        desk.is_refused_before_it_is_sent(
            "nodes.expire_at", lambda: desk.client.expire_node(node.id, LATER)
        )
        words = ("nodes", "expire", "-i", str(node.id), "--expiry=2031-01-01T00:00:00Z")
        assert desk.refusal(*words).reason == "usage"
        desk.saw(row, "absent")
        return

    desk.client.expire_node(node.id, LATER)

    assert desk.there(node.id).expires_at == LATER
    desk.saw(row)


def test_a_login_never_ends(desk: Desk) -> None:
    node, row = desk.node(), "nodes expire, never"
    if not desk.since(29):
        desk.is_refused_before_it_is_sent(
            "nodes.expire_never", lambda: desk.client.expire_node(node.id, never=True)
        )
        words = ("nodes", "expire", "-i", str(node.id), "--disable")
        assert desk.refusal(*words).reason == "usage"
        desk.saw(row, "absent")
        return
    desk.client.expire_node(node.id, LATER)

    desk.client.expire_node(node.id, never=True)

    assert desk.there(node.id).expires_at is None
    desk.saw(row)


def test_tags_are_replaced_as_a_whole(desk: Desk) -> None:
    owner = desk.user()
    node = desk.node(owner)
    desk.client.set_policy(OWNED % {"name": owner.name})

    desk.client.set_tags(node.id, ("tag:kiosk", "tag:old"))
    desk.client.set_tags(node.id, ("tag:old",))

    assert desk.there(node.id).tags == ("tag:old",)
    desk.saw("nodes tag")


def test_the_last_tag_is_taken_away(desk: Desk) -> None:
    owner, row = desk.user(), "nodes tag, the last one away"
    node = desk.node(owner)
    desk.client.set_policy(OWNED % {"name": owner.name})
    desk.client.set_tags(node.id, ("tag:old",))
    if desk.since(28):
        desk.is_refused_before_it_is_sent(
            "nodes.clear_tags", lambda: desk.client.set_tags(node.id, ())
        )
        assert desk.refusal("nodes", "tag", "-i", str(node.id), "-t", "").reason == "tags_refused"
        assert desk.there(node.id).tags == ("tag:old",)
        desk.saw(row, "absent")
        return

    desk.client.set_tags(node.id, ())

    assert desk.there(node.id).tags == ()
    desk.saw(row)


def test_approved_routes_are_replaced_as_a_whole(desk: Desk) -> None:
    node = desk.node()

    desk.client.approve_routes(node.id, ("10.1.0.0/16", "192.168.7.0/24"))
    desk.client.approve_routes(node.id, ("192.168.7.0/24",))
    first = desk.there(node.id).approved_routes
    desk.client.approve_routes(node.id, ())

    assert first == ("192.168.7.0/24",)
    assert desk.there(node.id).approved_routes == ()
    desk.saw("nodes approve-routes")


def test_half_a_way_out_approves_the_whole(desk: Desk) -> None:
    node = desk.node()

    desk.client.approve_routes(node.id, ("0.0.0.0/0",))

    assert set(desk.there(node.id).approved_routes) == {"0.0.0.0/0", "::/0"}


def test_routes_are_listed_for_those_that_have_some(desk: Desk) -> None:
    with_routes, without = desk.node(), desk.node()
    desk.client.approve_routes(with_routes.id, ("10.8.0.0/16",))

    shown = {node.id: node.approved_routes for node in desk.client.routes()}

    assert shown[with_routes.id] == ("10.8.0.0/16",)
    assert without.id not in shown
    desk.saw("nodes list-routes")


def test_a_machine_goes_to_another_user(desk: Desk) -> None:
    node, other = desk.node(), desk.user()
    if desk.since(28):
        desk.is_refused_before_it_is_sent(
            "nodes.move", lambda: desk.client.move_node(node.id, other.id)
        )
        words = ("nodes", "move", "-i", str(node.id), "-u", str(other.id))
        assert desk.refusal(*words).reason == "usage"
        desk.saw("nodes move", "absent")
        return

    desk.client.move_node(node.id, other.id)

    owner = desk.there(node.id).user
    assert owner is not None
    assert owner.id == other.id
    desk.saw("nodes move")


def test_a_machine_is_deleted(desk: Desk) -> None:
    node = desk.node()

    desk.client.delete_node(node.id)

    assert desk.listed(node.id) is None
    desk.saw("nodes delete")


@pytest.mark.parametrize("verb", ["rename", "delete", "expire", "tag", "approve-routes"])
def test_a_machine_that_is_not_there_is_refused(desk: Desk, verb: str) -> None:
    asked: dict[str, Callable[[], object]] = {
        "rename": lambda: desk.client.rename_node(9999, "nobody"),
        "delete": lambda: desk.client.delete_node(9999),
        "expire": lambda: desk.client.expire_node(9999),
        "tag": lambda: desk.client.set_tags(9999, ("tag:kiosk",)),
        "approve-routes": lambda: desk.client.approve_routes(9999, ("10.0.0.0/8",)),
    }

    with pytest.raises(RejectedError) as refused:
        asked[verb]()

    assert refused.value.reason == "not_found"


def test_addresses_that_are_there_are_not_filled_in(desk: Desk) -> None:
    desk.node()
    if not desk.since(27):
        desk.is_refused_before_it_is_sent("nodes.backfillips", desk.client.backfill_ips)
        done = desk.call("-o", "json", "--force", "nodes", "backfillips")
        assert done.exit_status == 0
        with pytest.raises(ValueError, match="Expecting value"):
            json.loads(done.stdout)
        desk.saw("nodes backfillips", "absent")
        return

    assert desk.client.backfill_ips() == ()
    desk.saw("nodes backfillips")
