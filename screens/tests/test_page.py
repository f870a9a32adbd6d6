"""The page of a screen, as a person of the company, a person of another and staff see it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from pharmacies.access.actor import Actor
from pharmacies.access.roles import Role
from screens.demo import SPLIT_ID
from screens.models import ScreenLayout
from screens.operations import NewComponent, add_component, store_overrides
from screens.registry import URL_PREFIX, registry
from screens.tests.conftest import LATER, member, signed_in

pytestmark = pytest.mark.usefixtures("demo_screens")

ADDRESS = "/screens/1383/"


def html(client: Client, address: str = ADDRESS) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def damage(**values: object) -> None:
    rows = ScreenLayout.objects.for_company("GANA").filter(component_id=f"{SPLIT_ID}_left")
    rows.update(**values)


def add_button(actor: Actor, screen_id: str) -> None:
    add_component(
        actor=actor,
        at=LATER,
        company_code="GANA",
        screen_id=screen_id,
        component=NewComponent(
            component_id="ok",
            component_url=URL_PREFIX + "button-primary",
            settings={"action": {"type": "OPEN_SCREEN", "screenId": "1383"}},
        ),
    )


def test_a_button_that_opens_a_screen_is_a_link(
    pharmacist: Client, staff: Client, actor: Actor
) -> None:
    add_button(actor, "2000")

    assert 'href="/screens/1383/"' in html(pharmacist, "/screens/2000/")
    assert 'href="/screens/1383/?company=GANA"' in html(staff, "/screens/2000/?company=GANA")


def test_the_sample_screen_shows_orders_and_says_that_they_are_samples(pharmacist: Client) -> None:
    page = html(pharmacist)

    assert "수주등록" in page
    assert "SO-2026-0001" in page
    assert "시연용 자료입니다" in page
    assert ">저장</button" in page


def test_details_wait_until_an_order_is_chosen(pharmacist: Client) -> None:
    waiting = html(pharmacist)
    chosen = html(pharmacist, ADDRESS + "?c.selectedId=SO-2026-0002")

    assert "다른 목록에서 한 줄을 고르면" in waiting
    assert "소화정" not in waiting
    assert "다른 목록에서 한 줄을 고르면" not in chosen
    assert 'aria-current="true"' in chosen
    assert chosen.count("<tr") > waiting.count("<tr")


def test_a_key_that_nobody_publishes_is_not_taken_from_the_address(pharmacist: Client) -> None:
    page = html(pharmacist, ADDRESS + "?c.other=SO-2026-0002")

    assert "c.other" not in page


def test_what_stands_in_the_address_is_shown_as_text(pharmacist: Client) -> None:
    page = html(pharmacist, ADDRESS + "?c.selectedId=%22%3E%3Cscript%3Ex%3C/script%3E")

    assert "<script" not in page


def test_hostile_settings_are_shown_as_text(pharmacist: Client, actor: Actor) -> None:
    store_overrides(
        actor=actor,
        at=LATER,
        company_code="GANA",
        screen_id="1383",
        component_id="comp_save_1383",
        settings={"text": "<img src=x onerror=y>"},
    )

    assert "&lt;img src=x onerror=y&gt;" in html(pharmacist)


def test_the_page_has_no_inline_script_or_style(pharmacist: Client) -> None:
    page = html(pharmacist, ADDRESS + "?c.selectedId=SO-2026-0002")

    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_the_ratio_of_the_panels_reaches_the_page(pharmacist: Client) -> None:
    page = html(pharmacist)

    assert 'data-tens="5"' in page
    assert 'data-units="0"' in page


def test_an_unknown_component_leaves_a_neutral_box_and_its_row(pharmacist: Client) -> None:
    damage(component_url=URL_PREFIX + "card-display")

    page = html(pharmacist)

    assert "이 부분은 지금 보여 드릴 수 없습니다" in page
    assert "card-display" not in page
    assert "수주 품목" in page


def test_settings_that_cannot_be_read_leave_a_neutral_box(pharmacist: Client) -> None:
    damage(custom_config={"slot": "left", "dataSource": [], "density": 7})

    assert "이 부분은 지금 보여 드릴 수 없습니다" in html(pharmacist)


def test_staff_read_which_component_it_is(staff: Client) -> None:
    damage(component_url=URL_PREFIX + "card-display")

    page = html(staff, ADDRESS + "?company=GANA")

    assert "card-display" in page
    assert "이 주소의 컴포넌트가 없습니다" in page
    assert "확인할 곳이 1군데" in page


def test_a_block_that_fails_is_logged_and_the_others_stand(
    pharmacist: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("screens.rendering.table_view", None)

    page = html(pharmacist)

    assert page.count("이 부분은 지금 보여 드릴 수 없습니다") == 2
    assert ">저장</button" in page
    assert "Traceback" in caplog.text


def test_children_of_a_broken_container_are_still_shown(pharmacist: Client) -> None:
    rows = ScreenLayout.objects.for_company("GANA").filter(component_id=SPLIT_ID)
    rows.update(component_url=URL_PREFIX + "gone")

    page = html(pharmacist)

    assert "SO-2026-0001" in page
    assert "이 부분은 지금 보여 드릴 수 없습니다" in page


def test_a_circle_in_the_rows_does_not_stop_the_page(pharmacist: Client) -> None:
    rows = ScreenLayout.objects.for_company("GANA").filter(component_id=SPLIT_ID)
    rows.update(parent_id=f"{SPLIT_ID}_left")

    assert "SO-2026-0001" in html(pharmacist)


@pytest.mark.parametrize("query", ["?company=NADA", "?company=NOBODY", "?company="])
def test_a_company_of_others_is_not_found(pharmacist: Client, query: str) -> None:
    assert pharmacist.get(ADDRESS + query).status_code == 404


@pytest.mark.parametrize("screen_id", ["9999", "%00", "1383%20"])
def test_a_screen_that_is_not_there_is_not_found(pharmacist: Client, screen_id: str) -> None:
    assert pharmacist.get(f"/screens/{screen_id}/").status_code == 404


def test_each_company_sees_its_own_screen(actor: Actor, pharmacist: Client) -> None:
    other = signed_in(member("NADA", Role.PHARMACY_USER, "nada"))
    store_overrides(
        actor=actor,
        at=LATER,
        company_code="NADA",
        screen_id="1383",
        component_id="comp_save_1383",
        settings={"text": "나다만"},
    )

    assert "나다만" in html(other)
    assert "나다만" not in html(pharmacist)


def test_staff_choose_a_company_first(staff: Client) -> None:
    chooser = html(staff)
    chosen = html(staff, ADDRESS + "?company=NADA")

    assert '<option value="GANA">' in chooser
    assert "SO-2026-0001" not in chooser
    assert "?company=NADA&amp;c.selectedId=SO-2026-0001" in chosen


def test_the_start_leads_to_the_only_screen(pharmacist: Client, staff: Client) -> None:
    assert pharmacist.get("/screens/").headers["Location"] == ADDRESS
    chosen = staff.get("/screens/?company=NADA")
    assert chosen.headers["Location"] == ADDRESS + "?company=NADA"


def test_the_start_lists_several_screens(pharmacist: Client, actor: Actor) -> None:
    add_button(actor, "2000")

    page = html(pharmacist, "/screens/")

    assert 'href="/screens/1383/"' in page
    assert 'href="/screens/2000/"' in page


def test_a_number_without_an_address_breaks_no_list(pharmacist: Client, staff: Client) -> None:
    damage(screen_id="a/b")

    assert pharmacist.get("/screens/").headers["Location"] == ADDRESS
    assert "a/b" in html(staff, "/admin/screens/screenlayout/?company=GANA")


def test_the_start_of_an_empty_company_says_what_comes(pharmacist: Client) -> None:
    ScreenLayout.objects.for_company("GANA").delete()

    assert "아직 화면이 없습니다" in html(pharmacist, "/screens/")


def test_staff_choose_a_company_at_the_start(staff: Client) -> None:
    assert '<option value="GANA">' in html(staff, "/screens/")


@pytest.mark.parametrize("simulated", [True, False])
def test_a_simulated_engine_is_marked(pharmacist: Client, settings: Any, simulated: bool) -> None:
    settings.HEADSCALE_SERVERS = [{"simulated": simulated}]

    assert ("모의 엔진입니다" in html(pharmacist)) is simulated


def test_strangers_sign_in_first() -> None:
    response = Client().get(ADDRESS)

    assert response.status_code == 302
    assert "login" in response.headers["Location"]


def test_a_screen_cannot_be_posted_to(pharmacist: Client) -> None:
    assert pharmacist.post(ADDRESS).status_code == 405


def test_the_styles_of_the_components_are_kept_for_ever() -> None:
    digest = registry().digest

    response = Client().get(f"/screens/styles/{digest}.css")

    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    assert ".c-table" in response.content.decode()
    assert Client().get("/screens/styles/old.css").status_code == 404
