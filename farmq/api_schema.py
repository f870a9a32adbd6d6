"""How the envelope and the errors appear in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.serializers import ListSerializer

ERROR = "Error"
ERROR_STATUSES = {
    "400": "The input is wrong.",
    "401": "Nobody is signed in, or the token is not valid.",
    "403": "The right is missing.",
    "404": "There is no such thing.",
    "405": "The method is not allowed here.",
    "409": "The state does not allow it, or the engine refused.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "The Idempotency-Key was used for something else.",
    "429": "Too many requests.",
    "500": "An unexpected error; the answer has a reference number.",
    "502": "The engine's answer could not be read.",
    "503": "The engine was not reached; nothing was sent.",
    "504": "The engine did not answer in time.",
}
# The counts that stand beside the data of the one answer that the original's script reads.
_TOP_LEVEL = ("total_machines", "online_machines", "offline_machines", "total_pharmacies")
_ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["success", "error", "code"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "error": {"type": "string", "description": "A Korean sentence for a person."},
        "code": {"type": "string"},
        "details": {"type": "object", "additionalProperties": True},
    },
}
_PAGE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["count", "page", "page_size"],
    "properties": {
        "count": {"type": "integer"},
        "page": {"type": "integer"},
        "page_size": {"type": "integer"},
        "next": {"type": ["string", "null"]},
        "previous": {"type": ["string", "null"]},
    },
}

# A series, answered as a whole: what is asked for says how long it is.
_WHOLE = frozenset({"nodes_days"})

_PAGE_PARAMETERS: list[dict[str, Any]] = [
    {"in": "query", "name": "page", "schema": {"type": "integer", "minimum": 1}},
    {"in": "query", "name": "page_size", "schema": {"type": "integer", "maximum": 200}},
]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped base
    """`Authorization: Token …`."""

    target_class = "pharmacies.access.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "Authorization"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped base
    """The session cookie of the browser, with the CSRF token for changes."""

    target_class = "pharmacies.access.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class EnvelopeAutoSchema(AutoSchema):
    """Describes lists as plain arrays; the envelope and its page are added afterwards."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(serializer, ListSerializer)


def wrap_in_envelopes(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Put the envelope around every successful answer and name the errors of every operation."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas[ERROR] = _ERROR_SCHEMA
    schemas["Page"] = _PAGE_SCHEMA
    for path in result["paths"].values():
        for operation in path.values():
            _wrap(operation, schemas)
    return result


def _wrap(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    name = "".join(part.capitalize() for part in operation["operationId"].split("_"))
    for status, response in list(operation["responses"].items()):
        if status.startswith("2"):
            component = f"{name}Answer{'' if status == '200' else status}"
            schemas[component] = _envelope(_content(response), operation)
            response["content"] = _json(component)
    for status, description in ERROR_STATUSES.items():
        operation["responses"][status] = {"description": description, "content": _json(ERROR)}


def _content(response: dict[str, Any]) -> dict[str, Any]:
    content = response.get("content", {}).get("application/json", {})
    return dict(content.get("schema", {}))


def _json(component: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{component}"}}}


def _envelope(data: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "success": {"type": "boolean", "const": True},
        "data": data,
        "message": {"type": "string"},
    }
    required = ["success", "data"]
    if data.get("type") == "array" and operation["operationId"] not in _WHOLE:
        properties["pagination"] = {"$ref": "#/components/schemas/Page"}
        required.append("pagination")
        operation["parameters"] = [*operation.get("parameters", []), *_PAGE_PARAMETERS]
    if operation["operationId"] == "dashboard_stats":
        properties |= {name: {"type": "integer"} for name in _TOP_LEVEL}
    return {"type": "object", "required": required, "properties": properties}
