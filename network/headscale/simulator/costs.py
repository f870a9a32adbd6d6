"""What a change costs a real engine: it works out the map of every machine anew.

Fitted to processor seconds seen on two cores with 1,000 machines (0.29.2: 0.3 without a policy, 0.9
with hub and self, 11.6 with a rule for each of 200 pharmacies; 0.28.0: 1.6, 3.2 and 15) and with
3,000 (0.29.2: 3.4 and 9.6). Good for orders of magnitude, no better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from network.headscale.simulator.releases import Release

Json = Any  # whatever the json module reads

_SELF = "autogroup:self"
_GROWTH = 2.15
# Keys are nobody's map.
_MAPS = frozenset({"nodes", "users", "policy", "auth"})


@dataclass(frozen=True, slots=True)
class _Seconds:
    """For 1,000 machines: without any rule, for the rule of one's own, and for each other rule."""

    ground: float
    own: float
    rule: float


_OLD = _Seconds(ground=1.6, own=1.6, rule=0.068)
_0_29 = _Seconds(ground=0.3, own=0.4, rule=0.056)
_0_30 = _Seconds(ground=0.4, own=0.4, rule=0.062)


def is_costly(verb: str) -> bool:
    """This will say whether a changing verb makes the engine work out the maps."""
    return verb.split(maxsplit=1)[0] in _MAPS


def change_s(release: Release, machines: int, document: Mapping[str, Json]) -> float:
    """This will be how many seconds a change takes with so many machines under a policy."""
    seconds = _0_30 if release.since(30) else _0_29 if release.since(29) else _OLD
    rules = [*document.get("acls", ()), *document.get("grants", ())]
    own = sum(_is_own(rule) for rule in rules)
    whole = seconds.ground + seconds.own * bool(own) + seconds.rule * (len(rules) - own)
    return whole * float((machines / 1000) ** _GROWTH)


def _is_own(rule: Mapping[str, Json]) -> bool:
    return any(str(target).startswith(_SELF) for target in rule.get("dst") or [])
