"""The names a rule may use, its ports and its protocols, as the engine reads them.

Source: hscontrol/policy/v2 of 0.26.1 to 0.29.2. Where the engine is lenient about odd spellings of
numbers, this reader refuses.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from network.headscale.features import Release
from network.policy.spans import Span, span_of

Kind = Literal["any", "user", "group", "tag", "autogroup", "host", "prefix"]
Ports = tuple[tuple[int, int], ...]

EVERY_PORT: Ports = ((0, 65535),)
TCP, UDP, ICMP, ICMP6, SCTP = 6, 17, 1, 58, 132
WITH_PORTS = frozenset({TCP, UDP, SCTP})
PINGS = frozenset({ICMP, ICMP6})
# The client adds the pings when a rule names no protocol; 0.27 and 0.28 name TCP and UDP for it.
_UNNAMED = frozenset({TCP, UDP, ICMP, ICMP6})
_PROTOCOLS = {
    "icmp": (ICMP,),
    "igmp": (2,),
    "ipv4": (4,),
    "ip-in-ip": (4,),
    "tcp": (TCP,),
    "egp": (8,),
    "igp": (9,),
    "udp": (UDP,),
    "gre": (47,),
    "esp": (50,),
    "ah": (51,),
    "sctp": (SCTP,),
    "ipv6-icmp": (ICMP6,),
    "fc": (133,),
}
_AUTOGROUPS: dict[str, Release] = {
    "autogroup:internet": (0, 26),
    "autogroup:nonroot": (0, 26),
    "autogroup:member": (0, 27),
    "autogroup:tagged": (0, 27),
    "autogroup:self": (0, 27),
    "autogroup:danger-all": (0, 29),
}
_PORT = re.compile(r"0|[1-9][0-9]{0,4}")
_PROTOCOL_NUMBER = re.compile(r"[1-9][0-9]{0,2}")
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\]([:/].*)", re.DOTALL)


class Alias(NamedTuple):
    """What one word of a rule stands for; `span` is set for a prefix only."""

    kind: Kind
    text: str
    span: Span | None = None

    def knows(self, release: Release | None) -> bool:
        """Say whether a release knows this word; one that is not known is taken for the newest."""
        if self.kind != "autogroup":
            return True
        since = _AUTOGROUPS.get(self.text)
        return since is not None and (release is None or since <= release)


def alias_of(text: str) -> Alias | None:
    """Read a word in the engine's order: an address first, then what its letters say."""
    span = span_of(text)
    if span is not None:
        return Alias("prefix", text, span)
    if text == "*":
        return Alias("any", text)
    if "@" in text:
        return Alias("user", text)
    for kind in ("group", "tag", "autogroup"):
        if text.startswith(f"{kind}:"):
            return Alias(kind, text)
    return Alias("host", text) if text and ":" not in text else None


def destination_of(text: str) -> tuple[Alias, Ports] | None:
    """Read `word:ports`; the last colon parts the two. None when either cannot be read."""
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        text = bracketed[1] + bracketed[2]
    elif text.startswith("["):
        return None
    name, _, ports_text = text.rpartition(":")
    ports, alias = ports_of(ports_text), alias_of(name)
    return (alias, ports) if alias is not None and ports is not None else None


def ports_of(text: str) -> Ports | None:
    """Read `*`, or ports and ranges parted by commas; None when it cannot be read."""
    if text == "*":
        return EVERY_PORT
    ranges = []
    for part in text.split(","):
        low, dash, high = part.partition("-")
        ends = [_port(low), _port(high if dash else low)]
        if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
            return None
        if not dash and ends[0] < 1:
            return None
        ranges.append((ends[0], ends[1]))
    return tuple(ranges)


def _port(text: str) -> int | None:
    number = int(text) if _PORT.fullmatch(text) else -1
    return number if 0 <= number <= EVERY_PORT[0][1] else None


def is_protocol(text: str) -> bool:
    """Say whether the engine takes this as a rule's protocol; the empty text is none."""
    name = text.lower()
    if name in {"", *_PROTOCOLS}:
        return True
    return bool(_PROTOCOL_NUMBER.fullmatch(name)) and int(name) <= 255  # noqa: PLR2004  # one octet


def protocols_of(text: str, release: Release | None) -> frozenset[int]:
    """Return the protocol numbers that a rule with this protocol lets through."""
    name = text.lower()
    before = release is not None and release < (0, 29)
    if name in {"", "*"}:
        narrow = release is not None and (0, 27) <= release < (0, 29)
        return frozenset({TCP, UDP}) if narrow else _UNNAMED
    if name == "icmp" and before:
        return PINGS
    return frozenset(_PROTOCOLS[name]) if name in _PROTOCOLS else frozenset({int(name)})


def protocol_number(name: str) -> int:
    """Return the number of one protocol that is asked for; raises ValueError for an unknown."""
    if not name or not is_protocol(name):
        raise ValueError(name)
    return min(protocols_of(name, None))
