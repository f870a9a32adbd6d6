"""What a device tells about itself, made fit to show. Pure; the text is hostile until then.

`host_info` is Tailscale's Hostinfo with Go's field names, `endpoints` a list of addresses; both are
JSON that the engine stores as the device sent it. Whatever is wrong gives empty text, never an
error: wrong types, broken or endless JSON, control characters.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

TEXT_LIMIT = 100
ENDPOINTS = 20
# Real devices send one to four thousand characters; nobody parses a megabyte for one of them.
JSON_LIMIT = 65_536
_DERP_LIMIT = 65_535


@dataclass(frozen=True, slots=True)
class MachineDetail:
    """What only the engine's database knows about a machine; empty or None where it is not known.

    `home_derp` is the number of the relay region nearest to the machine.
    """

    machine_key: str
    os: str = ""
    os_version: str = ""
    client_version: str = ""
    endpoints: tuple[str, ...] = ()
    home_derp: int | None = None


def machine_detail(*, machine_key: object, endpoints: object, host_info: object) -> MachineDetail:
    """Return what a row of `nodes` tells. This will raise nothing."""
    told = _json(host_info)
    fields = told if isinstance(told, dict) else {}
    network = fields.get("NetInfo")
    return MachineDetail(
        machine_key=shown(machine_key),
        os=shown(fields.get("OS")),
        os_version=shown(fields.get("OSVersion")),
        client_version=shown(fields.get("IPNVersion")),
        endpoints=_endpoints(endpoints),
        home_derp=_region(network.get("PreferredDERP")) if isinstance(network, dict) else None,
    )


def shown(value: object) -> str:
    """Return a short printable text, empty for anything that is none."""
    if not isinstance(value, str):
        return ""
    # Cut before and after: a megabyte is not worth looking through.
    printable = "".join(sign for sign in value[: 10 * TEXT_LIMIT] if sign.isprintable())
    return printable.strip()[:TEXT_LIMIT].rstrip()


def _endpoints(value: object) -> tuple[str, ...]:
    listed = _json(value)
    if not isinstance(listed, list):
        return ()
    found = (shown(one) for one in listed[: 10 * ENDPOINTS])
    return tuple(one for one in found if one)[:ENDPOINTS]


def _region(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < value <= _DERP_LIMIT else None


def _json(value: object) -> object:
    if not isinstance(value, str) or len(value) > JSON_LIMIT:
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
