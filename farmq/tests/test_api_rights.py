"""Who may do what through the API: one table of every address, method and role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from farmq.tests.api_matrix import MATRIX, ROLES
from network.fleet.tests.stage import Stage
from network.models import HeadscaleApiKey, HeadscalePreAuthKey, HeadscaleUser, PharmacyLink
from pharmacies.access.models import ApiToken, AuditEvent, User
from pharmacies.access.roles import PERMISSIONS, Role
from pharmacies.access.tests.people import browser, person, program, token_of
from pharmacies.tenancy import platform_context

pytestmark = [pytest.mark.any_database, pytest.mark.django_db(transaction=True)]
_CHANGES_NOTHING = (401, 403, 404)


def _shared(method: str, status: int) -> bool:
    """Say whether an answer leaves the stage as it was, so that many may ask on one."""
    return method == "GET" or status in _CHANGES_NOTHING


def _asked(*, shared: bool) -> list[Any]:
    """Gather who asks at each door: together where it changes nothing, else each for himself."""
    cases = []
    for method, path, body, statuses in MATRIX:
        expected = {role: int(one) for role, one in zip(ROLES, statuses.split(), strict=True)}
        mine = {r: one for r, one in expected.items() if _shared(method, one) is shared}
        groups = [mine] if shared else [{role: one} for role, one in mine.items()]
        for group in filter(None, groups):
            name = f"{method} {path} {'shared' if shared else ' '.join(group)}"
            cases.append(pytest.param(method, path, body, group, id=name))
    return cases


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
    if "{link}" in path:
        with platform_context():
            values["link"] = PharmacyLink.objects.get(pharmacy=stage.gana).pk
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
    if body.get("user") == "{user}":
        stage.read_slowly("USERS")
        gana = HeadscaleUser.objects.get(name="gana")
        ours |= {"user": gana.pk, "pharmacy": stage.gana.pk}
    return {name: ours.get(name, value) for name, value in body.items()}


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"), [*_asked(shared=True), *_asked(shared=False)]
)
def test_the_matrix(
    stage: Stage, method: str, path: str, body: Any, expected: dict[str, int]
) -> None:
    full = address(stage, path)
    made = len(stage.commands())

    for role, status in expected.items():
        response = getattr(client_of(role), method.lower())(full, filled(stage, body))

        assert response.status_code == status, role
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
    shown = {
        (
            method,
            re.sub(r"\?.*|{.*?}|(?<=/)1|default", lambda m: "" if m[0][0] == "?" else "…", path),
        )
        for method, path, _, _ in MATRIX
    }

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
