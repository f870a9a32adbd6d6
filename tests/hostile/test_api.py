"""Hostile bodies and 500 spellings of numbers through every door of the API: never an accident."""

from __future__ import annotations

from typing import Any

import pytest

from network.fleet.tests.stage import Stage
from network.headscale.simulator import journal
from network.headscale.simulator.config import load
from network.models import HeadscalePreAuthKey, HeadscaleUser, PharmacyLink
from pharmacies.tenancy import platform_context
from tests.hostile.words import few_words, id_spellings

pytestmark = pytest.mark.django_db(transaction=True)
_DIGITS = "a" * 24
# Method, address, and a body in which HOSTILE is exchanged; each is about something that exists.
HOSTILE = object()
DOORS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "nodes/1/rename", {"new_name": HOSTILE}),
    ("POST", "nodes/1/expire", {"at": HOSTILE}),
    ("POST", "nodes/1/tags", {"tags": [HOSTILE], "base": []}),
    ("POST", "nodes/1/tags", {"tags": [], "base": [HOSTILE]}),
    ("POST", "nodes/1/routes", {"approved": [HOSTILE], "base": []}),
    ("POST", "nodes/1/swap", {"new_machine": HOSTILE}),
    ("POST", "nodes/1/move", {"user_id": HOSTILE}),
    ("POST", "nodes/1/describe", {"role": HOSTILE}),
    ("POST", "nodes/1/describe", {"notes": HOSTILE}),
    ("POST", "nodes/1/assign", {"pharmacy": HOSTILE}),
    ("POST", "views", {"name": HOSTILE, "query": "status=offline"}),
    ("POST", "views", {"name": "꺼진 것", "query": HOSTILE}),
    ("POST", "links", {"pharmacy": 1, "user": HOSTILE}),
    ("POST", "links/repair", {"code": HOSTILE, "number": 1}),
    ("POST", "nodes/register", {"auth_id": HOSTILE, "user_id": 1}),
    ("POST", "nodes/register", {"auth_id": _DIGITS, "user_id": HOSTILE}),
    ("POST", "auth/approve", {"auth_id": HOSTILE}),
    ("POST", "users", {"name": HOSTILE}),
    ("POST", "users", {"name": "p0007", "display_name": HOSTILE}),
    ("POST", "preauth-keys", {"user": HOSTILE}),
    ("POST", "preauth-keys", {"user": "gana", "expires_in": HOSTILE}),
    ("POST", "preauth-keys", {"user": "gana", "tags": [HOSTILE]}),
    ("POST", "api-keys", {"reason": HOSTILE}),
    ("POST", "api-keys", {"reason": "report", "expires_in": HOSTILE}),
    ("POST", "pharmacies", {"company_code": HOSTILE, "pharmacy_name": "새 약국"}),
    ("POST", "pharmacies", {"company_code": "GANA", "pharmacy_name": HOSTILE}),
    ("POST", "pharmacies", {"company_code": "GANA", "pharmacy_name": "새", "phone": HOSTILE}),
    ("POST", "policy", {"text": HOSTILE, "base_sha256": ""}),
    ("POST", "policy", {"text": "{}", "base_sha256": HOSTILE}),
    ("POST", "policy/check", {"text": HOSTILE}),
    ("POST", "policy/rollback", {"version": HOSTILE}),
    ("POST", "policy/groups", {"name": HOSTILE, "users": ["helper"], "ports": ["22"]}),
    ("POST", "policy/groups", {"name": "support", "users": [HOSTILE], "ports": ["22"]}),
    ("POST", "policy/groups", {"name": "support", "users": ["helper"], "ports": [HOSTILE]}),
    ("POST", "bulk", {"action": HOSTILE, "machines": [1]}),
    ("POST", "bulk", {"action": "tag", "machines": [1], "add": [HOSTILE], "dry_run": True}),
    ("POST", "bulk", {"action": "expire", "machines": [HOSTILE]}),
]
NUMBERED = (
    ("GET", "nodes/{}"),
    ("POST", "nodes/{}/expire"),
    ("DELETE", "nodes/{}/delete"),
    ("POST", "users/{}/rename"),
    ("POST", "preauth-keys/{}/expire"),
    ("GET", "pharmacies/{}"),
    ("GET", "commands/{}"),
    ("GET", "bulk/{}"),
    ("GET", "pharmacy/{}/users"),
    ("GET", "nodes/{}/days"),
    ("DELETE", "links/{}"),
    ("DELETE", "policy/groups/{}"),
)
WORDS = few_words(20, seed=13)
LARGE = ["a" * 1_000_000]


