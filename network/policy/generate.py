"""The policy of the house: no pharmacy reaches another, staff reach what their group may.

Shapes. *Hub*: staff reach machines, nobody else reaches anything. *Hub + self*: a pharmacy's own
machines reach each other, too, by one rule for all. *Rule each*: the same by one rule a pharmacy;
kept for comparison, since it isolates no better and makes every change of the engine twelve times
dearer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from network.headscale.features import Release, gettext_noop, lacks
from network.policy.aliases import (
    WITH_PORTS,
    alias_of,
    destination_of,
    is_protocol,
    ports_of,
    protocols_of,
)
from network.policy.engine_tests import assertions
from network.policy.hujson import SURROGATE, shown
from network.policy.principals import StaffGroup, Tenant
from network.policy.sayings import PolicyError, Saying

Shape = Literal["HUB", "HUB_SELF", "RULE_EACH"]
Origin = Literal["OURS", "EDITED", "FOREIGN"]

# 0.27 knows autogroup:self already, but beside it does not tell machines of the staff that are told
# of them (seen with real clients: tests/real_headscale/test_policy.py).
SELF_SINCE: Release = (0, 28)
# Before, a policy without any rule lets nothing pass, but tells everybody of everybody's machines;
# one rule, even between addresses that nobody has, ends that (seen with real clients).
HIDES_SINCE: Release = (0, 27)
_NOBODYS_RULE = '{"action": "accept", "src": ["192.0.2.1"], "dst": ["192.0.2.2:9"]}'
_GROUP_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TITLE = (
    "// Made by FARMQ Admin from its pharmacies and staff groups; it is made anew when they change."
)
_MARK = re.compile(r"// farmq-policy 1 (HUB|HUB_SELF|RULE_EACH) ([0-9a-f]{64})")
_SENTENCES = {
    "shared_user": gettext_noop("두 약국이 한 사용자를 씁니다: %(name)s"),
    "staff_is_pharmacy": gettext_noop("약국의 사용자는 직원 그룹에 넣을 수 없습니다: %(name)s"),
    "unusable_name": gettext_noop("정책에 쓸 수 없는 이름입니다: %(name)s"),
    "unusable_group": gettext_noop("직원 그룹 ‘%(name)s’의 이름, 포트, 프로토콜을 확인하십시오."),
    "group_twice": gettext_noop("직원 그룹의 이름이 두 번 있습니다: %(name)s"),
    "unknown_pharmacy": gettext_noop("직원 그룹이 모르는 약국을 가리킵니다: %(name)s"),
    "self_unknown": gettext_noop("이 엔진은 autogroup:self를 모르므로 이 꼴의 정책을 못 씁니다."),
}


def shape_for(release: Release | None) -> Shape:
    """Return the cheapest shape that is proven on a release; hub while it is not known."""
    return "HUB_SELF" if release is not None and release >= SELF_SINCE else "HUB"


def generate(
    tenants: Sequence[Tenant],
    staff: Sequence[StaffGroup],
    *,
    release: Release | None,
    shape: Shape | None = None,
    has_machines: Collection[str] = (),
) -> str:
    """Return the text of a policy: the same input, in any order, gives the same bytes.

    `has_machines` are the accounts with at least one untagged machine; from 0.29 on they are named
    in the engine's own tests. Raises PolicyError for names, groups or a shape that cannot be.
    """
    chosen = shape or shape_for(release)
    tenants = sorted(tenants, key=lambda tenant: tenant.user)
    staff = sorted((group for group in staff if group.users), key=lambda group: group.name)
    _refuse_unusable(tenants, staff, chosen, release)
    rules = _rules(tenants, staff, chosen)
    if not rules and release is not None and release < HIDES_SINCE:
        rules = [_NOBODYS_RULE]
    sections = [_groups(staff), '  "acls": ' + _lines(rules)]
    if release is not None and lacks(release, "policy.tests") is None:
        sections.append(_tests(tenants, staff, has_machines))
    body = "{\n" + ",\n".join(section for section in sections if section) + "\n}\n"
    return f"{_TITLE}\n// farmq-policy 1 {chosen} {_digest(body)}\n{body}"


def origin(text: str) -> Origin:
    """Say whose text a policy is: made by us, made by us and edited since, or somebody else's."""
    title, _, rest = text.partition("\n")
    mark, _, body = rest.partition("\n")
    found = _MARK.fullmatch(mark)
    if title != _TITLE or found is None:
        return "FOREIGN"
    return "OURS" if found[2] == _digest(body) else "EDITED"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


