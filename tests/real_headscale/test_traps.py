"""What surprises in an engine's answers: each trap shown, on the releases that have it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.real_headscale.desk import AUTH, Desk

pytestmark = pytest.mark.timeout(120)

ROUTE_POLICY = '{"tagOwners": {"tag:kiosk": ["%s@"]}, "acls": []}'


# Success and failure.


def test_a_word_that_is_no_verb_prints_help_and_succeeds(desk: Desk) -> None:
    done = desk.call("-o", "json", "nodes", "frobnicate")

    assert done.exit_status == 0
    assert b"Usage:" in done.stdout
    desk.trap("an unknown verb succeeds", True)


def test_a_word_that_is_no_group_fails(desk: Desk) -> None:
    assert desk.refusal("frobnicate").reason == "usage"


def test_an_output_that_is_not_known_is_empty_and_succeeds(desk: Desk) -> None:
    done = desk.call("-o", "xml", "users", "list")

    assert (done.exit_status, done.stdout.strip()) == (0, b"")
    desk.trap("an unknown output form prints nothing and succeeds", True)


def test_a_question_that_nobody_answers_succeeds_and_changes_nothing(desk: Desk) -> None:
    node = desk.node()

    done = desk.call("-o", "json", "nodes", "delete", "-i", str(node.id))

    assert done.exit_status == 0
    assert desk.listed(node.id) is not None
    if desk.since(27):
        assert json.loads(done.stdout) == {"Result": "Node not deleted"}
    desk.trap("without --force nothing happens, and that succeeds", True)


def test_deleting_says_it_in_another_way_from_0_29_on(desk: Desk) -> None:
    answer = desk.json("nodes", "delete", "--force", "-i", str(desk.node().id))

    assert answer == ({"Result": "Node deleted"} if desk.since(29) else {})
    desk.trap("a deletion is answered with nothing but {}", not desk.since(29))


@pytest.mark.parametrize("verb", ["expire", "delete"])
def test_a_key_that_is_not_there_is_ended_with_success(desk: Desk, verb: str) -> None:
    desk.user()
    if not desk.since(28):
        words = ("preauthkeys", "expire", "-u", "1", "deadbeef" * 6)
        assert desk.call("-o", "json", *words).exit_status == 1
        desk.trap("ending a key that is not there succeeds", False)
        return

    done = desk.call("-o", "json", "preauthkeys", verb, "-i", "9999")

    succeeds = desk.release in {(0, 28), (0, 29)}
    assert (done.exit_status == 0) is succeeds
    desk.trap("ending a key that is not there succeeds", succeeds)


def test_a_key_is_ended_twice(desk: Desk) -> None:
    made = desk.client.create_preauth_key(desk.user().id)

    desk.client.expire_preauth_key(made)
    desk.client.expire_preauth_key(made)

    after = {key.id: key for key in desk.client.preauth_keys()}[made.id]
    assert after.expires_at is not None


def test_an_empty_list_is_null_up_to_0_29(desk: Desk) -> None:
    nobody = desk.json("users", "list", "-n", "nobody")

    assert nobody == ([] if desk.since(30) else None)
    desk.trap("an empty list is null", not desk.since(30))


def test_machines_of_a_user_that_is_not_there_are_an_error(desk: Desk) -> None:
    assert desk.refusal("nodes", "list", "-u", "nobody").reason == "not_found"


def test_a_user_is_not_renamed_by_name(desk: Desk) -> None:
    user = desk.user()

    done = desk.call("-o", "json", "users", "rename", "-n", user.name, "-r", desk.name())

    assert done.exit_status == 1
    assert {one.id: one.name for one in desk.client.users()}[user.id] == user.name
    desk.trap("a user cannot be renamed by its name", True)


def test_routes_of_one_machine_are_not_what_was_asked_for(desk: Desk) -> None:
    one, other = desk.node(), desk.node()
    for node in (one, other):
        desk.client.approve_routes(node.id, ("10.9.0.0/16",))

    of_one = {int(node["id"]) for node in desk.json("nodes", "list-routes", "-i", str(one.id))}
    of_none = desk.json("nodes", "list-routes", "-i", "9999") or []

    assert (other.id in of_one) is not desk.since(28)
    assert len(of_none) > 1
    desk.trap("routes that are asked for one machine are told of all", not desk.since(28))
    desk.trap("routes of a machine that is not there are those of all", True)


def test_log_lines_stand_before_the_answer(desk: Desk) -> None:
    user = desk.user()

    done = desk.call(
        *("-o", "json", "users", "list"), HEADSCALE_LOG_FORMAT="json", HEADSCALE_LOG_LEVEL="debug"
    )

    lines = done.stdout.decode().splitlines()
    assert json.loads(lines[0])["level"] == "debug"
    assert user.name in done.stdout.decode()
    desk.trap("log lines in the form of JSON stand before the answer", True)


def test_the_check_of_the_program_wants_its_configuration_in_another_way(desk: Desk) -> None:
    text = '{"acls": []}'

    done = desk.call("policy", "check", "-f", "/dev/stdin", stdin=text)

    if desk.is_real:
        assert (done.exit_status == 0) is desk.since(29)
    desk.client.check_policy(text)
    desk.trap("policy check knows neither -c nor -o", not desk.since(29))


# What is accepted.


@pytest.mark.parametrize("name", ["two words", "<b>x</b>", "1" * 300, "a@b@c"])
def test_a_user_may_be_called_anything(desk: Desk, name: str) -> None:
    done = desk.call("-o", "json", "users", "create", "--", name)

    assert (done.exit_status == 0) is desk.since(27)
    assert (name in {user.name for user in desk.client.users()}) is desk.since(27)
    desk.trap("a user may be called anything", desk.since(27))


def test_a_user_without_a_name(desk: Desk) -> None:
    done = desk.call("-o", "json", "users", "create", "--", "")

    assert (done.exit_status == 0) is desk.since(27)
    names = {user.name for user in desk.client.users()}
    assert ("" in names) is (desk.release == (0, 27))


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Counter-2", 29, 30),
        ("a", 29, 30),
        ("a.b", 26, 28),
        ("조제실", 0, 0),
        ("two words", 0, 0),
        ("with_line", 0, 0),
        ("abc-", 26, 26),
        ("y" * 63, 26, 30),
        ("z" * 64, 0, 0),
    ],
)
def test_which_names_a_machine_may_have(desk: Desk, name: str, first: int, last: int) -> None:
    node = desk.node()

    done = desk.call("-o", "json", "nodes", "rename", "-i", str(node.id), "--", name)

    is_taken = first <= desk.release[1] <= last
    assert (done.exit_status == 0) is is_taken
    assert desk.there(node.id).given_name == (name if is_taken else node.given_name)
    desk.client.delete_node(node.id)


def test_a_machine_keeps_its_own_name(desk: Desk) -> None:
    node = desk.node()

    done = desk.call("-o", "json", "nodes", "rename", "-i", str(node.id), "--", node.given_name)

    assert (done.exit_status == 0) is desk.since(27)
    desk.trap("a machine cannot be given the name that it has", not desk.since(27))


def test_the_text_of_a_device_is_shown_or_replaced(desk: Desk) -> None:
    text = "조제실 <script>"

    node = desk.node(name=text)

    replaced = desk.release in {(0, 27), (0, 28)}
    assert node.name.startswith("invalid-") if replaced else node.name == text
    desk.trap("a device's own text is replaced by invalid-…", replaced)
    desk.trap("a device's own text is listed as it is", not replaced)


def test_a_life_of_nothing_makes_a_key_that_is_over(desk: Desk) -> None:
    user = desk.user()
    lives = {}
    for life in ("1h30m", "0s"):
        made = desk.json("preauthkeys", "create", "-u", str(user.id), "-e", life)
        key = {one.id: one for one in desk.client.preauth_keys()}[int(made["id"])]
        assert key.expires_at is not None
        lives[life] = key.expires_at - datetime.now(UTC)

    assert timedelta(minutes=85) < lives["1h30m"] < timedelta(minutes=95)
    assert lives["0s"] < timedelta(seconds=5)
    desk.trap("a life of 0s makes a key that is over", True)


def test_the_owner_of_a_key_is_a_number(desk: Desk) -> None:
    user = desk.user()

    assert desk.refusal("preauthkeys", "create", "-u", user.name).reason == "usage"
    desk.trap("the owner of a new key is wanted by number", True)


def test_a_policy_may_name_users_that_are_not_there(desk: Desk) -> None:
    text = '{"acls": [{"action": "accept", "src": ["nobody-here@"], "dst": ["nobody@:22"]}]}'

    assert desk.client.set_policy(text).text == text
    desk.trap("a policy may name users that are not there", True)


def test_a_field_that_is_not_known_is_read_over(desk: Desk) -> None:
    done = desk.call(
        *("-o", "json", "policy", "set", "-f", "/dev/stdin"), stdin='{"acls": [], "nonsense": 1}'
    )

    assert (done.exit_status == 0) is not desk.since(27)
    desk.trap("a field of the policy that is not known is read over", not desk.since(27))


def test_a_tag_needs_an_owner_from_0_28_on(desk: Desk) -> None:
    node = desk.node()
    desk.client.set_policy('{"acls": []}')

    done = desk.call("-o", "json", "nodes", "tag", "-i", str(node.id), "-t", "tag:nowhere")

    assert (done.exit_status == 0) is not desk.since(28)
    desk.trap("a tag needs an owner in the policy", desk.since(28))


def test_a_tagged_machine_leaves_its_user(desk: Desk) -> None:
    owner = desk.user()
    node = desk.node(owner)
    desk.client.set_policy(ROUTE_POLICY % owner.name)

    desk.client.set_tags(node.id, ("tag:kiosk",))

    of_owner = desk.json("nodes", "list", "-u", owner.name) or []
    assert (desk.there(node.id).user is None) is desk.since(28)
    assert bool(of_owner) is not desk.since(29)
    desk.trap("a tagged machine leaves its user", desk.since(28))
    desk.trap("a tagged machine is not listed for its user any more", desk.since(29))


def test_destroying_a_user_takes_everyone_s_keys_in_0_28(desk: Desk) -> None:
    other, leaving = desk.user(), desk.user()
    key = desk.client.create_preauth_key(other.id)

    desk.json("users", "destroy", "--force", "-i", str(leaving.id))

    is_lost = key.id not in {one.id for one in desk.client.preauth_keys()}
    assert is_lost is (desk.release == (0, 28))
    desk.trap("destroying a user deletes everyone's keys", is_lost)


def test_routes_are_approved_that_nobody_announced(desk: Desk) -> None:
    node = desk.node()

    desk.json("nodes", "approve-routes", "-i", str(node.id), "-r", "192.168.10.7/24")

    assert desk.there(node.id).announced_routes == ()
    assert desk.there(node.id).approved_routes == ("192.168.10.7/24",)
    desk.trap("a route is approved that nobody announced, host bits and all", True)


def test_a_refused_request_can_still_be_let_in(desk: Desk) -> None:
    if not desk.since(29):
        desk.saw("a refused request can still be let in", "absent")
        return
    owner = desk.user()
    code = desk.park(owner)

    desk.client.reject_auth(code)

    assert code.startswith(AUTH)
    assert desk.listed(desk.client.register_node(owner.name, code).id) is not None
    desk.trap("a refused request can still be let in", True)
