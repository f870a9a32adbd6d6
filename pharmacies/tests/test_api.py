"""`/api/pharmacies`: exactly the facts, and not a field more."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person, program, token_of
from pharmacies.models import Company, Pharmacy
from pharmacies.tenancy import platform_context

PATH = "/api/pharmacies"


@pytest.fixture
def client(db: None) -> APIClient:
    with platform_context():
        for code in ("GANA", "NADA"):
            Company(company_code=code, name=code).save(force_insert=True)
    return program(token_of(person("operator", Role.OPERATOR)))


def create(client: APIClient, **values: Any) -> dict[str, Any]:
    body = {"company_code": "GANA", "pharmacy_name": "가나약국", **values}
    made: dict[str, Any] = client.post(PATH, body).json()["data"]
    return made


def test_one_is_made(client: APIClient) -> None:
    body = {"company_code": "GANA", "pharmacy_name": "가나약국", "business_number": "2208162517"}

    response = client.post(PATH, body)

    data = response.json()["data"]
    assert response.status_code == 201
    assert response.json()["message"] == "약국을 등록했습니다."
    assert data["business_number"] == "220-81-62517"
    assert data["company_code"] == "GANA"
    assert client.get(f"{PATH}/{data['id']}").json()["data"] == data


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({"business_number": "2208162518"}, "business_number", "마지막 숫자가"),
        ({"business_number": "22"}, "business_number", "숫자 10자리"),
        ({"phone": "x"}, "phone", "전화번호를 확인해"),
        ({"pharmacy_name": ""}, "pharmacy_name", ""),
        ({"pharmacy_name": None}, "pharmacy_name", ""),
        ({"pharmacy_name": "a\0"}, "pharmacy_name", ""),
        ({"pharmacy_name": ["x"]}, "pharmacy_name", ""),
        ({"phone_number": "1588-0000"}, "phone_number", "없는 항목"),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, body: dict[str, Any], field: str, sentence: str
) -> None:
    made = create(client)

    for method, path in (("post", PATH), ("patch", f"{PATH}/{made['id']}")):
        whole = {"company_code": "GANA", "pharmacy_name": "가나약국", **body}
        response = getattr(client, method)(path, whole if method == "post" else body)

        assert response.status_code == 400
        assert list(response.json()["details"]["fields"]) == [field]
        assert sentence in str(response.json()["details"]["fields"][field])


@pytest.mark.parametrize(
    "field",
    [
        *("id", "pk", "company_code", "company", "company_id", "created_at", "updated_at"),
        *("headscale_user_name", "machines", "links", "__class__", "is_staff", "owner"),
    ],
)
def test_nothing_else_can_be_assigned(client: APIClient, field: str) -> None:
    made = create(client)
    with platform_context():
        before = Pharmacy.objects.filter(pk=made["id"]).values().get()

    response = client.patch(f"{PATH}/{made['id']}", {field: "NADA"})

    assert response.status_code == 400
    assert list(response.json()["details"]["fields"]) == [field]
    with platform_context():
        assert Pharmacy.objects.filter(pk=made["id"]).values().get() == before


def test_only_what_is_given_changes(client: APIClient) -> None:
    made = create(client, phone="0212345678", manager_name="김약사")

    response = client.patch(f"{PATH}/{made['id']}", {"manager_name": "박약사"})

    data = response.json()["data"]
    assert response.status_code == 200
    assert (data["manager_name"], data["phone"]) == ("박약사", "02-1234-5678")
    with platform_context():
        assert AuditEvent.objects.get(action="pharmacy.update").actor_label.startswith("token:")


def test_a_number_can_be_taken_away(client: APIClient) -> None:
    made = create(client, business_number="2208162517")

    response = client.patch(f"{PATH}/{made['id']}", {"business_number": None})

    assert response.json()["data"]["business_number"] is None


def test_a_number_in_use_is_refused(client: APIClient) -> None:
    create(client, business_number="2208162517")

    body = {"company_code": "NADA", "pharmacy_name": "x", "business_number": "2208162517"}
    response = client.post(PATH, body)

    assert response.status_code == 400
    assert list(response.json()["details"]["fields"]) == ["business_number"]


def test_a_company_that_is_not_there(client: APIClient) -> None:
    response = client.post(PATH, {"company_code": "NONE", "pharmacy_name": "x"})

    assert response.status_code == 400
    assert list(response.json()["details"]["fields"]) == ["company"]


def test_one_is_deleted(client: APIClient) -> None:
    made = create(client)

    response = client.delete(f"{PATH}/{made['id']}")

    assert response.status_code == 200
    assert response.json()["data"] == {"id": made["id"]}
    assert response.json()["message"] == "약국을 삭제했습니다."
    assert client.get(f"{PATH}/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["가", "나", "다"]),
        ("?ordering=-pharmacy_name", ["다", "나", "가"]),
        ("?search=나", ["나"]),
        ("?company_code=NADA", ["다"]),
        ("?page=2&page_size=2", ["다"]),
    ],
)
def test_the_list(client: APIClient, query: str, names: list[str]) -> None:
    for name, code in (("나", "GANA"), ("다", "NADA"), ("가", "GANA")):
        create(client, pharmacy_name=name, company_code=code)

    answer = client.get(f"{PATH}{query}").json()

    assert [one["pharmacy_name"] for one in answer["data"]] == names


@pytest.mark.parametrize("query", ["ordering=company__name", "search=%00", "company_code=%00"])
def test_a_wrong_filter_is_named(client: APIClient, query: str) -> None:
    response = client.get(f"{PATH}?{query}")

    assert response.status_code == 400
    assert list(response.json()["details"]["fields"]) == [query.partition("=")[0]]


def test_the_list_costs_the_same_however_long(
    client: APIClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with platform_context():
        Pharmacy.objects.bulk_create(
            Pharmacy(company_id="GANA", pharmacy_name=f"약국 {place}") for place in range(150)
        )

    with django_assert_max_num_queries(6):
        assert len(client.get(f"{PATH}?page_size=200").json()["data"]) == 150
