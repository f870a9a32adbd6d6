"""Addresses as numbers: spans from a first to a last one, which may overlap."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple

_PREFIX = re.compile(r"[0-9A-Fa-f.:]+/(?:0|[1-9][0-9]{0,2})")
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]+(?:%[^/]+)?")


class Span(NamedTuple):
    """Addresses of one family (4 or 6) from `low` to `high`, both included."""

    family: int
    low: int
    high: int

    @property
    def is_single(self) -> bool:
        """Say whether this is one address."""
        return self.low == self.high

    def overlaps(self, other: Span) -> bool:
        """Say whether the two share an address."""
        return self.family == other.family and self.low <= other.high and other.low <= self.high

    def contains(self, other: Span) -> bool:
        """Say whether all of the other is in here."""
        return self.family == other.family and self.low <= other.low and other.high <= self.high


@lru_cache(maxsize=65_536)
def span_of(text: str) -> Span | None:
    """Read an address or a CIDR (host bits are masked away); None for anything else."""
    try:
        if _PREFIX.fullmatch(text):
            network = ip_network(text, strict=False)
            return Span(
                network.version, int(network.network_address), int(network.broadcast_address)
            )
        if _ADDRESS.fullmatch(text):
            address = ip_address(text.partition("%")[0])
            return Span(address.version, int(address), int(address))
    except ValueError:
        return None
    return None


def _fixed(*texts: str) -> tuple[Span, ...]:
    return tuple(span for text in texts if (span := span_of(text)) is not None)


EVERYTHING = _fixed("0.0.0.0/0", "::/0")
TAILNET = _fixed("100.64.0.0/10", "fd7a:115c:a1e0::/48")
_CHROME = _fixed("100.115.92.0/23")[0]


def without(spans: tuple[Span, ...], removed: Span) -> tuple[Span, ...]:
    """Return what is left of some spans when one is taken out."""
    left: list[Span] = []
    for span in spans:
        if not span.overlaps(removed):
            left.append(span)
            continue
        if span.low < removed.low:
            left.append(Span(span.family, span.low, removed.low - 1))
        if removed.high < span.high:
            left.append(Span(span.family, removed.high + 1, span.high))
    return tuple(left)


def _internet() -> tuple[Span, ...]:
    """What `autogroup:internet` stands for (hscontrol/util/net.go)."""
    spans = _fixed("0.0.0.0/0", "2000::/3")
    private = _fixed(
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"), *("169.254.0.0/16", "100.64.0.0/10")
    )
    for removed in private:
        spans = without(spans, removed)
    return spans


INTERNET = _internet()
# What `*` stands for as a source from 0.29 on: the tailnet without the range of ChromeOS.
TAILNET_SOURCES = without(TAILNET, _CHROME)


def any_overlap(some: tuple[Span, ...], others: tuple[Span, ...]) -> bool:
    """Say whether a span of the one overlaps a span of the other."""
    return any(one.overlaps(other) for one in some for other in others)


def covers_internet(spans: tuple[Span, ...]) -> bool:
    """Say whether spans together are a way to everywhere: all of a family, or all public ones."""
    united = _united(spans)
    if any(whole in united for whole in EVERYTHING):
        return True
    return all(any(one.contains(part) for one in united) for part in INTERNET)


def _united(spans: tuple[Span, ...]) -> list[Span]:
    united: list[Span] = []
    for span in sorted(spans):
        last = united[-1] if united else None
        if last is not None and last.family == span.family and span.low <= last.high + 1:
            united[-1] = Span(last.family, last.low, max(last.high, span.high))
        else:
            united.append(span)
    return united
