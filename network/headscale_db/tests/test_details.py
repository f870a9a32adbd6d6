"""What a device says about itself is shown short and printable, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.headscale_db import details
from network.headscale_db.details import MachineDetail, machine_detail
from network.headscale_db.tests import engines

KEY = "mkey:7"
NOTHING = MachineDetail(machine_key=KEY)


def told(host_info: object = None, endpoints: object = None) -> MachineDetail:
    return machine_detail(machine_key=KEY, endpoints=endpoints, host_info=host_info)


@pytest.mark.parametrize("family", engines.RELEASES)
def test_a_recorded_device_is_read(family: str) -> None:
    row = engines.nodes(family)[0]

    found = told(row["host_info"], row["endpoints"])

    assert (found.os, found.os_version) == ("linux", "6.1.0-25-amd64")
    assert found.client_version == "1.94.1-ERR-BuildInfo"
    assert found.endpoints == (json.loads(row["endpoints"])[0],)
    assert found.home_derp == 900


@pytest.mark.parametrize(
    "host_info",
    [
        *(None, "", "null", "[]", "7", '"text"', "{", "{'OS': 'x'}", b'{"OS": "x"}', 7),
        *("[" * 60_000, '{"a":' * 60_000, "1" * 5000, "\0", "\ud800"),
        '{"OS": "' + "x" * 1_000_000 + '"}',
        '{"OS": 7, "OSVersion": ["x"], "IPNVersion": {"a": 1}, "NetInfo": "x"}',
        '{"OS": null, "NetInfo": {"PreferredDERP": "900"}}',
        '{"NetInfo": {"PreferredDERP": true}}',
        '{"NetInfo": {"PreferredDERP": -1}}',
        '{"NetInfo": {"PreferredDERP": 1e400}}',
        '{"NetInfo": {"PreferredDERP": 99999999999999999999}}',
        '{"os": "linux", "ipnversion": "1"}',
    ],
)
def test_what_makes_no_sense_gives_nothing(host_info: object) -> None:
    assert told(host_info) == NOTHING


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("linux", "linux"),
        ("  조제실 PC ", "조제실 PC"),
        ("a\x00b\nc\td\x1b[31m", "abcd[31m"),
        ("left\u202eright\u200b", "leftright"),
        ("x" * 101, "x" * 100),
        ("가" * 2000, "가" * 100),
        ("x" * 99 + " y", "x" * 99),
        ("\x00" * 5000 + "late", ""),
        ("<script>", "<script>"),
    ],
)
def test_a_text_is_short_and_printable(text: str, shown: str) -> None:
    found = told(json.dumps({"OS": text, "OSVersion": text, "IPNVersion": text}))

    assert (found.os, found.os_version, found.client_version) == (shown, shown, shown)


@pytest.mark.parametrize(
    ("endpoints", "shown"),
    [
        ('["10.0.0.1:41641", "[fd7a::1]:41641"]', ("10.0.0.1:41641", "[fd7a::1]:41641")),
        ('["a:1", 7, null, ["b"], "", "\\n", "c:1"]', ("a:1", "c:1")),
        ('{"a:1": 1}', ()),
        ("null", ()),
        (None, ()),
        ('["a:1"', ()),
        (json.dumps(["x" * 500]), ("x" * 100,)),
        (json.dumps([f"a:{port}" for port in range(50)]), tuple(f"a:{p}" for p in range(20))),
    ],
)
def test_endpoints_are_few_and_short(endpoints: object, shown: tuple[str, ...]) -> None:
    assert told(endpoints=endpoints).endpoints == shown


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    key=st.text() | st.none() | st.binary(),
    fields=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("OS", "OSVersion", "IPNVersion", "NetInfo"), ANYTHING)
    ),
    endpoints=ANYTHING,
    cut=st.integers(0, 200),
)
def test_nothing_a_device_sends_breaks_or_floods(
    key: object, fields: dict[str, Any], endpoints: Any, cut: int
) -> None:
    whole = json.dumps(fields)

    for host_info in (whole, whole[:cut]):
        found = machine_detail(
            machine_key=key, endpoints=json.dumps(endpoints), host_info=host_info
        )
        texts = (found.machine_key, found.os, found.os_version, found.client_version)
        assert all(one.isprintable() for one in (*texts, *found.endpoints))
        assert max(map(len, (*texts, *found.endpoints))) <= details.TEXT_LIMIT
        assert len(found.endpoints) <= details.ENDPOINTS
