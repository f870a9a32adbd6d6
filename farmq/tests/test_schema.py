"""The OpenAPI document is valid, and a client generated from it really works."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from network.fleet.tests.stage import Stage
from network.fleet.tests.threads import shared_database
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person, token_of

__all__ = ["shared_database"]
PACKAGE = "farmq_client"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # the library has no types
    return json.loads(json.dumps(made, default=str))  # type: ignore[no-any-return]  # plain JSON


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    check: Any = validate_schema
    check(document)

    assert document["openapi"] == "3.1.0"
    assert len(document["paths"]) == 67


def test_every_operation_has_the_envelope_and_the_errors(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                name = answer["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
                good = status.startswith("2")
                assert {"success", "data" if good else "error"} <= set(schemas[name]["required"])
                assert (name == "Error") is not good
            assert {"400", "401", "403", "404", "409", "422", "503"} <= set(operation["responses"])


def test_lists_are_lists_with_a_page(document: dict[str, Any]) -> None:
    for path in ("/api/nodes", "/api/pharmacies"):
        operation = document["paths"][path]["get"]
        name = operation["operationId"].title().replace("_", "") + "Answer"
        schema = document["components"]["schemas"][name]

        assert schema["properties"]["data"]["type"] == "array"
        assert "pagination" in schema["required"]
        assert {"page", "page_size", "search"} <= {one["name"] for one in operation["parameters"]}


@pytest.mark.django_db(transaction=True)
def test_an_answer_has_a_page_where_the_document_says_so(
    document: dict[str, Any], stage: Stage
) -> None:
    places = {"node_id": 1, "slug": "default", "pharmacy_id": stage.gana.pk}
    lists = {}
    for path, operations in document["paths"].items():
        known = set(re.findall("{(.*?)}", path)) <= set(places)
        if known and "get" in operations:
            content = operations["get"]["responses"]["200"]["content"]["application/json"]
            schema = document["components"]["schemas"][content["schema"]["$ref"].split("/")[-1]]
            if schema["properties"]["data"].get("type") == "array":
                lists[path] = "pagination" in schema["required"]

    shown = {path: "pagination" in stage.client.get(path.format(**places)).json() for path in lists}

    assert shown == lists
    assert lists["/api/nodes"]
    assert not lists["/api/nodes/{node_id}/days"]


def test_the_document_and_its_page_are_served(stage: Stage) -> None:
    schema = Client().get("/api/schema/?format=json")
    page = Client().get("/api/docs/")

    assert schema.status_code == 200
    assert page.status_code == 200
    assert "https://" not in page.content.decode().split("</head>")[0]


@pytest.fixture(scope="module")
def generated(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The client that a stranger gets from our document."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "schema.json").write_text(json.dumps(document))
    (folder / "config.yml").write_text(f"package_name_override: {PACKAGE}\npost_hooks: []\n")
    program = Path(sys.executable).with_name("openapi-python-client")
    argv = [str(program), "generate", "--path", "schema.json", "--config", "config.yml"]
    made = subprocess.run(
        [*argv, "--meta", "none", "--output-path", PACKAGE],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert made.returncode == 0, made.stdout.decode() + made.stderr.decode()
    assert b"WARNING" not in made.stdout, made.stdout.decode()
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(PACKAGE)
    finally:
        sys.path.remove(str(folder))


@pytest.fixture
def server(shared_database: None, stage: Stage) -> Iterator[HTTPServer]:
    made = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    made.daemon_threads = True
    made.set_app(get_wsgi_application())
    thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join(5)


def call(name: str, **arguments: Any) -> Any:
    module = importlib.import_module(f"{PACKAGE}.api.{name}")
    return module.sync(**arguments)


@pytest.mark.django_db(transaction=True)
def test_a_generated_client_works(generated: ModuleType, server: HTTPServer, stage: Stage) -> None:
    token = token_of(person("stranger", Role.OPERATOR))
    client = generated.AuthenticatedClient(
        base_url=f"http://127.0.0.1:{server.server_port}", token=token, prefix="Token"
    )
    models = importlib.import_module(f"{PACKAGE}.models")

    listed = call("nodes.nodes_list", client=client, page_size=2, search="gana")
    one = call("nodes.nodes_retrieve", client=client, node_id="2")
    body = models.Rename(new_name="gana-till")
    renamed = call("nodes.nodes_rename", client=client, node_id="2", body=body)
    stats = call("dashboard.dashboard_stats", client=client)
    key = call(
        "pharmacy.pharmacy_preauth_key",
        client=client,
        pharmacy_id=str(stage.gana.pk),
        body=models.PreAuthKeyOrder(),
    )
    missing = call("nodes.nodes_retrieve", client=client, node_id="0")

    assert [machine.name for machine in listed.data] == ["gana-counter", "gana-gateway"]
    assert listed.pagination.count == 2
    assert (one.success, one.data.node_id) == (True, 2)
    assert renamed.data.name == "gana-till"
    assert stats.data.online_machines == stats.online_machines == 4
    assert key.data.key.startswith("hskey-auth-")
    assert isinstance(missing, models.Error)
    assert (missing.success, missing.code) == (False, "invalid_node_id")
