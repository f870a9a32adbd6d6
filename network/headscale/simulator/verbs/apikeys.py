"""Verbs about the keys with which programs ask from afar."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode

from network.headscale.simulator.answers import Answer, Plain, Records
from network.headscale.simulator.call import Call
from network.headscale.simulator.durations import key_life
from network.headscale.simulator.errors import EngineError
from network.headscale.simulator.records import ApiKey
from network.headscale.simulator.roster import GONE
from network.headscale.simulator.state import API_KEY

_MASK = "***"


def list_keys(call: Call) -> Answer:
    """This will list the keys; of each only the beginning is shown."""
    return Records("apikeys", list(call.roster.api_keys.values()))


def create_key(call: Call) -> Answer:
    """This will make a key and print it, this once."""
    try:
        life_ns = key_life(call.options.text("expiration"))
    except ValueError as error:
        prefix = "parsing duration: " if call.release.since(29) else ""
        raise EngineError(f"{prefix}{error}") from error
    prefix, secret = _secret(call)
    with call.change("apikey") as change:
        number = call.store.count("apikey")
        key = ApiKey(number, prefix, call.at_ns + life_ns, call.at_ns)
        fields = {name: getattr(key, name) for name in ApiKey.__dataclass_fields__}
        call.store.change(API_KEY, number, fields)
        change.effect = {"created": "apikey", "id": number}
    return Plain(secret, f"{secret}\n")


def _secret(call: Call) -> tuple[str, str]:
    if call.release.since(28):
        beginning = f"hskey-api-{os.urandom(6).hex()}"
        return f"{beginning}-{_MASK}", f"{beginning}-{os.urandom(32).hex()}"
    beginning = urlsafe_b64encode(os.urandom(6)).decode()[:7].replace("-", "x").replace("_", "y")
    return beginning, f"{beginning}.{urlsafe_b64encode(os.urandom(24)).decode()}"


def expire_key(call: Call) -> Answer:
    """This will end a key."""
    with call.change("apikey") as change:
        key = _find(call, "expiring")
        call.store.change(API_KEY, key.id, {"expires_ns": call.at_ns})
        change.effect = {"expired": "apikey", "id": key.id}
    return Plain({}, "Key expired\n")


def delete_key(call: Call) -> Answer:
    """This will remove a key."""
    with call.change("apikey") as change:
        key = _find(call, "deleting")
        call.store.change(API_KEY, key.id, {GONE: True})
        change.effect = {"deleted": "apikey", "id": key.id}
    return Plain({}, "Key deleted\n")


def _find(call: Call, doing: str) -> ApiKey:
    prefix = call.options.text("prefix")
    number = call.options.number("id") if "id" in call.options.values else 0
    for key in call.roster.api_keys.values():
        if (prefix and key.prefix == prefix) or (number and key.id == number):
            return key
    during = "getting api key" if call.release.since(30) else f"{doing} api key"
    raise call.refused("Unknown", "record not found", during=during)
