"""Each verb of users and keys on each release, and what is said of the engine itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from network.headscale.client import RejectedError
from network.headscale.types import PreAuthKey
from tests.real_headscale.desk import Desk

pytestmark = pytest.mark.timeout(120)

TAGS = ("tag:kiosk", "tag:old")


def is_over(moment: datetime | None) -> bool:
    return moment is not None and moment <= datetime.now(UTC) + timedelta(seconds=5)


def key_in_list(desk: Desk, number: int) -> PreAuthKey | None:
    return next((key for key in desk.client.preauth_keys() if key.id == number), None)


# The engine itself.


def test_the_release_is_found_out(desk: Desk) -> None:
    assert desk.client.release() == desk.release
    assert desk.client.version().text
    desk.saw("version")


def test_the_engine_says_how_it_is(desk: Desk) -> None:
    if not desk.since(27):
        desk.is_refused_before_it_is_sent("health", desk.client.health)
        assert desk.refusal("health").reason == "usage"
        desk.saw("health", "absent")
        return

    assert desk.client.health().database_connected
    desk.saw("health")


# Users.


def test_a_user_is_made_with_its_name_and_address(desk: Desk) -> None:
    name = desk.name()

    made = desk.client.create_user(name, display_name="서울 약국", email="a@example.test")

    listed = {user.id: user for user in desk.client.users()}
    assert listed[made.id].name == name
    assert listed[made.id].display_name == "서울 약국"
    assert listed[made.id].email == "a@example.test"
    desk.saw("users create")
    desk.saw("users list")


def test_a_user_that_is_there_is_not_made_again(desk: Desk) -> None:
    user = desk.user()

    with pytest.raises(RejectedError) as refused:
        desk.client.create_user(user.name)

    assert refused.value.reason == "user_exists"
    assert [one.name for one in desk.client.users()].count(user.name) == 1


def test_a_user_gets_another_name(desk: Desk) -> None:
    user, name = desk.user(), desk.name()

    desk.client.rename_user(user.id, name)

    assert {one.id: one.name for one in desk.client.users()}[user.id] == name
    desk.saw("users rename")


def test_a_user_without_machines_is_destroyed(desk: Desk) -> None:
    user = desk.user()
    if desk.release == (0, 28):
        desk.is_refused_before_it_is_sent(
            "users.destroy", lambda: desk.client.destroy_user(user.id)
        )
        desk.saw("users destroy", "refused: everyone's keys go with it")
        return

    desk.client.destroy_user(user.id)

    assert user.id not in {one.id for one in desk.client.users()}
    desk.saw("users destroy")


def test_a_user_with_machines_stays(desk: Desk) -> None:
    user = desk.user()
    desk.node(user)

    refusal = desk.refusal("users", "destroy", "--force", "-i", str(user.id))

    assert refusal.reason == "user_not_empty"
    assert user.id in {one.id for one in desk.client.users()}


# Keys with which machines join.


def test_a_key_is_made_and_listed(desk: Desk) -> None:
    user = desk.user()

    made = desk.client.create_preauth_key(
        user.id, lifetime="90d", reusable=True, ephemeral=True, tags=TAGS
    )

    listed = key_in_list(desk, made.id)
    assert listed is not None
    assert listed.user is not None
    assert (listed.user.id, listed.reusable, listed.ephemeral) == (user.id, True, True)
    assert set(listed.tags) == set(TAGS)
    assert listed.expires_at is not None
    assert abs(listed.expires_at - datetime.now(UTC) - timedelta(days=90)) < timedelta(hours=1)
    desk.saw("preauthkeys create")
    desk.saw("preauthkeys list" if desk.since(28) else "preauthkeys list, of one user")


def test_the_other_way_of_listing_keys_is_not_there(desk: Desk) -> None:
    if desk.since(28):
        words: tuple[str, ...] = ("preauthkeys", "list", "-u", str(desk.user().id))
        desk.saw("preauthkeys list, of one user", "absent")
    else:
        words = ("preauthkeys", "list")
        desk.saw("preauthkeys list", "absent")

    assert desk.refusal(*words).reason == "usage"


def test_a_key_of_tags_alone(desk: Desk) -> None:
    row = "preauthkeys create, tags only"
    if not desk.since(28):
        desk.is_refused_before_it_is_sent(
            "preauthkeys.tags_only", lambda: desk.client.create_preauth_key(None, tags=TAGS)
        )
        assert desk.refusal("preauthkeys", "create", "--tags=tag:kiosk").reason == "usage"
        desk.saw(row, "absent")
        return

    made = desk.client.create_preauth_key(None, tags=TAGS)

    listed = key_in_list(desk, made.id)
    assert listed is not None
    assert listed.user is None
    assert set(listed.tags) == set(TAGS)
    desk.saw(row)


def test_a_key_is_ended(desk: Desk) -> None:
    user = desk.user()
    made, other = (desk.client.create_preauth_key(user.id) for _ in range(2))

    desk.client.expire_preauth_key(made)

    after = {key.id: key for key in desk.client.preauth_keys()}
    assert is_over(after[made.id].expires_at)
    assert not is_over(after[other.id].expires_at)
    by_number, by_secret = "preauthkeys expire, by number", "preauthkeys expire, by secret"
    desk.saw(by_number if desk.since(28) else by_secret)
    desk.saw(by_secret if desk.since(28) else by_number, "absent")


def test_the_other_way_of_ending_a_key_is_not_there(desk: Desk) -> None:
    user = desk.user()
    made = desk.client.create_preauth_key(user.id)
    by_secret, by_number = ("-u", str(user.id), made.key), ("-i", str(made.id))

    refusal = desk.refusal("preauthkeys", "expire", *(by_secret if desk.since(28) else by_number))

    assert refusal.reason == "usage"
    listed = key_in_list(desk, made.id)
    assert listed is not None
    assert not is_over(listed.expires_at)


def test_a_key_is_deleted(desk: Desk) -> None:
    made = desk.client.create_preauth_key(desk.user().id)
    if not desk.since(28):
        desk.is_refused_before_it_is_sent(
            "preauthkeys.delete", lambda: desk.client.delete_preauth_key(made.id)
        )
        done = desk.call("-o", "json", "preauthkeys", "delete", "-i", str(made.id))
        assert key_in_list(desk, made.id) is not None
        assert done.exit_status == 1
        desk.saw("preauthkeys delete", "absent")
        return

    desk.client.delete_preauth_key(made.id)

    assert key_in_list(desk, made.id) is None
    desk.saw("preauthkeys delete")


# Keys of programs.


def test_a_program_key_is_made_ended_and_deleted(desk: Desk) -> None:
    key, secret = desk.client.create_api_key(lifetime="30d")
    made = {one.id: one for one in desk.client.api_keys()}

    desk.client.expire_api_key(key)
    ended = {one.id: one for one in desk.client.api_keys()}
    desk.client.delete_api_key(key)

    assert secret.startswith(key.prefix.removesuffix("***"))
    assert not is_over(made[key.id].expires_at)
    assert is_over(ended[key.id].expires_at)
    assert key.id not in {one.id for one in desk.client.api_keys()}
    for verb in ("create", "list", "expire", "delete"):
        desk.saw(f"apikeys {verb}")
