"""What surrounds every request: headers on each answer, and a tenant context of its own."""

from __future__ import annotations

import pytest
from django.test import Client

from network.fleet.tests.stage import Stage
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.tenancy import current_tenant

PATHS = [
    *("/healthz", "/metrics", "/admin/login/", "/api/nodes", "/api/nothing", "/nothing"),
    *("/admin/", "/admin/network/machineprofile/", "/static/farmq/css/house.css", "/api/schema/"),
]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def viewer(stage: Stage) -> Client:
    client = Client()
    client.force_login(person("viewer", Role.VIEWER))
    return client


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_guarded(viewer: Client, path: str) -> None:
    response = viewer.get(path)

    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert ("'unsafe-eval'" in policy) == path.startswith("/admin/")
    assert "camera=()" in response.headers["Permissions-Policy"]
    if not path.startswith("/static/"):
        assert {name: response.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "path", ["/api/nodes", "/admin/", "/admin/network/machineprofile/", "/screens/1383/", "/"]
)
def test_private_pages_are_not_kept(viewer: Client, path: str) -> None:
    cached = viewer.get(path).headers["Cache-Control"]

    assert "no-store" in cached
    assert "private" in cached


def test_the_session_cookie_is_out_of_reach_of_scripts(stage: Stage) -> None:
    user = person("viewer", Role.VIEWER)
    user.set_password("q9-plum-tree")
    user.save()
    client = Client()

    client.post("/admin/login/", {"username": "viewer", "password": "q9-plum-tree"})

    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_no_context_is_left_behind(viewer: Client) -> None:
    viewer.get("/admin/")
    viewer.get("/api/nodes")
    viewer.get("/api/nothing")

    assert current_tenant() is None
