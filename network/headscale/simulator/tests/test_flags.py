from __future__ import annotations

import pytest

from network.headscale.simulator.commandline import find
from network.headscale.simulator.errors import UsageError
from network.headscale.simulator.flags import BOOL, STRING, STRINGS, UINT, Flag, Parsed
from network.headscale.simulator.flags import parse_number as number
from network.headscale.simulator.releases import RELEASES, release_named

FLAGS = (
    Flag("identifier", "i", UINT, "", required=True),
    Flag("output", "o", STRING, ""),
    Flag("force", "", BOOL, ""),
    Flag("quiet", "q", BOOL, ""),
    Flag("tags", "t", STRINGS, ""),
)


def parsed(*words: str) -> Parsed:
    found = Parsed(FLAGS)
    found.read(words)
    return found


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "json", "-i", "7", "name"),
        ("name", "-i7", "-ojson"),
        ("--identifier=7", "--output", "json", "name"),
        ("-qi7", "name", "-o=json"),
        ("--identifier", "0x7", "-o", "json", "--", "name"),
        ("-i", "07", "--output=json", "--force=false", "name"),
    ],
)
def test_flags_stand_anywhere_and_in_any_form(words: tuple[str, ...]) -> None:
    found = parsed(*words)

    assert found.number("identifier") == 7
    assert found.text("output") == "json"
    assert not found.switch("force")
    assert found.arguments == ["name"]


def test_everything_behind_two_hyphens_is_an_argument() -> None:
    assert parsed("-i", "1", "--", "-dash", "--force").arguments == ["-dash", "--force"]


def test_lists_are_split_at_commas_and_added_up() -> None:
    assert parsed("-t", "tag:a,tag:b", "--tags=tag:c").words("tags") == ("tag:a", "tag:b", "tag:c")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--frobnicate",), "unknown flag: --frobnicate"),
        (("-qx",), "unknown shorthand flag: 'x' in -x"),
        (("-abc",), "unknown shorthand flag: 'a' in -abc"),
        (("-i",), "flag needs an argument: 'i' in -i"),
        (("--identifier",), "flag needs an argument: --identifier"),
        (("--=x",), "bad flag syntax: --=x"),
        (
            ("-i", "-5"),
            (
                'invalid argument "-5" for "-i, --identifier" flag: '
                'strconv.ParseUint: parsing "-5": invalid syntax'
            ),
        ),
        (
            ("--force=maybe",),
            (
                'invalid argument "maybe" for "--force" flag: '
                'strconv.ParseBool: parsing "maybe": invalid syntax'
            ),
        ),
    ],
)
def test_a_wrong_word_is_named(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(*words)

    assert caught.value.text == message


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("12", 12), ("010", 8), ("0x10", 16), ("0b11", 3), ("0o17", 15), ("1_000", 1000),
     ("18446744073709551615", 2**64 - 1)],
)  # fmt: skip
def test_numbers_may_have_any_base(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", " 1", "+1", "-1", "1.0", "08", "0x", "１", "1_", "a"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid syntax"):
        number(text)


def test_a_number_of_65_bits_is_out_of_range() -> None:
    with pytest.raises(ValueError, match="value out of range"):
        number(str(2**64))


def test_required_flags_are_missed_by_name() -> None:
    assert parsed("name").missing() == ["identifier"]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    ("words", "verb"),
    [
        (("nodes", "ls"), "nodes list"),
        (("-o", "json", "node", "show"), "nodes list"),
        (("--force", "nodes", "del", "-i", "3"), "nodes delete"),
        (("nodes", "-i", "3", "logout"), "nodes expire"),
        (("-i", "3", "nodes", "exp"), "nodes expire"),
        (("user", "new", "list"), "users create"),
        (("pre", "c"), "preauthkeys create"),
        (("nodes", "frobnicate"), "nodes"),
    ],
)
def test_commands_are_found_by_name_and_alias(
    release: str, words: tuple[str, ...], verb: str
) -> None:
    assert find(release_named(release), words).verb == verb


def test_the_newer_releases_have_forgotten_the_oldest_aliases() -> None:
    old, new = release_named("0.28.0"), release_named("0.29.2")

    assert find(old, ("machines", "ls")).verb == "nodes list"
    with pytest.raises(UsageError, match='unknown command "machines"'):
        find(new, ("machines", "ls"))