def put(body: Any, word: str) -> Any:
    if body is HOSTILE:
        return word
    if isinstance(body, dict):
        return {name: put(value, word) for name, value in body.items()}
    return [put(value, word) for value in body] if isinstance(body, list) else body


@pytest.mark.parametrize(("method", "path", "body"), DOORS)
def test_every_answer_is_meant(stage: Stage, method: str, path: str, body: dict[str, Any]) -> None:
    stage.read_slowly("RELEASE", "USERS")
    ask = getattr(stage.client, method.lower())

    for word in (*WORDS, *LARGE):
        response = ask(f"/api/{path}", put(body, word), format="json")

        assert response.status_code < 500, (word[:80], response.content[:300])
        if response.status_code >= 400:
            assert response.json()["code"]
            assert response.json()["error"]


def test_what_is_accepted_arrives_once_and_as_it_was_written(stage: Stage) -> None:
    stage.read_slowly("RELEASE", "USERS")
    accepted = {}
    for number, word in enumerate([*WORDS, "가나약국"]):
        body = {"name": f"p{number + 100}", "display_name": word}
        if stage.client.post("/api/users", body, format="json").status_code == 200:
            accepted[body["name"]] = word

    stage.read_slowly("USERS")
    entries = journal.effects(journal.read(load(stage.config).journal))
    made = [str(entry.target) for entry in entries if entry.verb == "users create"]
    shown = HeadscaleUser.objects.filter(name__in=accepted).values_list("name", "display_name")

    assert sorted(made) == sorted(accepted)
    assert dict(shown) == accepted
    assert "가나약국" in accepted.values()
    assert len(accepted) < len(WORDS)


def number_of(stage: Stage, path: str) -> int:
    """Return the number of something of that kind that exists."""
    stage.read_slowly("RELEASE", "USERS")
    if path.startswith("nodes/"):
        return 1
    if path.startswith(("users/", "links/")):
        with platform_context():
            link = PharmacyLink.objects.get(pharmacy=stage.gana)
        users = HeadscaleUser.objects
        return link.pk if path.startswith("links/") else users.get(name="gana").pk
    if path.startswith(("preauth-keys/", "commands/")):
        stage.client.post(f"/api/pharmacy/{stage.gana.pk}/preauth-key", {})
        with platform_context():
            keys, commands = HeadscalePreAuthKey.objects, stage.commands()
            return keys.get().pk if path.startswith("preauth") else commands[0].pk
    if path.startswith("bulk/"):
        order = {"action": "expire", "machines": [stage.machine(2).pk], "pace_s": 60}
        return int(stage.client.post("/api/bulk", order, format="json").json()["data"]["bulk"])
    if path.startswith("policy/"):
        group = {"name": "support", "users": ["helper"], "ports": ["22"]}
        return int(stage.client.post("/api/policy/groups", group).json()["data"]["id"])
    return stage.gana.pk


@pytest.mark.parametrize(("method", "path"), NUMBERED)
def test_no_other_spelling_of_a_number_is_that_number(stage: Stage, method: str, path: str) -> None:
    number = number_of(stage, path)
    before = len(stage.commands())
    ask = getattr(stage.client, method.lower())

    # All of them once; the other doors share the same reading of numbers and take every tenth.
    step = 1 if (method, path) == NUMBERED[0] else 10
    for spelling in id_spellings(number)[::step]:
        address = f"/api/{path.format(spelling)}"
        response = ask(address, {}, format="json")

        assert response.status_code in (301, 400, 404, 405), (address, response.content[:200])

    assert len(stage.commands()) == before
    assert ask(
        f"/api/{path.format(number)}", {"new_name": "other"}, format="json"
    ).status_code not in (
        404,
        405,
    )
