"""Lists for people. Programs must not read them; columns and colours are only approximate."""

from __future__ import annotations

from network.headscale.simulator import clock
from network.headscale.simulator.answers import Record, Records
from network.headscale.simulator.call import Call
from network.headscale.simulator.records import ApiKey, Key, Node, User

_HEADS = {
    "apikeys": ("ID", "Prefix", "Expiration", "Created"),
    "nodes": (
        "ID",
        "Hostname",
        "Name",
        "MachineKey",
        "NodeKey",
        "User",
        "IP addresses",
        "Ephemeral",
        "Last seen",
        "Expiration",
        "Connected",
        "Expired",
    ),
    "preauthkeys": ("ID", "Key/Prefix", "Reusable", "Ephemeral", "Used", "Expiration", "Created"),
    "users": ("ID", "Name", "Username", "Email", "Created"),
}
_SEPARATOR = "\x1b[90m\x1b[90m | \x1b[0m"


def table(call: Call, answer: Records) -> str:
    """This will lay out a list in columns, coloured even when nobody looks."""
    head = _HEADS[answer.kind]
    rows = [head, *(_row(call, item) for item in answer.items)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        _SEPARATOR.join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join([f"\x1b[96m{lines[0]}\x1b[0m", *lines[1:]]) + "\n"


def _row(call: Call, record: Record) -> tuple[str, ...]:
    if isinstance(record, Node):
        return _node(call, record)
    if isinstance(record, ApiKey):
        return _api_key(record)
    return _user(record) if isinstance(record, User) else _key(record)


def _api_key(key: ApiKey) -> tuple[str, ...]:
    times = (clock.to_text(key.expires_ns), clock.to_text(key.created_ns))
    return (str(key.id), key.prefix, *times)


def _node(call: Call, node: Node) -> tuple[str, ...]:
    user = call.roster.users.get(node.user_id)
    expires = node.expires_ns if node.expires_ns is not None else clock.ZERO
    expired = clock.ZERO < expires <= call.at_ns
    return (
        str(node.id),
        node.name,
        node.given_name,
        f"[{node.machine_key[5:10]}]",
        f"[{node.node_key[8:13]}]",
        "" if user is None else user.name,
        ", ".join(node.addresses),
        "false",
        _day(node.last_seen_ns),
        _day(expires),
        "online" if node.online else "offline",
        "yes" if expired else "no",
    )


def _user(user: User) -> tuple[str, ...]:
    return str(user.id), user.display_name, user.name, user.email, _day(user.created_ns)


def _key(key: Key) -> tuple[str, ...]:
    flags = tuple(str(flag).lower() for flag in (key.reusable, key.ephemeral, key.used))
    return (str(key.id), key.text, *flags, _day(key.expires_ns), _day(key.created_ns))


def _day(at_ns: int) -> str:
    return clock.to_text(at_ns - at_ns % clock.SECOND).replace("T", " ").removesuffix("Z")
