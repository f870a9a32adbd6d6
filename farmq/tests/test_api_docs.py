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
