"""Every error page says in Korean what happened and what to do now."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client
from pytest_django import Settings

PAGES = {
    "400.html": "요청을 이해하지 못했습니다",
    "403.html": "권한이 없습니다",
    "403_csrf.html": "보안 확인이 만료되었습니다",
    "404.html": "찾는 페이지가 없습니다",
    "500.html": "문제가 생겼습니다",
}


@pytest.mark.parametrize(("template", "title"), PAGES.items())
def test_a_page_of_its_own_leads_back(template: str, title: str) -> None:
    page = render_to_string(template)

    assert f"<h1>{title}</h1>" in page
    assert 'href="/"' in page


@pytest.mark.django_db
def test_an_unknown_address_is_answered_in_korean() -> None:
    answer = Client().get("/no/such/page/")

    assert answer.status_code == 404
    assert "찾는 페이지가 없습니다" in answer.content.decode()


@pytest.mark.django_db
def test_the_sign_in_page_of_pharmacies_says_why_it_refused() -> None:
    answer = Client().post("/accounts/login/", {"username": "nobody", "password": "wrong"})

    assert answer.status_code == 200
    assert "아이디나 비밀번호가 맞지 않습니다" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/admin/login/"])
def test_a_simulated_engine_is_announced_before_signing_in(
    address: str, settings: Settings
) -> None:
    settings.FARMQ_SIMULATED = True

    page = Client().get(address).content.decode()

    assert "모의 엔진입니다" in page