# What cannot be.


def _refuse_unusable(
    tenants: Sequence[Tenant],
    staff: Sequence[StaffGroup],
    shape: Shape,
    release: Release | None,
) -> None:
    users = [tenant.user for tenant in tenants]
    _refuse_twice(users, "shared_user")
    _refuse_twice([group.name for group in staff], "group_twice")
    known = frozenset(users)
    for name in (*users, *(name for group in staff for name in group.users)):
        if not _is_usable(name):
            raise _refusal("unusable_name", name)
    for group in staff:
        _refuse_group(group, known)
    if shape == "HUB_SELF" and (release is None or lacks(release, "policy.self") is not None):
        raise _refusal("self_unknown")


def _refuse_twice(names: list[str], code: str) -> None:
    for one, other in pairwise(sorted(names)):
        if one == other:
            raise _refusal(code, one)


def _refuse_group(group: StaffGroup, known: frozenset[str]) -> None:
    if not (_GROUP_NAME.fullmatch(group.name) and _has_service(group)):
        raise _refusal("unusable_group", group.name)
    for name in group.users:
        if name in known:
            raise _refusal("staff_is_pharmacy", name)
    for name in group.pharmacies or ():
        if name not in known:
            raise _refusal("unknown_pharmacy", name)


def _has_service(group: StaffGroup) -> bool:
    """Ports that can be read, and only `*` where the protocol has none."""
    if not group.ports or not is_protocol(group.protocol):
        return False
    if group.ports == ("*",):
        return True
    has_ports = bool(protocols_of(group.protocol, None) & WITH_PORTS)
    return has_ports and all(text != "*" and ports_of(text) for text in group.ports)


def _is_usable(name: str) -> bool:
    """A name must be read back as a user, alone and before a port."""
    token = f"{name}@"
    alias, destination = alias_of(token), destination_of(f"{token}:22")
    if not name or SURROGATE.search(name) or alias is None or destination is None:
        return False
    return alias.kind == destination[0].kind == "user" and destination[0].text == token


def _refusal(code: str, name: str | None = None) -> PolicyError:
    values = {} if name is None else {"name": shown(name)}
    return PolicyError(Saying(code, _SENTENCES[code], values))


# What is written.


def _groups(staff: Sequence[StaffGroup]) -> str:
    lines = []
    for group in staff:
        members = _list(f"{name}@" for name in sorted(set(group.users)))
        lines.append(f"    {_quoted(f'group:{group.name}')}: {members}")
    return '  "groups": {\n' + ",\n".join(lines) + "\n  }" if lines else ""


def _rules(tenants: Sequence[Tenant], staff: Sequence[StaffGroup], shape: Shape) -> list[str]:
    rules = [_staff_rule(group) for group in staff]
    if shape == "HUB_SELF":
        rules.append(_rule(["autogroup:member"], ["autogroup:self:*"]))
    if shape == "RULE_EACH":
        rules += [_rule([f"{one.user}@"], [f"{one.user}@:*"]) for one in tenants]
    return rules


def _staff_rule(group: StaffGroup) -> str:
    ports = ",".join(group.ports)
    reached = (
        [f"*:{ports}"]
        if group.pharmacies is None
        else [f"{name}@:{ports}" for name in sorted(set(group.pharmacies))]
    )
    return _rule([f"group:{group.name}"], reached, group.protocol)


def _rule(sources: list[str], destinations: list[str], protocol: str = "") -> str:
    named = f'"proto": {_quoted(protocol)}, ' if protocol else ""
    return f'{{"action": "accept", {named}"src": {_list(sources)}, "dst": {_list(destinations)}}}'


def _tests(
    tenants: Sequence[Tenant], staff: Sequence[StaffGroup], has_machines: Collection[str]
) -> str:
    entries = []
    for one in assertions(tenants, staff, has_machines):
        parts = [f'"src": {_quoted(one.src)}']
        parts += [f'"proto": {_quoted(one.proto)}'] if one.proto else []
        parts += [f'"accept": {_list(one.accept)}'] if one.accept else []
        parts += [f'"deny": {_list(one.deny)}'] if one.deny else []
        entries.append("{" + ", ".join(parts) + "}")
    return '  "tests": ' + _lines(entries) if entries else ""


def _lines(entries: list[str]) -> str:
    return "[\n" + ",\n".join(f"    {entry}" for entry in entries) + "\n  ]" if entries else "[]"


def _list(words: Collection[str] | Iterator[str]) -> str:
    return "[" + ", ".join(_quoted(word) for word in words) + "]"


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)
