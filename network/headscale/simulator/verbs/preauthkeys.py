"""Verbs about pre-authentication keys."""

from __future__ import annotations

import os
from dataclasses import replace

from network.headscale.simulator.answers import Answer, One, Plain, Records
from network.headscale.simulator.call import Call
from network.headscale.simulator.durations import key_life
from network.headscale.simulator.errors import EngineError
from network.headscale.simulator.records import Key
from network.headscale.simulator.roster import GONE
from network.headscale.simulator.state import KEY

_CREATING = "creating preauthkey"


def create_key(call: Call) -> Answer:
    """This will make a key; from 0.28 on its secret is shown this once."""
    options = call.options
    tags = options.words("tags")
    life_ns = _life(call)
    user_id = options.number("user") or None
    with call.change(user_id) as change:
        _refuse_bad_key(call, user_id, tags)
        key, secret = _new_key(call)
        key = replace(
            key,
            user_id=user_id,
            expires_ns=call.at_ns + life_ns,
            tags=tuple(sorted(tags)) if call.release.since(28) else tags,
            reusable=options.switch("reusable"),
            ephemeral=options.switch("ephemeral"),
        )
        call.store.change(KEY, key.id, {n: getattr(key, n) for n in Key.__dataclass_fields__})
        change.effect = {"created": "key", "id": key.id, "user": user_id}
    return One(key, secret, secret=secret)


def _life(call: Call) -> int:
    try:
        return key_life(call.options.text("expiration"))
    except ValueError as error:
        prefix = "parsing duration: " if call.release.since(29) else ""
        raise EngineError(f"{prefix}{error}") from error


def _refuse_bad_key(call: Call, user_id: int | None, tags: tuple[str, ...]) -> None:
    during = "creating pre-auth key" if call.release.since(30) else _CREATING
    if not all(tag.startswith("tag:") for tag in tags):
        text = "tag must start with the string 'tag:'"
        raise call.refused("InvalidArgument", text, during=during, plain=f"invalid tag: {text}")
    if user_id is None and not tags:
        text = "auth-key must be either tagged or owned by user"
        raise call.refused("Unknown", text, during=during)
    if user_id is not None and user_id not in call.roster.users:
        raise call.refused("Unknown", "user not found", during=during)


def _new_key(call: Call) -> tuple[Key, str]:
    if call.release.since(28):
        prefix = os.urandom(6).hex()
        text, secret = prefix, f"hskey-auth-{prefix}-{os.urandom(32).hex()}"
    else:
        text = secret = os.urandom(24).hex()
    key = Key(
        id=call.roster.next_key_id(),
        text=text,
        user_id=None,
        expires_ns=call.at_ns,
        created_ns=call.at_ns,
    )
    return key, secret


def list_keys(call: Call) -> Answer:
    """This will list the keys: of one user up to 0.27, of everyone from 0.28 on."""
    keys = list(call.roster.keys.values())
    if not call.release.since(28):
        user_id = call.options.number("user")
        keys = [key for key in keys if key.user_id == user_id]
        if user_id not in call.roster.users:
            raise call.refused("Unknown", "user not found", during="listing preauthkeys")
    return Records("preauthkeys", keys)


def expire_key(call: Call) -> Answer:
    """This will end a key. An unknown id is accepted in silence by 0.28 and 0.29."""
    with call.change(_asked(call)) as change:
        key = _find(call, "expiring")
        if key is not None:
            call.store.change(KEY, key.id, {"expires_ns": call.at_ns})
            change.effect = {"expired": "key", "id": key.id}
    return Plain({}, "Key expired\n")


def delete_key(call: Call) -> Answer:
    """This will remove a key, from 0.28 on."""
    with call.change(_asked(call)) as change:
        key = _find(call, "deleting")
        if key is not None:
            call.store.change(KEY, key.id, {GONE: True})
            change.effect = {"deleted": "key", "id": key.id}
    return Plain({}, "Key deleted\n")


def _asked(call: Call) -> str:
    """Name the key in the journal; the secret itself, which 0.26 is given, stays out of it."""
    return str(call.options.number("id")) if call.release.since(28) else "key"


def _find(call: Call, doing: str) -> Key | None:
    if not call.release.since(28):
        return _find_by_secret(call)
    key = call.roster.keys.get(call.options.number("id"))
    if key is None and call.release.since(30):
        text = "auth-key not found: record not found"
        raise call.refused("Unknown", text, during=f"{doing} pre-auth key")
    return key


def _find_by_secret(call: Call) -> Key:
    if not call.options.arguments:
        raise EngineError("missing parameters")
    secret, user_id = call.options.arguments[0], call.options.number("user")
    for key in call.roster.keys.values():
        if key.text == secret and key.user_id == user_id:
            return key
    raise call.refused("Unknown", "AuthKey not found", during="expiring preauthkey")
