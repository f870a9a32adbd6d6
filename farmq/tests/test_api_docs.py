"""The description of the API as a page: served from here, without an inline script."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


def test_the_page_runs_under_the_content_policy() -> None:
    answer = Client().get("/api/docs/")

    page = answer.content.decode()
    scripts = re.findall(r"<script([^>]*)>", page)
    assert answer.status_code == 200
    assert scripts
    assert all("src=" in script for script in scripts)


def test_its_script_is_served() -> None:
    answer = Client().get("/api/docs/?script=")

    assert answer.status_code == 200
    assert b"SwaggerUIBundle" in answer.content


def test_a_simulated_engine_is_announced_there_too(settings: Settings) -> None:
    settings.FARMQ_SIMULATED = True

    assert "모의 엔진입니다" in Client().get("/api/docs/").content.decode()


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
@pytest.mark.parametrize("query", ["?version=%00", "?version=2", "?lang=%00", "?format=%00"])
def test_odd_questions_are_no_errors(path: str, query: str) -> None:
    assert Client().get(f"{path}{query}").status_code < 500


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
def test_only_reading_is_known(path: str, method: str) -> None:
    answer = Client().generic(method, path)

    assert answer.status_code in (403, 405)
    assert answer.json()["success"] is False
