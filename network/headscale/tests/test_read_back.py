"""No change is believed that the engine's own list does not show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from network.headscale.client import (
    HeadscaleClient,
    RejectedError,
    TimedOutError,
    UnreachableError,
    UnreadableError,
)
from network.headscale.process import Completed
from network.headscale.tests.replaying import (
    NOW,
    answered,
    client_on,
    key,
    listed,
    node,
    one,
    runner_of,
    seconds,
)
from network.headscale.types import ApiKey
from tests.contract.recorded import RELEASES, cases

DAY = timedelta(days=1)
AUTH = "hskey-authreq-" + "k" * 24
API_KEY = ApiKey(3, "hskey-api-abcdefghijkl-***", None, None)
Change = Callable[[HeadscaleClient], object]


CHANGES: dict[str, tuple[Change, Completed, str, list[Any]]] = {
    "rename": (lambda c: c.rename_node(1, "new-name"), one(node()), "nodes list", [node()]),
    "expire": (lambda c: c.expire_node(1), one(node()), "nodes list", [node()]),
    "expire at": (lambda c: c.expire_node(1, NOW), one(node()), "nodes list", [node()]),
    "never": (
        lambda c: c.expire_node(1, never=True),
        one(node()),
        "nodes list",
        [node(expiry=seconds(NOW))],
    ),
    "delete": (lambda c: c.delete_node(1), one({}), "nodes list", [node()]),
    "user": (lambda c: c.create_user("p0007"), one({"id": 7, "name": "p0007"}), "users list", []),
    "key": (lambda c: c.create_preauth_key(5), one(key(9, "x")), "preauthkeys list", [key(8)]),
    "tags": (
        lambda c: c.set_tags(1, ("tag:a",)),
        one(node()),
        "nodes list",
        [node(tags=["tag:b"])],
    ),
    "no tags": (lambda c: c.set_tags(1, ()), one(node()), "nodes list", [node(tags=["tag:b"])]),
    "routes": (
        lambda c: c.approve_routes(1, ("10.1.0.0/16",)),
        one(node()),
        "nodes list",
        [node(approved_routes=["10.1.0.0/16", "10.2.0.0/16"])],
    ),
    "move": (
        lambda c: c.move_node(1, 6),
        one(node()),
        "nodes list",
        [node(user={"id": 5, "name": "p0005"})],
    ),
    "register": (
        lambda c: c.register_node("p0005", "k" * 24),
        one(node(2)),
        "nodes list",
        [node()],
    ),
    "auth register": (lambda c: c.register_node("p0005", AUTH), one(node(2)), "nodes list", []),
    "rename user": (
        lambda c: c.rename_user(5, "p0006"),
        one({"id": 5, "name": "p0006"}),
        "users list",
        [{"id": 5, "name": "p0005"}, {"id": 4, "name": "p0006"}],
    ),
    "destroy user": (
        lambda c: c.destroy_user(5),
        one({}),
        "users list",
        [{"id": 5, "name": "p0005"}],
    ),
    "delete key": (lambda c: c.delete_preauth_key(8), one({}), "preauthkeys list", [key(8)]),
    "api key": (lambda c: c.create_api_key(), one("hskey-api-abcdefghijkl-s"), "apikeys list", []),
    "expire api key": (
        lambda c: c.expire_api_key(API_KEY),
        one({}),
        "apikeys list",
        [{"id": 3, "prefix": "hskey-api-abcdefghijkl-***", "expiration": seconds(NOW + DAY)}],
    ),
    "delete api key": (
        lambda c: c.delete_api_key(API_KEY),
        one({}),
        "apikeys list",
        [{"id": 3, "prefix": "hskey-api-abcdefghijkl-***"}],
    ),
    "policy": (lambda c: c.set_policy("{}"), answered("Policy updated.\n"), "policy get", [{}, {}]),
}
RELEASES_OF = {"move": "0.27", "no tags": "0.27", "destroy user": "0.29"}
VERBS = {
    "rename": "nodes rename",
    "expire": "nodes expire",
    "expire at": "nodes expire",
    "never": "nodes expire",
    "delete": "nodes delete",
    "user": "users create",
    "key": "preauthkeys create",
    "tags": "nodes tag",
    "no tags": "nodes tag",
    "routes": "nodes approve-routes",
    "move": "nodes move",
    "register": "nodes register",
    "auth register": "auth register",
    "rename user": "users rename",
    "destroy user": "users destroy",
    "delete key": "preauthkeys delete",
    "api key": "apikeys create",
    "expire api key": "apikeys expire",
    "delete api key": "apikeys delete",
    "policy": "policy set",
}


def changing(name: str, answers: Mapping[str, Iterable[Completed]]) -> HeadscaleClient:
    """A client of a release that knows the change."""
    return client_on(answers, release=RELEASES_OF.get(name))


@pytest.mark.parametrize("name", CHANGES)
def test_success_that_the_list_does_not_show_is_not_success(name: str) -> None:
    change, success, lists, old = CHANGES[name]
    client = changing(name, {VERBS[name]: [success], lists: [listed(*old)]})

    with pytest.raises(TimedOutError):
        change(client)

    assert runner_of(client).verbs() == [VERBS[name], lists]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_cannot_be_read_back_is_not_known(name: str) -> None:
    change, success, lists, _ = CHANGES[name]
    for failure in (answered(b"[{"), answered(exit_status=1, stderr="no")):
        client = changing(name, {VERBS[name]: [success], lists: [failure]})

        with pytest.raises(TimedOutError):
            change(client)


@pytest.mark.parametrize("name", CHANGES)
def test_a_refused_change_is_refused_and_a_lost_one_unknown(name: str) -> None:
    change, _, lists, old = CHANGES[name]
    refused = answered(exit_status=1, stderr='{"error": "node not found"}')
    silent = answered(exit_status=1, stderr="context deadline exceeded")
    unsent = answered(exit_status=127, stderr="no program")

    with pytest.raises(RejectedError, match="node not found"):
        change(changing(name, {VERBS[name]: [refused], lists: [listed(*old)]}))
    with pytest.raises(TimedOutError):
        change(changing(name, {VERBS[name]: [silent], lists: [listed(*old)]}))
    with pytest.raises(UnreachableError):
        change(changing(name, {VERBS[name]: [unsent], lists: [listed(*old)]}))


def test_a_change_whose_answer_is_garbage_is_settled_by_the_list() -> None:
    renamed = listed(node(name="new-name"))

    found = client_on({"nodes rename": [answered(b"???")], "nodes list": [renamed]}).rename_node(
        1, "new-name"
    )
    client_on({"nodes delete": [answered(b"")], "nodes list": [listed(node(2))]}).delete_node(1)

    assert found.given_name == "new-name"


def test_a_key_whose_answer_is_garbage_is_not_known() -> None:
    client = client_on({"preauthkeys create": [answered(b"{")], "preauthkeys list": [listed()]})

    with pytest.raises(TimedOutError):
        client.create_preauth_key(5)


def test_a_deletion_that_was_not_confirmed_is_a_refusal() -> None:
    client = client_on({"nodes delete": [one({"Result": "Node not deleted"})]})

    with pytest.raises(RejectedError) as caught:
        client.delete_node(1)

    assert caught.value.reason == "not_confirmed"


def test_a_destruction_that_was_not_confirmed_is_a_refusal() -> None:
    answers = {"users destroy": [one({"Result": "User not destroyed"})]}

    with pytest.raises(RejectedError) as caught:
        client_on(answers, release="0.29").destroy_user(5)

    assert caught.value.reason == "not_confirmed"


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        (["0.0.0.0/0", "::/0"], ("0.0.0.0/0",)),
        (["::/0", "0.0.0.0/0", "10.1.0.0/16"], ("10.1.0.0/16", "::/0")),
        ([], ()),
        (["fd00::/8", "10.1.0.0/16"], ("10.1.0.0/16", "fd00:0::/8")),
    ],
)
def test_approved_routes_are_a_set_and_half_an_exit_is_a_whole_one(
    shown: list[str], asked: tuple[str, ...]
) -> None:
    answers = {
        "nodes approve-routes": [one(node())],
        "nodes list": [listed(node(approved_routes=shown))],
    }

    assert client_on(answers).approve_routes(1, asked).approved_routes == tuple(shown)


@pytest.mark.parametrize("shown", [["10.1.0.0/16"], ["10.1.0.0/16", "10.1.2.3/24"], ["10.0.0.0/8"]])
def test_other_routes_than_those_asked_for_are_not_success(shown: list[str]) -> None:
    answers = {
        "nodes approve-routes": [one(node())],
        "nodes list": [listed(node(approved_routes=shown))],
    }

    with pytest.raises(TimedOutError):
        client_on(answers).approve_routes(1, ("10.1.0.0/16", "10.2.0.0/16"))


@pytest.mark.parametrize(
    ("prefix", "secret"),
    [
        ("LyWyNL1", "LyWyNL1.MrF6yPhJnJenJ9ZUuhbpkIN4v-1xIQJw"),
        ("hskey-api-CCA-mUx--2Lu-***", "hskey-api-CCA-mUx--2Lu-5c0e358b851e5539c7204a6cce742407"),
    ],
)
def test_a_fresh_api_key_is_found_in_the_list_by_how_it_begins(prefix: str, secret: str) -> None:
    others = {"id": 2, "prefix": "LyWyNL2"}, {"id": 3, "prefix": "hskey-api-CCA-mUx--2Lv-***"}
    answers = {
        "apikeys create": [one(secret)],
        "apikeys list": [listed(*others, {"id": 4, "prefix": prefix})],
    }

    key, shown = client_on(answers).create_api_key()

    assert (key.id, key.prefix, shown) == (4, prefix, secret)


def test_only_machines_with_routes_are_listed_with_their_routes() -> None:
    nodes = listed(node(1), node(2, available_routes=["10.1.0.0/16"]))

    assert [n.id for n in client_on({"nodes list-routes": [nodes]}).routes()] == [2]


def test_addresses_are_given_and_told() -> None:
    changes = one({"changes": ['assigned IPv4 100.64.0.9 to Node(3) "pc"']})

    assert len(client_on({"nodes backfillips": [changes]}).backfill_ips()) == 1
    assert client_on({"nodes backfillips": [one({})]}).backfill_ips() == ()
    with pytest.raises(TimedOutError):
        client_on({"nodes backfillips": [answered(b"\x1b[0G? ")]}).backfill_ips()


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_request_is_answered_with_an_empty_object(verb: str) -> None:
    answer: dict[str, Change] = {
        "approve": lambda c: c.approve_auth(AUTH),
        "reject": lambda c: c.reject_auth(AUTH),
    }

    assert answer[verb](client_on({f"auth {verb}": [one({})]})) is None


def test_another_machine_with_the_wanted_name_proves_nothing() -> None:
    others = listed(node(1), node(2, "new-name"))
    client = client_on({"nodes rename": [one(node())], "nodes list": [others]})

    with pytest.raises(TimedOutError):
        client.rename_node(1, "new-name")


def test_the_same_id_twice_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        client_on({"nodes list": [listed(node(1), node(1, "b"))]}).nodes()


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_changes_read_back_from_their_own_answers(release: str) -> None:
    recorded = {case.name: case for case in cases(release)}
    renamed, expired = recorded["nodes/rename"].stdout, recorded["nodes/expire"].stdout
    client = client_on(
        {
            "nodes rename": [answered(renamed)],
            "nodes expire": [answered(expired)],
            "nodes delete": [answered(recorded["nodes/delete"].stdout)],
            "nodes list": [answered(f"[{renamed}]"), answered(f"[{expired}]")],
            "users create": [answered(recorded["users/create"].stdout)],
            "users list": [answered(recorded["users/list"].stdout)],
        }
    )

    assert client.rename_node(1, "counter-1").given_name == "counter-1"
    assert client.expire_node(1).expires_at is not None
    client.delete_node(3)
    assert client.create_user("pharm-0001").id == 1
