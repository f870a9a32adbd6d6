"""Ids in paths are canonical decimals; anything else is not found, and says why."""

from __future__ import annotations

import pytest

from network.fleet.tests.stage import Stage

WRONG = [
    *("0", "00", "01", "+1", "-1", "1.0", "1e0", "0x1", "1_0", "%201", "1%20", "1%0A", "1%00"),
    *("１", "%EF%BC%91", "true", "null", "%2e%2e", "%2e%2e%2f1", "..%5c1", "9223372036854775808"),
    *("18446744073709551616", "1" * 400, "-o", "--force", "%3B%20id", "%E2%80%AE1"),
]
ACTIONS = [("get", ""), ("post", "/rename"), ("post", "/expire"), ("delete", "/delete")]


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize(("method", "action"), ACTIONS)
def test_what_is_no_canonical_decimal(stage: Stage, text: str, method: str, action: str) -> None:
    body = {"new_name": "xx"} if action == "/rename" else {}

    response = getattr(stage.client, method)(f"/api/nodes/{text}{action}", body)

    assert response.status_code == 404
    if "%2f" not in text:  # That one is a path of its own.
        assert response.json()["code"] == "invalid_node_id"
        assert response.json()["details"] == {"reason": "Invalid node ID"}
    assert stage.commands() == []


@pytest.mark.parametrize("text", ["5", "9223372036854775807"])
def test_a_machine_that_is_not_there(stage: Stage, text: str) -> None:
    response = stage.client.get(f"/api/nodes/{text}")

    assert response.status_code == 404
    assert response.json() == {
        "success": False,
        "error": "찾을 수 없습니다.",
        "code": "not_found",
    }


@pytest.mark.parametrize("kind", ["commands", "pharmacies"])
@pytest.mark.parametrize("text", ["0", "01", "１", "-1", "1.0", "9" * 30, "%00"])
def test_other_numbers_are_canonical_too(stage: Stage, kind: str, text: str) -> None:
    response = stage.client.get(f"/api/{kind}/{text}")

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
