"""The page of a person: roles are given on purpose, and people are never deleted."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client

from pharmacies.access.models import Membership, User
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.models import Company

pytestmark = pytest.mark.django_db


def boss() -> Client:
    client = Client()
    client.force_login(person("boss", Role.ADMINISTRATOR))
    return client


def roles(*rows: tuple[str, str]) -> dict[str, str]:
    data = {
        "username": "kim",
        "is_active": "on",
        "memberships-TOTAL_FORMS": str(len(rows)),
        "memberships-INITIAL_FORMS": "0",
    }
    for number, (company_code, role) in enumerate(rows):
        data[f"memberships-{number}-company_code"] = company_code
        data[f"memberships-{number}-role"] = role
    return data


@pytest.mark.parametrize("company_code", ["", " ", "\u3000", "NOSUCH"])
def test_no_role_is_given_by_forgetting_the_company(company_code: str) -> None:
    kim = person("kim")

    answer = boss().post(
        f"/admin/access/user/{kim.pk}/change/", roles((company_code, Role.OPERATOR))
    )

    assert answer.status_code == 200
    assert not Membership.objects.filter(user=kim).exists()


def test_the_platform_has_to_be_chosen() -> None:
    kim = person("kim")

    boss().post(f"/admin/access/user/{kim.pk}/change/", roles(("*", Role.VIEWER)))

    assert list(Membership.objects.filter(user=kim).values_list("company_code", "role")) == [
        (None, Role.VIEWER)
    ]


def test_one_place_has_one_role() -> None:
    kim = person("kim")
    Company(company_code="GANA", name="가나").save(force_insert=True)

    answer = boss().post(
        f"/admin/access/user/{kim.pk}/change/",
        roles(("GANA", Role.VIEWER), ("GANA", Role.OPERATOR)),
    )

    assert answer.status_code == 200
    assert not Membership.objects.filter(user=kim).exists()


@pytest.mark.parametrize(
    ("role", "company_code"), [("ADMINISTRATOR", None), ("ADMINISTRATOR", "GANA")]
)
def test_nobody_deletes_people(role: str, company_code: str | None) -> None:
    root = User.objects.create_superuser("root")
    client = Client()
    client.force_login(person("someone", Role.ADMINISTRATOR, company_code))

    one = client.post(f"/admin/access/user/{root.pk}/delete/", {"post": "yes"})
    client.post(
        "/admin/access/user/",
        {"action": "delete_selected", "_selected_action": root.pk, "post": "yes"},
    )

    assert one.status_code == 403
    assert User.objects.filter(pk=root.pk).exists()


def test_no_list_deletes_behind_its_operation() -> None:
    offered = {
        action if isinstance(action, str) else action.__name__
        for model in admin.site._registry.values()
        for action in model.actions or ()
    }

    assert not {name for name in offered if not name.startswith("bulk_")}


@pytest.mark.parametrize("query", ["id__in=" + "9" * 30, "memberships__id=" + "9" * 30])
def test_a_number_too_large_is_no_error_of_ours(query: str) -> None:
    answer = boss().get(f"/admin/access/user/?{query}")

    assert answer.status_code < 500
