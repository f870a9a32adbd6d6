"""Verbs about the program and its server."""

from __future__ import annotations

from network.headscale.simulator.answers import Answer, Plain
from network.headscale.simulator.call import Call

# Binaries that did not come out of the release pipeline call themselves so.
_BUILD = "dev"
_GO = "go1.26.8"


def version(call: Call) -> Answer:
    """This will say which program this is."""
    name = _own_name(call)
    if not call.release.since(27):
        return Plain({"commit": _BUILD, "version": name}, f"{name}\n")
    value = {
        "version": name,
        "commit": "unknown",
        "buildTime": "unknown",
        "go": {"version": _GO, "os": "linux", "arch": "amd64"},
        "dirty": False,
    }
    text = (
        f"headscale version {name}\ncommit: unknown\nbuild time: unknown\n"
        f"built with: {_GO} linux/amd64\n\n"
    )
    return Plain(value, text)


def _own_name(call: Call) -> str:
    """A released program names its release, with a letter in front from 0.27 on."""
    if not call.config.released or "dev" in call.release.name:
        return _BUILD
    return f"v{call.release.name}" if call.release.since(27) else call.release.name


def health(call: Call) -> Answer:
    """This will say that the server reaches its database."""
    name = "databaseConnectivity" if call.release.since(30) else "database_connectivity"
    return Plain({name: True}, "")
