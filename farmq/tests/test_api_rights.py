"""Who may do what through the API: one table of every address, method and role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from network.fleet.tests.stage import Stage
from network.models import HeadscaleApiKey, HeadscalePreAuthKey, HeadscaleUser
from pharmacies.access.models import ApiToken, AuditEvent, User
from pharmacies.access.roles import PERMISSIONS, Role
from pharmacies.access.tests.people import browser, person, program, token_of
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)
# Who asks: nobody, someone without a role, people of the platform, people of companies.
ROLES: dict[str, tuple[Role | None, str | None] | None] = {
    "nobody": None,
    "roleless": (None, None),
    "admin": (Role.ADMINISTRATOR, None),
    "operator": (Role.OPERATOR, None),
    "viewer": (Role.VIEWER, None),
    "gana-op": (Role.OPERATOR, "GANA"),
    "gana-user": (Role.PHARMACY_USER, "GANA"),
    "nada-op": (Role.OPERATOR, "NADA"),
    "nada-user": (Role.PHARMACY_USER, "NADA"),
}
ROUTES = {"approved": ["10.1.0.0/16"], "base": []}
TAGS = {"tags": ["tag:till"], "base": []}
REGISTER = {"user_id": 1, "auth_id": "k" * 24}
AUTH_ID = "hskey-authreq-" + "k" * 24
# Method, address, body; then the answers to ROLES in their order. All of it is about GANA.
MATRIX: list[tuple[str, str, Any, str]] = [
    ("GET", "dashboard/stats", None, "401 403 200 200 200 200 200 200 200"),
    ("GET", "nodes", None, "401 403 200 200 200 200 200 200 200"),
    ("GET", "nodes/1", None, "401 403 200 200 200 200 200 404 404"),
    ("POST", "nodes/1/rename", {"new_name": "x-1"}, "401 403 200 200 403 200 403 404 403"),
    ("POST", "nodes/1/expire", {}, "401 403 200 200 403 200 403 404 403"),
    ("DELETE", "nodes/1/delete", None, "401 403 200 200 403 200 403 404 403"),
    ("GET", "nodes/1/routes", None, "401 403 200 200 200 200 200 404 404"),
    ("POST", "nodes/1/routes", ROUTES, "401 403 200 200 403 200 403 404 403"),
    # The engine refuses a tag without an owner.
    ("POST", "nodes/1/tags", TAGS, "401 403 409 409 403 409 403 404 403"),
    # This release moves nothing.
    ("POST", "nodes/1/move", {"user_id": 2}, "401 403 409 409 403 403 403 404 403"),
    ("POST", "nodes/register", REGISTER, "401 403 409 409 403 403 403 403 403"),
    ("POST", "auth/approve", {"auth_id": AUTH_ID}, "401 403 409 409 403 403 403 403 403"),
    ("POST", "auth/reject", {"auth_id": AUTH_ID}, "401 403 409 409 403 403 403 403 403"),
    ("POST", "pharmacy/{gana}/preauth-key", {}, "401 403 200 200 403 200 403 404 403"),
    ("GET", "pharmacy/{gana}/users", None, "401 403 200 200 200 200 200 404 404"),
    ("GET", "users", None, "401 403 200 200 200 403 403 403 403"),
    ("POST", "users", {"name": "staff-1"}, "401 403 200 200 403 403 403 403 403"),
    ("POST", "users/{user}/rename", {"new_name": "g2"}, "401 403 200 200 403 403 403 403 403"),
    # Nobody may while the release is not known.
    ("DELETE", "users/{user}/delete", None, "401 403 409 409 403 403 403 403 403"),
    ("GET", "preauth-keys", None, "401 403 200 200 200 200 403 200 403"),
    ("POST", "preauth-keys", {"user": "gana"}, "401 403 200 200 403 403 403 403 403"),
    ("POST", "preauth-keys/{key}/expire", None, "401 403 200 200 403 200 403 404 403"),
    ("DELETE", "preauth-keys/{key}/delete", None, "401 403 200 200 403 200 403 404 403"),
    ("GET", "api-keys", None, "401 403 200 200 200 403 403 403 403"),
    ("POST", "api-keys", {"reason": "report"}, "401 403 200 403 403 403 403 403 403"),
    ("POST", "api-keys/{api_key}/expire", None, "401 403 200 403 403 403 403 403 403"),
    ("DELETE", "api-keys/{api_key}/delete", None, "401 403 200 403 403 403 403 403 403"),
    ("GET", "servers", None, "401 403 200 200 200 403 403 403 403"),
    ("GET", "servers/default", None, "401 403 200 200 200 403 403 403 403"),
    ("POST", "servers/default/check", None, "401 403 200 200 403 403 403 403 403"),
    ("POST", "servers/default/backfillips", None, "401 403 200 403 403 403 403 403 403"),
    ("POST", "servers/default/list/accept", None, "401 403 409 403 403 403 403 403 403"),
    ("POST", "servers/default/list/dismiss", None, "401 403 409 403 403 403 403 403 403"),
    ("GET", "pharmacies", None, "401 403 200 200 200 200 200 200 200"),
    (
        "POST",
        "pharmacies",
        {"company_code": "GANA", "pharmacy_name": "새 약국"},
        "401 403 201 201 403 201 403 403 403",
    ),
    ("GET", "pharmacies/{gana}", None, "401 403 200 200 200 200 200 404 404"),
    ("PATCH", "pharmacies/{gana}", {"phone": ""}, "401 403 200 200 403 200 403 404 403"),
    ("DELETE", "pharmacies/{empty}", None, "401 403 200 200 403 200 403 404 403"),
    ("GET", "commands/{command}", None, "401 403 200 200 200 200 200 404 404"),
    ("POST", "nodes/1/quarantine", {}, "401 403 200 200 403 200 403 404 403"),
    # It is in no quarantine, and it is online.
    ("POST", "nodes/1/release", {}, "401 403 409 409 403 409 403 404 403"),
    ("POST", "nodes/1/swap", {"new_machine": 2}, "401 403 409 409 403 409 403 404 403"),
    ("GET", "policy", None, "401 403 200 200 200 403 403 403 403"),
    ("GET", "policy/versions", None, "401 403 200 200 200 403 403 403 403"),
    ("GET", "policy/generated", None, "401 403 200 200 200 403 403 403 403"),
    ("POST", "policy/check", {"text": "{}"}, "401 403 200 200 200 403 403 403 403"),
    # What opens everything is refused.
    (
        "POST",
        "policy",
        {"text": "{}", "base_sha256": ""},
        "401 403 400 403 403 403 403 403 403",
    ),
    # Its shape depends on the release.
    ("POST", "policy/generated", {"base_sha256": ""}, "401 403 409 403 403 403 403 403 403"),
    ("POST", "policy/rollback", {"version": 1}, "401 403 404 403 403 403 403 403 403"),
    ("POST", "policy/adopt", None, "401 403 409 403 403 403 403 403 403"),
    ("GET", "policy/groups", None, "401 403 200 200 200 403 403 403 403"),
    (
        "POST",
        "policy/groups",
        {"name": "support", "users": ["helper"], "ports": ["22"]},
        "401 403 200 403 403 403 403 403 403",
    ),
    ("DELETE", "policy/groups/1", None, "401 403 404 403 403 403 403 403 403"),
    ("GET", "bulk", None, "401 403 200 200 200 200 200 200 200"),
    (
        "POST",
        "bulk",
        {"action": "expire", "machines": ["{machine}"]},
        "401 403 202 202 403 202 403 404 404",
    ),
    ("GET", "bulk/{bulk}", None, "401 403 200 200 200 200 200 404 404"),
    ("GET", "bulk/{bulk}/items", None, "401 403 200 200 200 200 200 404 404"),
    ("POST", "bulk/{bulk}/pause", None, "401 403 200 200 403 200 403 404 404"),
    ("POST", "bulk/{bulk}/resume", None, "401 403 409 409 403 409 403 404 404"),
    ("POST", "bulk/{bulk}/stop", None, "401 403 200 200 403 200 403 404 404"),
    ("POST", "commands/{command}/cancel", None, "401 403 200 200 403 200 403 404 404"),
    ("POST", "commands/{command}/secret", None, "401 403 409 409 403 409 403 404 403"),
    ("GET", "screen-management/screens/1/layout-v1", None, "401 403 404 404 404 404 404 404 404"),
]
CASES = [
    pytest.param(method, path, body, role, int(status), id=f"{method} {path} {role}")
    for method, path, body, statuses in MATRIX
    for role, status in zip(ROLES, statuses.split(), strict=True)
]


def client_of(role: str) -> APIClient:
    held = ROLES[role]
    if held is None:
        return APIClient(raise_request_exception=False)
    return browser(person(role, *held))


def address(stage: Stage, path: str) -> str:
    """Fill in the rows of GANA: its pharmacy, one without machines, a command, and its keys."""
    values = {"gana": stage.gana.pk}
    stage.read_slowly("USERS")
    if "{user}" in path:
        values["user"] = HeadscaleUser.objects.get(name="gana").pk
    if "{key}" in path:
        stage.client.post(f"/api/pharmacy/{stage.gana.pk}/preauth-key", {})
        with platform_context():
            values["key"] = HeadscalePreAuthKey.objects.get(pharmacy=stage.gana).pk
    if "{api_key}" in path:
        stage.client.post("/api/api-keys", {"reason": "report"})
        values["api_key"] = HeadscaleApiKey.objects.get().pk
    if "{command}" in path:
        stage.broker.mode = "slow"
        stage.client.post("/api/nodes/2/rename", {"new_name": "waiting-1"})
        values["command"] = stage.commands()[0].pk
    if "{bulk}" in path:
        body = {"action": "expire", "machines": [stage.machine(2).pk], "pace_s": 60}
        values["bulk"] = stage.client.post("/api/bulk", body, format="json").json()["data"]["bulk"]
    if "{empty}" in path:
        body = {"company_code": "GANA", "pharmacy_name": "빈 약국"}
        values["empty"] = stage.client.post("/api/pharmacies", body).json()["data"]["id"]
    return f"/api/{path.format(**values)}"


def filled(stage: Stage, body: Any) -> Any:
    """Name a machine of GANA by our number where the body asks for one."""
    if not isinstance(body, dict):
        return body
    number = stage.machine(2).pk
    ours = {"machines": [number], "new_machine": number}
    return {name: ours.get(name, value) for name, value in body.items()}


@pytest.mark.parametrize(("method", "path", "body", "role", "status"), CASES)
def test_the_matrix(
    stage: Stage, method: str, path: str, body: Any, role: str, status: int
) -> None:
    full = address(stage, path)
    made = len(stage.commands())

    response = getattr(client_of(role), method.lower())(full, filled(stage, body))

    assert response.status_code == status
    if status >= 400 and status != 409:
        assert response.json()["success"] is False
        assert len(stage.commands()) == made


def views(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, here)
        else:
            yield here, pattern.callback


def api_views() -> list[tuple[str, Any]]:
    """Every address below /api/ but the schema, its page, and the catch-all behind them."""
    found = [
        (path.removeprefix("api/"), view)
        for path, view in views(get_resolver().url_patterns)
        if path.startswith("api/")
    ]
    return [(path, view) for path, view in found if path not in ("schema/", "docs/", "^")]


def test_every_view_declares_its_scope() -> None:
    for path, view in api_views():
        declared = view.cls.required_scope
        actions = getattr(view, "actions", None)
        found = [declared] if actions is None else [declared[name] for name in actions.values()]
        scopes = {one for item in found for one in ([item] if isinstance(item, str) else item)}

        assert scopes
        assert scopes <= PERMISSIONS, path


def test_the_matrix_leaves_no_address_out() -> None:
    shown = {(method, re.sub(r"{.*?}|(?<=/)1|default", "…", path)) for method, path, _, _ in MATRIX}

    known = {
        (method, re.sub("<.*?>", "…", path))
        for path, view in api_views()
        for method in methods(view)
    }

    assert shown == known


def methods(view: Any) -> set[str]:
    """What an address answers to, besides HEAD and OPTIONS."""
    named = getattr(view, "actions", None) or dir(view.cls)
    return {name.upper() for name in ("get", "post", "put", "patch", "delete") if name in named}


def test_a_refusal_names_the_role_and_who_gives_it(stage: Stage) -> None:
    response = client_of("viewer").post("/api/nodes/1/rename", {"new_name": "x-1"})

    assert response.json()["code"] == "permission_denied"
    assert "‘운영자’" in response.json()["error"]
    assert "관리자: boss" in response.json()["error"]


@pytest.mark.parametrize(
    ("path", "foreign", "missing"),
    [("nodes/{}", 3, 99), ("pharmacies/{}", 0, 99_999), ("commands/{}", -1, 99_999)],
)
def test_foreign_and_missing_look_the_same(
    stage: Stage, path: str, foreign: int, missing: int
) -> None:
    if foreign <= 0:
        stage.client.post("/api/nodes/3/rename", {"new_name": "nada-1"})
        foreign = stage.commands()[0].pk if foreign else stage.nada.pk
    client = client_of("gana-op")

    answers = [client.get(f"/api/{path.format(number)}") for number in (foreign, missing)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].headers.items() == answers[1].headers.items()


def test_lists_and_sums_hold_only_ones_own(stage: Stage) -> None:
    client = client_of("gana-user")

    nodes = client.get("/api/nodes").json()
    pharmacies = client.get("/api/pharmacies").json()
    stats = client.get("/api/dashboard/stats").json()["data"]

    assert {node["pharmacy"]["name"] for node in nodes["data"]} == {"가나약국"}
    assert nodes["pagination"]["count"] == 2
    assert [one["pharmacy_name"] for one in pharmacies["data"]] == ["가나약국"]
    assert (stats["total_machines"], stats["total_pharmacies"]) == (2, 1)
    assert client.get(f"/api/nodes?pharmacy={stage.nada.pk}").json()["data"] == []
    assert client.get("/api/pharmacies?company_code=NADA").json()["data"] == []


class TestTokens:
    def test_only_the_digest_is_stored(self, stage: Stage) -> None:
        token = token_of(person("p", Role.VIEWER))

        row = str(ApiToken.objects.filter(user__username="p").values().get())

        assert token not in row
        assert token[20:] not in row

    def test_an_expired_token_opens_nothing(self, stage: Stage) -> None:
        client = program(token_of(person("p", Role.VIEWER)))
        ApiToken.objects.filter(user__username="p").update(expiry=stage.soon(seconds=-1))

        response = client.get("/api/nodes")

        assert response.status_code == 401
        assert response.json()["code"] == "authentication_failed"

    def test_a_token_of_someone_who_left(self, stage: Stage) -> None:
        client = program(token_of(person("p", Role.VIEWER)))
        User.objects.filter(username="p").update(is_active=False)

        assert client.get("/api/nodes").status_code == 401

    def test_a_missing_scope_is_a_sentence(self, stage: Stage) -> None:
        client = program(token_of(person("p", Role.OPERATOR), ["machines:read"]))

        response = client.post("/api/nodes/1/rename", {"new_name": "x-1"})

        assert client.get("/api/nodes").status_code == 200
        assert response.status_code == 403
        assert response.json()["error"].startswith("이 작업에는")

    def test_a_scope_gives_no_more_than_its_owner_has(self, stage: Stage) -> None:
        client = program(token_of(person("p", Role.VIEWER), PERMISSIONS))

        assert client.post("/api/nodes/1/rename", {"new_name": "x-1"}).status_code == 403

    def test_a_bound_token_sees_its_company_only(self, stage: Stage) -> None:
        client = program(token_of(person("p", Role.OPERATOR), company_code="GANA"))

        assert client.get("/api/nodes").json()["pagination"]["count"] == 2
        assert client.get("/api/nodes/3").status_code == 404
        assert client.get("/api/nodes/4").status_code == 404
        assert client.delete("/api/nodes/3/delete").status_code == 404
        assert client.delete("/api/nodes/2/delete").status_code == 200

    def test_what_a_token_did_is_recorded_under_it(self, stage: Stage) -> None:
        client = program(token_of(person("p", Role.OPERATOR)))
        client.post("/api/nodes/1/rename", {"new_name": "x-1"})

        with platform_context():
            event = AuditEvent.objects.get(action="command.rename_node")

        key = ApiToken.objects.get(user__username="p").token_key
        assert event.actor_label == f"token:{key[:8]}"

    def test_a_token_needs_no_csrf_and_ignores_the_session(self, stage: Stage) -> None:
        client = browser(person("p", Role.VIEWER), csrf=True)
        client.credentials(HTTP_AUTHORIZATION=f"Token {token_of(person('q', Role.OPERATOR))}")

        assert client.post("/api/nodes/1/rename", {"new_name": "x-1"}).status_code == 200


class TestSessions:
    def test_a_change_needs_the_token_of_our_page(self, stage: Stage) -> None:
        client = browser(person("p", Role.OPERATOR), csrf=True)

        response = client.post("/api/nodes/1/rename", {"new_name": "x-1"})

        assert response.status_code == 403
        assert response.json()["code"] == "csrf_failed"
        assert response.json()["error"].startswith("보안 확인에 실패했습니다.")
        assert stage.commands() == []

    def test_with_the_token_it_is_done(self, stage: Stage) -> None:
        client = browser(person("p", Role.OPERATOR), csrf=True)
        token = "x" * 32
        client.cookies["csrftoken"] = token

        response = client.post(
            "/api/nodes/1/rename", {"new_name": "x-1"}, headers={"X-CSRFToken": token}
        )

        assert response.status_code == 200

    def test_reading_needs_none(self, stage: Stage) -> None:
        client = browser(person("p", Role.VIEWER), csrf=True)

        assert client.get("/api/nodes").status_code == 200
