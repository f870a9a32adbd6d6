"""From the text of a policy to a document, with a place and a sentence for whatever is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from network.headscale.features import Release, gettext_noop
from network.policy import hujson
from network.policy.aliases import Alias, alias_of, destination_of, is_protocol, ports_of
from network.policy.document import (
    SECTIONS,
    AutoApprovers,
    Destination,
    Document,
    Rule,
    Section,
    SshRule,
    Test,
)
from network.policy.hujson import Item, shown
from network.policy.sayings import PolicyError, Saying
from network.policy.spans import span_of

T = TypeVar("T")
Member = Callable[[str], Item | None]

_ACL_FIELDS = frozenset({"action", "proto", "src", "dst"})
_GRANT_FIELDS = frozenset({"src", "dst", "ip", "app", "via"})
_TEST_FIELDS = frozenset({"src", "proto", "accept", "deny"})
_SSH_FIELDS = frozenset({"action", "src", "dst", "users", "checkperiod", "acceptenv"})
_APPROVER_FIELDS = frozenset({"routes", "exitnode"})
_SENTENCES = {
    "not_an_object": gettext_noop("정책은 중괄호로 시작해야 합니다."),
    "wrong_type": gettext_noop("‘%(name)s’의 값이 알맞은 꼴이 아닙니다."),
    "unknown_field": gettext_noop("‘%(name)s’은(는) 여기에 쓰지 않는 이름입니다."),
    "duplicate_name": gettext_noop("같은 이름이 두 번 있습니다: %(name)s"),
    "bad_action": gettext_noop("규칙의 action은 accept뿐입니다."),
    "bad_name": gettext_noop("‘%(name)s’은(는) 사용자, 그룹, 태그, 호스트, 주소가 아닙니다."),
    "bad_destination": gettext_noop("‘%(name)s’은(는) ‘대상:포트’ 꼴이 아닙니다."),
    "bad_ports": gettext_noop("‘%(name)s’은(는) 포트가 아닙니다."),
    "bad_protocol": gettext_noop("‘%(name)s’은(는) 프로토콜이 아닙니다."),
    "bad_group": gettext_noop("그룹 이름은 group:으로 시작해야 합니다: %(name)s"),
    "bad_member": gettext_noop("그룹에는 ‘이름@’ 꼴의 사용자만 넣습니다: %(name)s"),
    "bad_tag": gettext_noop("태그는 tag:로 시작해야 합니다: %(name)s"),
    "bad_host": gettext_noop("호스트 ‘%(name)s’의 주소를 읽을 수 없습니다."),
    "port_without_ports": gettext_noop(
        "포트는 TCP, UDP, SCTP에만 정합니다. 다른 프로토콜에는 *만 씁니다."
    ),
    "self_as_source": gettext_noop("%(name)s은(는) 출발지로 쓸 수 없습니다."),
}


def read_policy(text: str, release: Release | None) -> Document:
    """Return the document of a policy text; the text itself is kept by the caller, byte for byte.

    A text of nothing but space and comments is a document that `is_empty`. Section and field names
    are compared as the engine does, whatever their case. Raises PolicyError, and nothing else.
    """
    item = hujson.read(text)
    if item is None:
        return Document(release, is_empty=True)
    return _Reading(text, release).document(item)


class _Reading:
    """One text on its way to a document; it knows the places of what it refuses."""

    def __init__(self, text: str, release: Release | None) -> None:
        self._text, self._release = text, release

    def document(self, item: Item) -> Document:
        if not isinstance(item.value, dict):
            raise self._refused("not_an_object", item)
        known = {name.casefold(): name for name, since in SECTIONS.items() if self._is_known(since)}
        unknown = tuple(name for name in item.value if name.casefold() not in known)
        members = self._members(item, None)
        return Document(
            self._release,
            groups=self._groups(members("groups")),
            hosts=self._hosts(members("hosts")),
            tag_owners=self._tag_owners(members("tagowners")),
            acls=self._rules(members("acls"), self._acl),
            grants=self._rules(members("grants"), self._grant) if "grants" in known else None,
            auto_approvers=self._auto_approvers(members("autoapprovers")),
            ssh=self._rules(members("ssh"), self._ssh) or (),
            tests=self._rules(members("tests"), self._test) or () if "tests" in known else (),
            unknown=unknown,
        )

    def _is_known(self, since: Release) -> bool:
        return self._release is None or since <= self._release

    # Shapes: an object by lower-case names, a list, a text.

    def _members(self, item: Item, fields: frozenset[str] | None) -> Member:
        """Look a member up by its name in lower case; names that begin with # are remarks.

        The engine folds letters as Unicode does: to it a long s is an s too.
        """
        table = self._table(item, "{}")
        found: dict[str, Item] = {}
        for name, member in table.items():
            folded = name.casefold()
            if folded in found:
                raise self._refused("duplicate_name", member, name)
            if fields is not None and folded not in fields and not name.startswith("#"):
                raise self._refused("unknown_field", member, name)
            found[folded] = member
        return lambda name: None if _is_absent(found.get(name)) else found[name]

    def _table(self, item: Item, name: str) -> dict[str, Item]:
        if not isinstance(item.value, dict):
            raise self._refused("wrong_type", item, name)
        return item.value

    def _list(self, item: Item | None, name: str) -> list[Item]:
        if item is None:
            return []
        if not isinstance(item.value, list):
            raise self._refused("wrong_type", item, name)
        return item.value

    def _word(self, item: Item | None, name: str) -> str:
        if item is None:
            return ""
        if not isinstance(item.value, str):
            raise self._refused("wrong_type", item, name)
        return item.value

    def _words(self, item: Item | None, name: str) -> tuple[str, ...]:
        return tuple(self._word(element, name) for element in self._list(item, name))

    def _named_lists(self, item: Item | None, name: str) -> dict[str, tuple[str, ...]]:
        table = {} if item is None else self._table(item, name)
        return {key: self._words(value, key) for key, value in table.items()}

    # Sections.

    def _groups(self, item: Item | None) -> dict[str, tuple[str, ...]]:
        groups = self._named_lists(item, "groups")
        for name, members in groups.items():
            if not name.startswith("group:"):
                raise self._refused("bad_group", item, name)
            for member in members:
                if "@" not in member:
                    raise self._refused("bad_member", item, member)
        return groups

    def _hosts(self, item: Item | None) -> dict[str, str]:
        table = {} if item is None else self._table(item, "hosts")
        hosts = {name: self._word(value, name) for name, value in table.items()}
        for name, address in hosts.items():
            if span_of(address) is None or "@" in name or ":" in name:
                raise self._refused("bad_host", table[name], name)
        return hosts

    def _tag_owners(self, item: Item | None) -> dict[str, tuple[str, ...]]:
        owners = self._named_lists(item, "tagOwners")
        for tag, names in owners.items():
            if not tag.startswith("tag:"):
                raise self._refused("bad_tag", item, tag)
            self._refuse_strangers(names, item)
        return owners

    def _auto_approvers(self, item: Item | None) -> AutoApprovers:
        if item is None:
            return AutoApprovers()
        member = self._members(item, _APPROVER_FIELDS)
        routes = self._named_lists(member("routes"), "routes")
        exit_node = self._words(member("exitnode"), "exitNode")
        for route, names in routes.items():
            if span_of(route) is None:
                raise self._refused("bad_host", item, route)
            self._refuse_strangers(names, item)
        self._refuse_strangers(exit_node, item)
        return AutoApprovers(tuple(routes.items()), exit_node)

    def _refuse_strangers(self, names: tuple[str, ...], item: Item | None) -> None:
        for name in names:
            if "@" not in name and not name.startswith(("group:", "tag:")):
                raise self._refused("bad_name", item, name)

    def _rules(self, item: Item | None, rule: Callable[[int, Item], T]) -> tuple[T, ...] | None:
        if item is None:
            return None
        elements = self._list(item, "[]")
        return tuple(rule(number, element) for number, element in enumerate(elements, 1))

    # Rules.

    def _acl(self, number: int, item: Item) -> Rule:
        member = self._members(item, _ACL_FIELDS)
        if self._word(member("action"), "action") != "accept":
            raise self._refused("bad_action", member("action") or item)
        protocol = self._word(member("proto"), "proto")
        if not is_protocol(protocol):
            raise self._refused("bad_protocol", member("proto") or item, protocol)
        destinations = tuple(
            self._destination(element, protocol) for element in self._list(member("dst"), "dst")
        )
        return self._rule("acls", number, item, self._sources(member("src")), destinations)

    def _rule(
        self,
        section: Section,
        number: int,
        item: Item,
        sources: tuple[Alias, ...],
        destinations: tuple[Destination, ...],
    ) -> Rule:
        line = self._text.count("\n", 0, item.at) + 1
        return Rule(section, number, line, sources, destinations)

    def _sources(self, item: Item | None) -> tuple[Alias, ...]:
        aliases = []
        for element in self._list(item, "src"):
            alias = self._alias(element)
            if alias.text in {"autogroup:self", "autogroup:internet"}:
                raise self._refused("self_as_source", element, alias.text)
            aliases.append(alias)
        return tuple(aliases)

    def _alias(self, item: Item) -> Alias:
        text = self._word(item, "src")
        alias = alias_of(text)
        if alias is None:
            raise self._refused("bad_name", item, text)
        return alias

    def _destination(self, item: Item, protocol: str) -> Destination:
        text = self._word(item, "dst")
        found = destination_of(text)
        if found is None:
            raise self._refused("bad_destination", item, text)
        self._refuse_needless_ports(protocol, found[1], item)
        return Destination(found[0], found[1], protocol)

    def _refuse_needless_ports(
        self, protocol: str, ports: tuple[tuple[int, int], ...], item: Item
    ) -> None:
        named = protocol.lower() in {"", "*", "tcp", "udp", "sctp", "6", "17", "132"}
        if not named and ports != ports_of("*"):
            raise self._refused("port_without_ports", item)

    def _grant(self, number: int, item: Item) -> Rule:
        member = self._members(item, _GRANT_FIELDS)
        aliases = [self._alias(element) for element in self._list(member("dst"), "dst")]
        services = [self._service(element) for element in self._list(member("ip"), "ip")]
        destinations = tuple(
            Destination(alias, ports, protocol)
            for alias in aliases
            for protocol, ports in services or [("*", ())]
        )
        via = self._words(member("via"), "via")
        rule = self._rule("grants", number, item, self._sources(member("src")), destinations)
        return replace(rule, via=via)

    def _service(self, item: Item) -> tuple[str, tuple[tuple[int, int], ...]]:
        """Read `*`, `443` or `tcp:443` of a grant."""
        text = self._word(item, "ip")
        protocol, colon, ports_text = text.rpartition(":")
        ports = ports_of(ports_text)
        if ports is None:
            raise self._refused("bad_ports", item, text)
        if colon and not (protocol and is_protocol(protocol)):
            raise self._refused("bad_protocol", item, text)
        return protocol or "*", ports

    def _ssh(self, number: int, item: Item) -> SshRule:
        member = self._members(item, _SSH_FIELDS)
        return SshRule(
            number,
            self._words(member("src"), "src"),
            self._words(member("dst"), "dst"),
            self._words(member("users"), "users"),
        )

    def _test(self, number: int, item: Item) -> Test:
        member = self._members(item, _TEST_FIELDS)
        protocol = self._word(member("proto"), "proto")
        if not is_protocol(protocol):
            raise self._refused("bad_protocol", item, protocol)
        return Test(
            number,
            self._word(member("src"), "src"),
            self._words(member("accept"), "accept"),
            self._words(member("deny"), "deny"),
            protocol,
        )

    def _refused(self, code: str, item: Item | None, name: str | None = None) -> PolicyError:
        values = {} if name is None else {"name": shown(name)}
        saying = Saying(code, _SENTENCES[code], values)
        return hujson.refusal(self._text, item.at if item else 0, saying)


def _is_absent(item: Item | None) -> bool:
    """A null is like nothing: the engine then keeps what it has, which is no section."""
    return item is None or item.value is None
