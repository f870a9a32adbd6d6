"""The table of every address of the API, and what each role is answered there."""

from __future__ import annotations

from typing import Any

from pharmacies.access.roles import Role

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
    # There is none yet.
    ("GET", "policy/versions/1", None, "401 403 404 404 404 403 403 403 403"),
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
    ("GET", "routes", None, "401 403 200 200 200 200 200 200 200"),
    ("POST", "nodes/1/assign", {"pharmacy": None}, "401 403 200 200 403 403 403 404 403"),
    ("POST", "nodes/1/describe", {"role": "pos"}, "401 403 200 200 403 200 403 404 403"),
    ("GET", "nodes/1/state?at=2026-01-01T00:00Z", None, "401 403 200 200 200 200 200 404 404"),
    ("GET", "nodes/1/days", None, "401 403 200 200 200 200 200 404 404"),
    ("GET", "nodes/1/transitions", None, "401 403 200 200 200 200 200 404 404"),
    ("GET", "views", None, "401 403 200 200 200 200 200 200 200"),
    (
        "POST",
        "views",
        {"name": "꺼진 것", "query": "status=offline"},
        "401 403 200 200 200 200 200 200 200",
    ),
    # Nobody's own.
    ("DELETE", "views/1", None, "401 403 404 404 404 404 404 404 404"),
    ("GET", "links", None, "401 403 200 200 403 403 403 403 403"),
    (
        "POST",
        "links",
        {"pharmacy": 1, "user": "{user}"},
        "401 403 409 409 403 403 403 403 403",
    ),
    ("GET", "links/broken", None, "401 403 200 200 403 403 403 403 403"),
    # It holds.
    (
        "POST",
        "links/repair",
        {"code": "user_gone", "number": 1},
        "401 403 409 409 403 403 403 403 403",
    ),
    ("DELETE", "links/{link}", None, "401 403 200 200 403 403 403 403 403"),
    ("GET", "commands", None, "401 403 200 200 200 200 200 200 200"),
    ("GET", "servers/default/syncs", None, "401 403 200 200 200 403 403 403 403"),
    ("GET", "screen-management/screens/1/layout-v1", None, "401 403 404 404 404 404 404 404 404"),
]
