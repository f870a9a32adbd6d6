"""What is dangerous about a policy, before anybody asks an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from network.headscale.features import gettext_noop
from network.policy.addresses import Directory
from network.policy.document import Document
from network.policy.evaluate import SELF
from network.policy.hujson import shown
from network.policy.principals import Account, Machine, accounts_by_name, name_in
from network.policy.sayings import Saying, Value
from network.policy.spans import EVERYTHING, TAILNET, Span, any_overlap, span_of
from network.policy.words import all_uses, asserted_uses, place_of, words_of

# REFUSED: we do not set it. SEVERE: a person must see it first. NOTICE: good to know.
Severity = Literal["REFUSED", "SEVERE", "NOTICE"]

MANY_RULES = 50
_EVERYONE = {"*", "autogroup:member", "autogroup:danger-all"}
_SENTENCES: dict[str, tuple[Severity, str]] = {
    "empty_text": (
        "REFUSED",
        gettext_noop("빈 정책입니다. 엔진이 다음에 시작할 때 모두가 모두에게 열립니다."),
    ),
    "no_rules": (
        "REFUSED",
        gettext_noop("규칙 부분(acls)이 없습니다. 설정하는 즉시 모두가 모두에게 열립니다."),
    ),
    "unknown_section": ("REFUSED", gettext_noop("이 엔진은 ‘%(name)s’ 부분을 모릅니다.")),
    "ignored_section": ("SEVERE", gettext_noop("이 엔진은 ‘%(name)s’ 부분을 말없이 무시합니다.")),
    "unknown_autogroup": ("REFUSED", gettext_noop("%(place)s: 이 엔진은 %(name)s을(를) 모릅니다.")),
    "unknown_group": ("REFUSED", gettext_noop("%(place)s: 정책에 없는 그룹입니다: %(name)s")),
    "unknown_tag": ("REFUSED", gettext_noop("%(place)s: 주인이 없는 태그입니다: %(name)s")),
    "unknown_host": ("REFUSED", gettext_noop("%(place)s: 정책에 없는 호스트입니다: %(name)s")),
    "unknown_user": (
        "SEVERE",
        gettext_noop(
            "%(place)s: 없는 사용자입니다: %(name)s. 이 이름으로 사용자가 생기면 권한을 받습니다."
        ),
    ),
    "ambiguous_user": (
        "REFUSED",
        gettext_noop("%(place)s: 두 사용자가 같은 이름으로 불립니다: %(name)s"),
    ),
    "all_to_all": ("SEVERE", gettext_noop("%(place)s: 모두가 모두에게 닿습니다 (%(rule)s).")),
    "all_as_source": ("SEVERE", gettext_noop("%(place)s: 출발지가 모두입니다 (%(rule)s).")),
    "nobody": ("NOTICE", gettext_noop("규칙이 하나도 없습니다. 아무도 서로 닿지 않습니다.")),
    "approves_tailnet": (
        "SEVERE",
        gettext_noop("%(name)s 경로가 저절로 승인됩니다. 다른 머신의 주소를 가로챌 수 있습니다."),
    ),
    "approves_exit": ("SEVERE", gettext_noop("인터넷으로 나가는 머신이 저절로 승인됩니다.")),
    "slow_shape": (
        "NOTICE",
        gettext_noop("규칙이 %(count)d개입니다. 규칙이 많으면 엔진의 변경이 느려집니다."),
    ),
    "test_of_self": (
        "REFUSED",
        gettext_noop("%(place)s: 엔진은 시험에서 autogroup:self를 판단하지 못합니다."),
    ),
    "test_without_machines": (
        "REFUSED",
        gettext_noop("%(place)s: 머신이 없는 대상은 엔진이 시험하지 못합니다: %(name)s"),
    ),
}


@dataclass(frozen=True, slots=True)
class Danger:
    """One thing to know before a policy is set."""

    severity: Severity
    saying: Saying

    @property
    def code(self) -> str:
        """The code of the sentence."""
        return self.saying.code


def dangers(
    document: Document,
    *,
    accounts: Sequence[Account] | None = None,
    machines: Sequence[Machine] | None = None,
) -> tuple[Danger, ...]:
    """Return what is dangerous, the worst first, each once.

    Without `accounts` nothing is said about users, without `machines` nothing about the tests of
    those that have none.
    """
    found = [*_of_sections(document), *_of_rules(document), *_of_names(document)]
    found += _of_approvals(document)
    if accounts is not None:
        found += _of_users(document, accounts)
    found += _of_tests(document, accounts, machines)
    once = dict.fromkeys((one.severity, one.code, one.saying.text) for one in found)
    by_key = {(one.severity, one.code, one.saying.text): one for one in found}
    order = ("REFUSED", "SEVERE", "NOTICE")
    return tuple(by_key[key] for key in sorted(once, key=lambda key: order.index(key[0])))


def refused(found: Sequence[Danger]) -> tuple[Danger, ...]:
    """Return the dangers for which a policy is not set."""
    return tuple(one for one in found if one.severity == "REFUSED")


def _danger(code: str, **values: Value) -> Danger:
    severity, sentence = _SENTENCES[code]
    return Danger(severity, Saying(code, sentence, values))


def _of_sections(document: Document) -> Iterator[Danger]:
    if document.is_empty:
        yield _danger("empty_text")
    elif not document.has_rules:
        yield _danger("no_rules")
    elif not document.rules:
        yield _danger("nobody")
    # 0.26 reads over what it does not know, later releases refuse it.
    ignores = document.release is not None and document.release < (0, 27)
    for name in document.unknown:
        code = "ignored_section" if ignores else "unknown_section"
        yield _danger(code, name=shown(name))
    if len(document.rules) > MANY_RULES:
        yield _danger("slow_shape", count=len(document.rules))


def _of_rules(document: Document) -> Iterator[Danger]:
    for rule in document.rules:
        if not any(_is_everyone(alias.text, alias.span) for alias in rule.sources):
            continue
        targets = [one.alias for one in rule.destinations if one.alias.text != SELF]
        values = {"place": place_of(rule), "rule": shown(words_of(rule))}
        if any(_is_everyone(alias.text, alias.span) for alias in targets):
            yield _danger("all_to_all", **values)
        elif targets:
            yield _danger("all_as_source", **values)


def _is_everyone(text: str, span: Span | None) -> bool:
    wide = (*EVERYTHING, *TAILNET)
    return text in _EVERYONE or (span is not None and any(span.contains(one) for one in wide))


def _of_names(document: Document) -> Iterator[Danger]:
    defined: dict[str, Callable[[str], bool]] = {
        "group": document.groups.__contains__,
        "tag": document.tag_owners.__contains__,
        "host": document.hosts.__contains__,
    }
    for use in all_uses(document):
        values = {"place": use.place, "name": shown(use.alias.text)}
        if use.alias.kind in defined and not defined[use.alias.kind](use.alias.text):
            yield _danger(f"unknown_{use.alias.kind}", **values)
        if not use.alias.knows(document.release):
            yield _danger("unknown_autogroup", **values)


def _of_users(document: Document, accounts: Sequence[Account]) -> Iterator[Danger]:
    known = accounts_by_name(accounts)
    for use in all_uses(document):
        values = {"place": use.place, "name": shown(use.alias.text)}
        if use.alias.kind != "user":
            continue
        how_many = len(known.get(name_in(use.alias.text), ()))
        if how_many != 1:
            yield _danger("ambiguous_user" if how_many else "unknown_user", **values)


def _of_approvals(document: Document) -> Iterator[Danger]:
    if document.auto_approvers.exit_node:
        yield _danger("approves_exit")
    for route, names in document.auto_approvers.routes:
        span = span_of(route)
        if names and span is not None and any_overlap((span,), TAILNET):
            yield _danger("approves_tailnet", name=route)


def _of_tests(
    document: Document,
    accounts: Sequence[Account] | None,
    machines: Sequence[Machine] | None,
) -> Iterator[Danger]:
    uses = list(asserted_uses(document))
    yield from (_danger("test_of_self", place=use.place) for use in uses if use.alias.text == SELF)
    if accounts is None or machines is None:
        return
    directory = Directory(document, accounts, machines)
    for use in uses:
        has_none = use.alias.kind in {"user", "group", "tag"}
        if has_none and not directory.selected(use.alias).machines:
            yield _danger("test_without_machines", place=use.place, name=shown(use.alias.text))
