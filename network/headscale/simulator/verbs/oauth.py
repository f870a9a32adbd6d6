"""Verbs about clients of OAuth, which 0.30 brings."""

from __future__ import annotations

import os
from typing import Any

from network.headscale.simulator import clock
from network.headscale.simulator.answers import Answer, Plain
from network.headscale.simulator.call import Call
from network.headscale.simulator.state import OAUTH

Json = Any  # whatever the json module can write


def create_client(call: Call) -> Answer:
    """This will make a client and print its secret, this once."""
    name = os.urandom(6).hex()
    with call.change("oauth") as change:
        number = call.store.count("oauth")
        fields = {
            "client": name,
            "created_ns": call.at_ns,
            "description": call.options.text("description"),
            "scopes": list(call.options.words("scope")),
            "tags": list(call.options.words("tag")),
        }
        call.store.change(OAUTH, number, fields)
        change.effect = {"created": "oauth", "id": number}
    shown = _shown(fields)
    shown["key"] = f"hskey-client-{name}-{os.urandom(32).hex()}"
    return Plain(dict(sorted(shown.items())), f"{shown['key']}\n")


def list_clients(call: Call) -> Answer:
    """This will list the clients, without their secrets."""
    rows = call.store.changes(OAUTH).values()
    return Plain([_shown(row) for row in rows], "")


def _shown(fields: dict[str, Json]) -> dict[str, Json]:
    device = {"ephemeral": False, "preauthorized": False, "reusable": False}
    return {
        "capabilities": {"devices": {"create": {**device, "tags": fields["tags"] or None}}},
        "created": clock.to_text(fields["created_ns"]),
        "description": fields["description"],
        "id": fields["client"],
        "invalid": False,
        "keyType": "client",
        "scopes": fields["scopes"],
    }
