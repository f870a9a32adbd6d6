"""The policy of an engine on its pages: what it is worth, the editor, and the ways back."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from network.fleet.tasks import begin_isolated
from network.fleet.tests.stage import Stage
from network.headscale.client import HeadscaleClient
from network.models import MachineProfile, PolicyVersion, StaffGroup
from network.tests.situations import make_server
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/network/policyversion/"
OPEN = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'
CLOSED = '{\n  // 아무도\n  "acls": [],\n}\n'


@pytest.fixture
def admin(stage: Stage) -> Client:
    stage.read_slowly("RELEASE", "USERS", "POLICY")
    client = Client()
    client.force_login(person("chief", Role.ADMINISTRATOR))
    return client


def editor(stage: Stage, action: str = "") -> str:
    return f"{LIST}server/{stage.server.pk}/{action}"


def base_in(page: str) -> str:
    found = re.search(r'name="base_sha256" value="([0-9a-f]*)"', page)
    return found[1] if found else ""


def stored(stage: Stage) -> str:
    policy = HeadscaleClient(("headscale",), stage.engine).policy()
    return policy.text if policy else ""


def put(admin: Client, stage: Stage, text: str, **more: str) -> str:
    """Write a text into the editor as a browser does; returns the page that follows."""
    page = admin.get(editor(stage)).content.decode()
    ends = re.search(r'name="line_ends" value="([a-z]*)"', page)
    body = {"text": text.replace("\n", "\r\n"), "base_sha256": base_in(page)}
    body |= {"line_ends": ends[1] if ends else "", **more}
    return admin.post(editor(stage), body, follow=True).content.decode()


def test_an_open_network_is_said_on_the_dashboard_until_it_is_isolated(
    stage: Stage, admin: Client
) -> None:
    assert "정책 없음" in admin.get("/admin/").content.decode()

    answer = admin.post(editor(stage, "generate/"), {"base_sha256": ""})

    assert [str(said) for said in get_messages(answer.wsgi_request)] == ["적용했습니다."]
    assert "autogroup:self" in stored(stage)
    assert "격리 증명됨" in admin.get(editor(stage)).content.decode()
    assert "정책 없음" not in admin.get("/admin/").content.decode()


def test_people_of_a_company_are_told_nothing_of_it(stage: Stage) -> None:
    client = Client()
    client.force_login(person("theirs", Role.ADMINISTRATOR, "GANA"))

    assert "정책 없음" not in client.get("/admin/").content.decode()
    assert client.get(LIST).status_code == 403
    assert client.get(editor(stage)).status_code == 403
    assert client.post(editor(stage, "generate/")).status_code == 403


def test_a_text_is_checked_before_it_is_set_and_kept_byte_for_byte(
    stage: Stage, admin: Client
) -> None:
    page = put(admin, stage, CLOSED)

    assert "이 정책을 적용하면" in page
    assert 'name="go"' in page
    assert stored(stage) == ""

    put(admin, stage, CLOSED, go="1", comment="모두 막음")

    assert stored(stage) == CLOSED
    assert "모두 막음" in admin.get(LIST).content.decode()


def test_the_ends_of_lines_stay_what_they_were(stage: Stage, admin: Client) -> None:
    HeadscaleClient(("headscale",), stage.engine).set_policy(CLOSED.replace("\n", "\r\n"))
    stage.read_slowly("POLICY")
    admin.post(editor(stage, "adopt/"))

    put(admin, stage, CLOSED.replace("아무도", "아무도!"), go="1")

    assert stored(stage) == CLOSED.replace("아무도", "아무도!").replace("\n", "\r\n")


def test_a_text_that_opens_everything_is_not_offered_and_not_set(
    stage: Stage, admin: Client
) -> None:
    page = put(admin, stage, OPEN)

    assert "적용하지 않음" in page
    assert "가나약국이(가) 나다약국에 닿습니다" in page
    assert 'name="go"' not in page

    again = put(admin, stage, OPEN, go="1")

    assert stored(stage) == ""
    assert "&quot;dst&quot;: [&quot;*:*&quot;]" in again


def test_what_cannot_be_read_is_marked_and_not_lost(stage: Stage, admin: Client) -> None:
    page = put(admin, stage, '{\n "acls": [}')

    assert "2줄 11칸: " in page
    assert 'data-fault-line="2"' in page
    assert "&quot;acls&quot;: [}" in page


def test_somebody_was_faster(stage: Stage, admin: Client) -> None:
    body = {"text": CLOSED, "base_sha256": "0" * 64, "go": "1"}

    page = admin.post(editor(stage), body).content.decode()

    assert "그사이에 바뀌었습니다" in page
    assert "아무도" in page
    assert stored(stage) == ""


def test_a_foreign_policy_is_taken_over_before_anything_is_set(stage: Stage, admin: Client) -> None:
    HeadscaleClient(("headscale",), stage.engine).set_policy(OPEN)
    stage.read_slowly("POLICY")

    refused = put(admin, stage, CLOSED, go="1")
    assert "먼저 가져와 판으로 남기십시오" in refused
    assert admin.post(editor(stage, "generate/")).status_code == 403

    admin.post(editor(stage, "adopt/"))

    assert PolicyVersion.objects.get().text == OPEN
    assert "격리 증명 안 됨" in admin.get(editor(stage)).content.decode()
    put(admin, stage, CLOSED, go="1")
    assert stored(stage) == CLOSED


def test_rolling_back_takes_one_button(stage: Stage, admin: Client) -> None:
    put(admin, stage, CLOSED, go="1")
    first = PolicyVersion.objects.get()
    admin.post(editor(stage, "generate/"), {"base_sha256": first.sha256})

    shown = admin.get(f"{LIST}{first.pk}/change/").content.decode()
    assert "이 정책으로 되돌리기" in shown
    assert "// 아무도" in shown
    admin.post(f"{LIST}{first.pk}/rollback/")

    assert stored(stage) == CLOSED
    newest = PolicyVersion.objects.order_by("-pk")[0]
    assert "이 정책으로 되돌리기" not in admin.get(f"{LIST}{newest.pk}/change/").content.decode()


def test_a_group_of_staff_is_saved_used_and_forgotten(stage: Stage, admin: Client) -> None:
    values = {"name": "support", "users": "visitor", "ports": "22, 3389", "protocol": "tcp"}

    refused = admin.post(editor(stage, "group/"), {**values, "users": "Bad!"}).content.decode()
    assert "사용자 이름은" in refused
    assert 'value="Bad!"' in refused
    admin.post(editor(stage, "group/"), values)
    group = StaffGroup.objects.get()
    assert (group.users, group.ports) == (["visitor"], ["22", "3389"])
    admin.post(editor(stage, "generate/"), {"base_sha256": ""})
    assert '"group:support"' in stored(stage)

    admin.post(editor(stage, "forget-group/"), {"group_id": group.pk})

    assert not StaffGroup.objects.exists()


def test_who_only_reads_is_offered_no_change(stage: Stage, admin: Client) -> None:
    viewer = Client()
    viewer.force_login(person("viewer", Role.VIEWER))

    page = viewer.get(editor(stage)).content.decode()
    body = {"text": CLOSED, "base_sha256": "", "go": "1"}

    assert "자동 정책 적용" not in page
    assert viewer.post(editor(stage), {"text": CLOSED}).status_code == 200
    assert viewer.post(editor(stage), body).status_code == 403
    assert viewer.post(editor(stage, "generate/")).status_code == 403
    assert admin.get(f"{LIST}server/999/").status_code == 404


def test_an_engine_that_begins_empty_begins_isolated(stage: Stage, admin: Client) -> None:
    begin_isolated()
    assert stored(stage) == ""  # It has machines: somebody decides.

    with platform_context():
        MachineProfile.objects.all().delete()
    begin_isolated()
    begin_isolated()

    assert "autogroup:self" in stored(stage)
    assert PolicyVersion.objects.get().created_by == "system:first-policy"


def test_a_beginning_that_failed_is_tried_again_within_two_hours(
    stage: Stage, admin: Client
) -> None:
    with platform_context():
        MachineProfile.objects.all().delete()
    stage.fault("down", "policy get", remaining=1)
    begin_isolated()
    begin_isolated()
    assert stored(stage) == ""
    assert PolicyVersion.objects.count() == 1

    PolicyVersion.objects.update(created_at=stage.soon(hours=-1, minutes=-1))
    begin_isolated()

    assert "autogroup:self" in stored(stage)


def test_an_engine_that_was_never_read_is_left_alone(stage: Stage) -> None:
    make_server("unread")
    with platform_context():
        MachineProfile.objects.all().delete()

    begin_isolated()

    assert not PolicyVersion.objects.exists()
