"""What may not be given to the engine refuses the whole call, and nothing is started."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.headscale.arguments import CHECKS
from network.headscale.client import HeadscaleClient
from network.headscale.commands import VERBS
from network.headscale.errors import InvalidArgumentError
from network.headscale.tests.replaying import ReplayingRunner
from network.headscale.types import PreAuthKey

BAD_IDS = [
    *(
        True,
        False,
        0,
        -1,
        2**63,
        2**64,
        1.0,
        None,
        b"1",
        [1],
        "",
        "0",
        "-1",
        "+1",
        "01",
        "１",
        "1 ",
    ),
    *(" 1", "1\n", "1_0", "0x1", "1e3", "٣", "9" * 19, "9" * 400, "1;id", "--help", "1\0"),
]
BAD_NAMES = [
    *("", "a", "-ab", "ab-", "Ab", "a_b", "a.b", "a b", "조제실", "ab\n", "a" * 64, "<b>", "ab\0"),
    *("--force", "$(id)", "a/b", "ａｂ", "éa", None, True, 7, ["ab"], b"ab"),
]
BAD_TIMES = [
    *(datetime(2027, 1, 1), "2027-01-01T00:00:00Z", 1, True),  # noqa: DTZ001 -- the bad value
    *(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=9))),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-9))),
]
Call = Callable[[HeadscaleClient], object]


def refused(call: Call, release: str | None = None) -> bool:
    """Whether a call was refused without starting anything."""
    runner = ReplayingRunner({})
    client = HeadscaleClient(run=runner, release=release)
    with pytest.raises(InvalidArgumentError):
        call(client)
    return runner.argvs == []


@pytest.mark.parametrize("bad", BAD_IDS, ids=ascii)
def test_no_id_but_a_canonical_decimal(bad: Any) -> None:
    assert refused(lambda client: client.rename_node(bad, "counter-1"))
    assert refused(lambda client: client.expire_node(bad))
    assert refused(lambda client: client.expire_node(bad, never=True))
    assert refused(lambda client: client.delete_node(bad))
    assert refused(lambda client: client.create_preauth_key(bad))
    key = PreAuthKey(bad, "hskey-x", None, False, False, False, (), None, None)
    assert refused(lambda client: client.expire_preauth_key(key))


@pytest.mark.parametrize("bad", BAD_NAMES, ids=ascii)
def test_no_machine_name_but_a_label_that_every_release_takes(bad: Any) -> None:
    assert refused(lambda client: client.rename_node(1, bad))


@pytest.mark.parametrize("bad", BAD_TIMES, ids=ascii)
def test_no_time_but_an_aware_one_that_the_engine_can_write(bad: Any) -> None:
    assert refused(lambda client: client.expire_node(1, bad))


@pytest.mark.parametrize(
    "bad", ["", "A", "1a", "a", "-ab", "a b", "<b>", "약국", "a" * 51, "ab\n", None, True, "a@b"]
)
def test_no_user_name_but_a_plain_one(bad: Any) -> None:
    assert refused(lambda client: client.create_user(bad))


@pytest.mark.parametrize("bad", ["", "a\nb", "\x1b[2J", "a\0", "\u202e", "x" * 101, "\ud800", 1])
def test_no_display_name_but_printable_text(bad: Any) -> None:
    assert refused(lambda client: client.create_user("p0001", display_name=bad))


@pytest.mark.parametrize(
    "values",
    [
        *({"lifetime": bad} for bad in ("", "24", "0h", "-1h", "24H", "1h30m", "24h\n", 24, True)),
        *(
            {"tags": bad}
            for bad in (("pharmacy",), ("tag:",), ("tag:a,tag:b",), ("tag:A",), "tag:a")
        ),
        *({"reusable": bad} for bad in (1, "true", "yes")),
        *({"ephemeral": bad} for bad in (0, "", "no")),
    ],
    ids=ascii,
)
def test_no_key_but_a_plain_one(values: dict[str, Any]) -> None:
    assert refused(lambda client: client.create_preauth_key(1, **values))


@pytest.mark.parametrize("bad", ["", "x" * 48, "A" * 48, "a" * 47, "a" * 48 + "\n", "--help", None])
def test_no_old_secret_but_48_digits(bad: Any) -> None:
    key = PreAuthKey(1, bad, None, False, False, False, (), None, None)

    assert refused(lambda client: client.expire_preauth_key(key), release="0.26")


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: f"{verb.name}-{len(verb.parts)}")
def test_arguments_that_a_verb_does_not_know_or_lacks_refuse_it(verb: Any) -> None:
    with pytest.raises(InvalidArgumentError):
        verb.argv({"unheard_of": 1})
    if verb.needs:
        with pytest.raises(InvalidArgumentError):
            verb.argv({})


@given(name=st.sampled_from(sorted(CHECKS)), value=st.text() | st.integers() | st.datetimes())
def test_whatever_passes_is_one_harmless_word(name: str, value: Any) -> None:
    try:
        word = CHECKS[name](value)
    except InvalidArgumentError:
        return
    if name in ANY_TEXT:  # One word of the call with its flag in front, or its input.
        return
    assert word
    assert not word.startswith("-")
    assert word.isprintable()
    assert "," not in word


def test_a_good_call_is_exactly_these_words() -> None:
    at = datetime(2027, 1, 2, 3, 4, 5, 999_999, tzinfo=timezone(timedelta(hours=9)))
    words = {
        f"{verb.name}{' (old)' if verb.feature in OLD else ''}": verb.argv(
            {
                argument: VALUES.get(argument, at)
                for argument in (*(part.argument for part in verb.parts), verb.stdin)
                if argument not in ("never", "")
            }
        )
        for verb in VERBS
    }

    assert {name: " ".join(argv) for name, argv in words.items()} == EXPECTED


ANY_TEXT = ("policy_text", "owner_name", "display_name")
OLD = ("preauthkeys.by_user", "policy.local_check")
VALUES: dict[str, object] = {
    "node_id": 7,
    "user_id": "8",
    "key_id": 9,
    "new_name": "counter-1",
    "user_name": "p0001",
    "display_name": "서울 약국",
    "email": "a@b.kr",
    "lifetime": "24h",
    "key": "0a" * 24,
    "reusable": True,
    "ephemeral": False,
    "tags": ("tag:a", "tag:b"),
    "routes": ("10.1.0.0/16", "fd00::/8"),
    "owner_name": "서울 약국",
    "registration_key": "k" * 24,
    "auth_id": "hskey-authreq-" + "k" * 24,
    "api_key_prefix": "hskey-api-0123456789ab-***",
    "policy_text": '{"acls": []}',
}
EXPECTED = {
    "version": "-o json version",
    "health": "-o json health",
    "nodes list": "-o json nodes list",
    "nodes rename": "-o json nodes rename -i 7 -- counter-1",
    "nodes expire": "-o json nodes expire -i 7 --expiry=2027-01-01T18:04:05Z",
    "nodes delete": "-o json nodes delete --force -i 7",
    "users list": "-o json users list",
    "users create": "-o json users create --display-name=서울 약국 --email=a@b.kr -- p0001",
    "preauthkeys list": "-o json preauthkeys list",
    "preauthkeys list (old)": "-o json preauthkeys list -u 8",
    "preauthkeys create": "-o json preauthkeys create -u 8 --expiration=24h --reusable"
    " --tags=tag:a --tags=tag:b",
    "preauthkeys expire": "-o json preauthkeys expire -i 9",
    "preauthkeys expire (old)": f"-o json preauthkeys expire -u 8 -- {'0a' * 24}",
    "preauthkeys delete": "-o json preauthkeys delete -i 9",
    "nodes list-routes": "-o json nodes list-routes",
    "nodes tag": "-o json nodes tag -i 7 --tags=tag:a --tags=tag:b",
    "nodes approve-routes": "-o json nodes approve-routes -i 7 --routes=10.1.0.0/16"
    " --routes=fd00::/8",
    "nodes move": "-o json nodes move -i 7 -u 8",
    "nodes register": f"-o json nodes register --user=서울 약국 --key={'k' * 24}",
    "nodes backfillips": "-o json --force nodes backfillips",
    "auth register": f"-o json auth register --user=서울 약국 --auth-id=hskey-authreq-{'k' * 24}",
    "auth approve": f"-o json auth approve --auth-id=hskey-authreq-{'k' * 24}",
    "auth reject": f"-o json auth reject --auth-id=hskey-authreq-{'k' * 24}",
    "users rename": "-o json users rename -i 8 --new-name=p0001",
    "users destroy": "-o json users destroy --force -i 8",
    "apikeys list": "-o json apikeys list",
    "apikeys create": "-o json apikeys create --expiration=24h",
    "apikeys expire": "-o json apikeys expire --prefix=hskey-api-0123456789ab-***",
    "apikeys delete": "-o json apikeys delete --prefix=hskey-api-0123456789ab-***",
    "policy get": "-o json policy get",
    "policy set": "-o json policy set -f /dev/stdin",
    "policy check": "-o json policy check -f /dev/stdin",
    "policy check (old)": "policy check -f /dev/stdin",
    "nodes": "-o json nodes",
    "oauth-clients": "-o json oauth-clients",
}
