"""The administration of layouts: one company at a time, differences only, no write of its own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pharmacies.access.models import AuditEvent, Membership, User
from pharmacies.access.roles import Role
from pharmacies.models import Company
from screens.demo import SPLIT_ID
from screens.models import ScreenLayout
from screens.registry import URL_PREFIX
from screens.tests.conftest import member, signed_in

pytestmark = pytest.mark.usefixtures("demo_screens")

LIST = "/admin/screens/screenlayout/"
PLACE = {
    "position_x": 0,
    "position_y": 0,
    "width": 100,
    "height": 100,
    "display_order": 1024,
    "parent_id": "",
    "slot": "",
}


def row(component_id: str, company_code: str = "GANA") -> ScreenLayout:
    return ScreenLayout.objects.for_company(company_code).get(component_id=component_id)


def address(action: str, component_id: str, company_code: str = "GANA") -> str:
    number = row(component_id, company_code).layout_id
    return reverse(f"admin:screens_screenlayout_{action}", args=[number]) + (
        f"?company={company_code}"
    )


def new(**values: Any) -> dict[str, Any]:
    return {
        "company_code": "GANA",
        "screen_id": "2000",
        "component_id": "ok",
        "component_url": URL_PREFIX + "button-primary",
        "settings": '{"text": "확인", "colorVariant": "red"}',
        **PLACE,
        **values,
    }


def test_the_list_shows_the_chosen_company(staff: Client) -> None:
    page = staff.get(LIST + "?company=NADA").content.decode()

    assert page.count(SPLIT_ID) > 0
    assert "?company=NADA" in page
    assert f"{row(SPLIT_ID, 'NADA').layout_id}/change" in page
    assert f"{row(SPLIT_ID, 'GANA').layout_id}/change" not in page


def test_without_a_choice_the_first_company_is_shown(staff: Client) -> None:
    page = staff.get(LIST).content.decode()

    assert f"{row(SPLIT_ID, 'DARA').layout_id}/change" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [("&kind=" + URL_PREFIX + "button-primary", 1), ("&q=_left", 1), ("&q=1383", 4), ("&q=x9", 0)],
)
def test_the_list_can_be_narrowed(staff: Client, query: str, found: int) -> None:
    page = staff.get(LIST + "?company=GANA" + query).content.decode()

    assert page.count("/change/?company=GANA") == found


def test_the_list_costs_the_same_for_any_number_of_rows(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14):
        staff.get(LIST + "?company=GANA")


def test_whole_settings_are_stored_as_their_difference(staff: Client) -> None:
    settings = '{"splitRatio": 45, "resizable": true, "minSize": 100}'

    response = staff.post(address("change", SPLIT_ID), {"store": "1", "settings": settings})

    assert response.status_code == 302
    assert row(SPLIT_ID).custom_config == {"splitRatio": 45}
    assert AuditEvent.objects.get(action="screen.component.set").actor_label == "user:boss"


def test_the_page_shows_what_is_stored_and_what_applies(staff: Client) -> None:
    page = staff.get(address("change", SPLIT_ID)).content.decode()

    assert "&quot;splitRatio&quot;: 50" in page
    assert "&quot;minSize&quot;: 100" in page


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("{", "JSON이 아닙니다"),
        ("[]", "JSON 객체"),
        ("[" * 100_000, "JSON이 아닙니다"),
        ("9" * 5_000, "JSON이 아닙니다"),
        ('{"splitRatio": NaN}', "저장할 수 없는"),
        ('{"splitRatio": "50"}', "/splitRatio: 값의 종류가 다릅니다"),
        ('{"leftPanel": {}}', "/leftPanel: 알 수 없는 설정입니다"),
        ('{"slot": "left"}', "슬롯은 설정이 아니라"),
    ],
)
def test_a_refusal_stands_at_the_field_and_keeps_the_draft(
    staff: Client, settings: str, words: str
) -> None:
    response = staff.post(address("change", SPLIT_ID), {"store": "1", "settings": settings})

    assert response.status_code == 200
    assert words in response.content.decode()
    assert row(SPLIT_ID).custom_config == {"splitRatio": 50}


def test_a_component_moves_through_its_own_form(staff: Client) -> None:
    values = {**PLACE, "place": "1", "parent_id": SPLIT_ID, "slot": "right"}

    staff.post(address("change", f"{SPLIT_ID}_left"), values)

    assert row(f"{SPLIT_ID}_left").custom_config["slot"] == "right"


def test_an_impossible_place_is_explained(staff: Client) -> None:
    values = {**PLACE, "place": "1", "parent_id": SPLIT_ID, "slot": "middle"}

    response = staff.post(address("change", f"{SPLIT_ID}_left"), values)

    assert "상위 컴포넌트에 이런 슬롯이 없습니다" in response.content.decode()


def test_a_component_is_put_on_a_screen(staff: Client) -> None:
    response = staff.post(LIST + "add/", new())

    assert response.headers["Location"] == LIST + "?company=GANA"
    assert row("ok").custom_config == {"colorVariant": "red"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"screen_id": "1383", "component_id": SPLIT_ID}, "같은 이름의 컴포넌트가 이미"),
        ({"component_id": "a b"}, "영문자, 숫자"),
        ({"settings": '{"text": ""}'}, "/text: 값이 허용 범위"),
        ({"company_code": "NOBODY"}, "NOBODY"),
    ],
)
def test_a_component_that_cannot_be_put_is_explained(
    staff: Client, values: dict[str, str], words: str
) -> None:
    response = staff.post(LIST + "add/", new(**values))

    assert response.status_code == 200
    assert words in response.content.decode()


def test_a_component_is_deleted_after_a_question(staff: Client) -> None:
    question = staff.get(address("delete", "comp_save_1383")).content.decode()

    staff.post(address("delete", "comp_save_1383"))

    assert '정말로 컴포넌트 "comp_save_1383"를 삭제하시겠습니까?' in question
    assert "삭제된 항목은 복구할 수 없습니다." in question
    assert ScreenLayout.objects.for_company("GANA").count() == 3


def test_a_full_container_is_not_deleted(staff: Client) -> None:
    response = staff.post(address("delete", SPLIT_ID), follow=True)

    assert "안에 다른 컴포넌트가 있습니다" in response.content.decode()
    assert ScreenLayout.objects.for_company("GANA").count() == 4


def test_a_row_is_found_under_its_own_company_only(staff: Client) -> None:
    wrong = address("change", SPLIT_ID).replace("company=GANA", "company=NADA")

    assert staff.get(wrong).status_code == 404


def employee(role: Role, name: str, company_code: str = "GANA") -> User:
    user = member(company_code, role, name)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    return user


def test_a_reader_changes_nothing() -> None:
    reader = signed_in(employee(Role.VIEWER, "reader"))
    values = {"store": "1", "settings": "{}"}

    assert reader.post(address("change", SPLIT_ID), values).status_code == 404
    assert reader.get(address("delete", SPLIT_ID)).status_code == 404
    assert reader.post(address("delete", "comp_save_1383")).status_code == 404
    assert reader.post(LIST + "add/", new()).status_code == 404
    assert row(SPLIT_ID).custom_config == {"splitRatio": 50}


def test_a_reader_opens_every_row_of_the_list() -> None:
    reader = signed_in(employee(Role.VIEWER, "reader"))
    page = reader.get(LIST).content.decode()

    links = re.findall(r'href="([^"]+/change/\?company=GANA)"', page)
    pages = [reader.get(link).content.decode() for link in links]

    assert len(pages) == 4
    for shown in pages:
        content = shown.partition('id="content')[2] or shown
        assert "<textarea" not in content
        assert 'name="store"' not in content
        assert 'name="place"' not in content
        assert "/delete/" not in content
    (split,) = [shown for shown in pages if "&quot;minSize&quot;: 100" in shown]
    assert "splitRatio" in split


def test_rights_are_those_of_the_rows_company() -> None:
    user = employee(Role.OPERATOR, "both")
    Membership(user=user, company_code="NADA", role=Role.VIEWER).save(force_insert=True)
    both = signed_in(user)

    assert 'name="store"' in both.get(address("change", SPLIT_ID)).content.decode()
    assert 'name="store"' not in both.get(address("change", SPLIT_ID, "NADA")).content.decode()
    assert both.post(address("delete", "comp_save_1383", "NADA")).status_code == 404


def test_an_operator_of_one_company_reaches_no_other() -> None:
    operator = signed_in(employee(Role.OPERATOR, "operator"))

    assert operator.get(LIST).content.decode().count("/change/?company=GANA") == 4
    assert operator.get(LIST + "?company=NADA").status_code == 404
    assert operator.get(address("change", SPLIT_ID, "NADA")).status_code == 404
    assert operator.post(address("delete", "comp_save_1383", "NADA")).status_code == 404


def test_without_any_company_the_list_is_empty(staff: Client) -> None:
    Company.objects.all().delete()

    response = staff.get(LIST)

    assert response.status_code == 200
    assert "/change/?company=" not in response.content.decode()
