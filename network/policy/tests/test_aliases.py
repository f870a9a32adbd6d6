"""Words, ports and protocols are read in the engine's order."""

import pytest

from network.policy.aliases import (
    alias_of,
    destination_of,
    is_protocol,
    ports_of,
    protocol_number,
    protocols_of,
)
from network.policy.spans import (
    EVERYTHING,
    INTERNET,
    TAILNET,
    any_overlap,
    covers_internet,
    span_of,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("*", "any"),
        ("kim@", "user"),
        ("group:x@", "user"),
        ("group:desk", "group"),
        ("tag:kiosk", "tag"),
        ("autogroup:member", "autogroup"),
        ("100.64.0.1", "prefix"),
        ("10.0.0.7/8", "prefix"),
        ("fd7a:115c:a1e0::/48", "prefix"),
        ("fe80::1%kim@", "prefix"),
        ("printer", "host"),
        ("10.0.0.0/08", "host"),
        ("010.0.0.1", "host"),
        ("", None),
        ("a:b", None),
    ],
)
def test_a_word_is_what_its_letters_say(text: str, kind: str | None) -> None:
    alias = alias_of(text)

    assert (alias.kind if alias else None) == kind


@pytest.mark.parametrize(
    ("text", "word", "ports"),
    [
        ("*:*", "*", ((0, 65535),)),
        ("tag:kiosk:22", "tag:kiosk", ((22, 22),)),
        ("kim@:22,80-90", "kim@", ((22, 22), (80, 90))),
        ("fd7a::1:443", "fd7a::1", ((443, 443),)),
        ("[fd7a::1]:443", "fd7a::1", ((443, 443),)),
        ("[fd7a::]/64:443", "fd7a::/64", ((443, 443),)),
        ("a@:0-5", "a@", ((0, 5),)),
    ],
)
def test_the_last_colon_parts_word_and_ports(
    text: str, word: str, ports: tuple[tuple[int, int], ...]
) -> None:
    found = destination_of(text)

    assert found is not None
    assert (found[0].text, found[1]) == (word, ports)


@pytest.mark.parametrize("text", ["", "0", "22,", "-22", "22-", "a", "1 ", "١", "99999", "5-4"])
def test_what_is_no_port_is_none(text: str) -> None:
    assert ports_of(text) is None


@pytest.mark.parametrize(
    ("text", "release", "numbers"),
    [
        ("", (0, 26), {1, 6, 17, 58}),
        ("", (0, 27), {6, 17}),
        ("", (0, 28), {6, 17}),
        ("", (0, 29), {1, 6, 17, 58}),
        ("", None, {1, 6, 17, 58}),
        ("icmp", (0, 28), {1, 58}),
        ("icmp", (0, 29), {1}),
        ("TCP", (0, 28), {6}),
        ("47", (0, 28), {47}),
    ],
)
def test_a_protocol_lets_through_what_the_release_says(
    text: str, release: tuple[int, int] | None, numbers: set[int]
) -> None:
    assert protocols_of(text, release) == numbers


@pytest.mark.parametrize("text", ["*", "0", "007", "256", "-1", "tcpx", "٤"])
def test_what_is_no_protocol_is_refused(text: str) -> None:
    assert not is_protocol(text)
    with pytest.raises(ValueError, match=r"^"):
        protocol_number(text)


def test_the_internet_is_what_is_public() -> None:
    def is_public(text: str) -> bool:
        span = span_of(text)
        assert span is not None
        return any_overlap((span,), INTERNET)

    assert [is_public(text) for text in ("8.8.8.8", "100.63.255.255", "2606::1")] == [True] * 3
    assert not any(
        is_public(text)
        for text in (
            "10.1.2.3",
            "172.31.0.1",
            "192.168.9.9",
            "169.254.1.1",
            "100.64.0.1",
            "fd7a::1",
        )
    )


def test_halves_of_everything_are_a_way_to_everywhere() -> None:
    halves = tuple(s for text in ("128.0.0.0/1", "0.0.0.0/1") if (s := span_of(text)) is not None)

    assert covers_internet(halves)
    assert covers_internet(EVERYTHING[1:])
    assert covers_internet(INTERNET)
    assert not covers_internet(halves[:1])
    assert not covers_internet(TAILNET)
