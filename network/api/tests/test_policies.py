"""A policy through the API: read, checked, set, rolled back, taken over; groups of staff."""

from __future__ import annotations

from typing import Any

import pytest

from network.fleet.tests.stage import Stage
from network.headscale.client import HeadscaleClient
from network.models import StaffGroup

pytestmark = pytest.mark.django_db(transaction=True)
OPEN = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'
# Blanks, a comment and ends of lines that an editor would tidy up.
CLOSED = '{\r\n  // 아무도\r\n  "acls": [],\n}  \n'


@pytest.fixture(autouse=True)
def _known(stage: Stage) -> None:
    stage.read_slowly("RELEASE", "USERS", "POLICY")


def ask(stage: Stage, path: str = "", **body: Any) -> Any:
    """Post a body, or get when there is none; returns the answer's status and JSON."""
    address = f"/api/policy{path}"
    response = (
        stage.client.post(address, body, format="json") if body else stage.client.get(address)
    )
    return response.status_code, response.json()


def base(stage: Stage) -> str:
    return str(ask(stage)[1]["data"]["base_sha256"])


def put(stage: Stage, text: str, **more: Any) -> Any:
    return ask(stage, text=text, base_sha256=base(stage), **more)


def stored(stage: Stage) -> str:
    policy = HeadscaleClient(("headscale",), stage.engine).policy()
    return policy.text if policy else ""


def test_a_policy_is_set_byte_for_byte_and_told(stage: Stage) -> None:
    assert ask(stage)[1]["data"]["standing"] == "NONE"

    status, body = put(stage, CLOSED, comment="모두 막음")

    told = ask(stage)[1]["data"]
    assert (status, body["message"]) == (200, "적용했습니다.")
    assert stored(stage) == CLOSED
    assert told["standing"] == "ISOLATED"
    assert told["in_force"]["version"] == body["data"]["version_id"]
    assert told["in_force"]["text"] == CLOSED
    assert told["in_force"]["proof"]["proven"] is True


def test_what_opens_everything_is_checked_and_never_set(stage: Stage) -> None:
    checked = ask(stage, "/check", text=OPEN)[1]["data"]
    status, body = put(stage, OPEN)

    assert checked["refused"] is True
    assert "가나약국이(가) 나다약국에 닿습니다" in " ".join(checked["holes"])
    assert (status, body["success"]) == (400, False)
    assert stored(stage) == ""


def test_a_check_says_what_a_text_would_do(stage: Stage) -> None:
    put(stage, CLOSED)
    made = ask(stage, "/generated")[1]["data"]

    told = ask(stage, "/check", text=made["text"])[1]["data"]

    assert made["refused"] is told["refused"] is False
    assert made["proof"]["proven"] is True
    assert any(line.startswith("+") and "autogroup:self" in line for line in told["difference"])
    assert told["gained"] != []
    assert told["changed_machines"] > 0


def test_a_stale_base_is_refused(stage: Stage) -> None:
    before = base(stage)
    put(stage, CLOSED)

    status, body = ask(stage, text='{"acls": []}', base_sha256=before)

    assert (status, body["code"]) == (409, "base_changed")
    assert stored(stage) == CLOSED


def test_versions_and_the_way_back(stage: Stage) -> None:
    first = put(stage, CLOSED)[1]["data"]["version_id"]
    status, _body = ask(stage, "/generated", base_sha256=base(stage))
    assert status == 200

    rows = ask(stage, "/versions")[1]["data"]
    one = ask(stage, f"/versions/{first}")[1]["data"]
    status, body = ask(stage, "/rollback", version=first)

    assert [row["version"] for row in rows][-1] == first
    assert all("text" not in row for row in rows)
    assert one["text"] == CLOSED
    assert (status, body["message"]) == (200, "되돌렸습니다.")
    assert stored(stage) == CLOSED


def test_what_others_set_is_taken_over_first(stage: Stage) -> None:
    HeadscaleClient(("headscale",), stage.engine).set_policy(OPEN)
    stage.read_slowly("POLICY")

    refused, body = put(stage, CLOSED)
    adopted = stage.client.post("/api/policy/adopt")
    status, _body = put(stage, CLOSED)

    assert (refused, body["code"]) == (409, "foreign_policy")
    assert adopted.status_code == 200
    assert status == 200
    assert [row["origin"] for row in ask(stage, "/versions")[1]["data"]][-1] == "ADOPTED"


def test_a_group_of_staff_is_made_once_and_goes(stage: Stage) -> None:
    body = {"name": "support", "users": ["helper"], "ports": ["22"]}
    key = {"Idempotency-Key": "group-1"}

    made = [stage.client.post("/api/policy/groups", body, "json", headers=key) for _ in range(2)]
    number = made[0].json()["data"]["id"]
    shown = ask(stage, "/groups")[1]["data"]
    gone = stage.client.delete(f"/api/policy/groups/{number}")

    assert made[0].json()["data"] == made[1].json()["data"]
    assert [group["name"] for group in shown] == ["support"]
    assert gone.status_code == 200
    assert not StaffGroup.objects.exists()


@pytest.mark.parametrize("number", ["0", "01", "x", "999999", "9" * 30])
def test_a_version_that_is_not_there(stage: Stage, number: str) -> None:
    assert ask(stage, f"/versions/{number}")[0] == 404
