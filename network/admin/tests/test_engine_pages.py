"""Users, keys and the door of an engine: what staff of the platform can ask for on its pages."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from network.fleet.tests.stage import Stage
from network.headscale.simulator import config
from network.models import HeadscaleApiKey, HeadscalePreAuthKey, HeadscaleServer, HeadscaleUser
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)
USERS = "/admin/network/headscaleuser/"
SERVERS = "/admin/network/headscaleserver/"
COMMANDS = "/admin/network/headscalecommand/"
TOKEN = re.compile(r'name="token" value="([^"]+)"')


@pytest.fixture
def admin(stage: Stage) -> Client:
    client = Client()
    client.force_login(person("chief", Role.ADMINISTRATOR))
    return client


def server_url(action: str) -> str:
    return f"{SERVERS}{HeadscaleServer.objects.get().pk}/{action}/"


def user(name: str) -> HeadscaleUser:
    return HeadscaleUser.objects.get(name=name, gone_at=None)


def told(response: object) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]  # of the test client


def test_a_user_of_the_staff_is_made_renamed_and_removed(stage: Stage, admin: Client) -> None:
    admin.post(server_url("user"), {"user_name": "staff", "display_name": "직원"})
    stage.read_slowly("RELEASE", "USERS", "PREAUTH_KEYS", "API_KEYS")
    spare = user("staff")

    admin.post(f"{USERS}{spare.pk}/rename/", {"user_name": "helpers"})
    assert user("helpers").pk == spare.pk

    config.set_release(stage.config, "0.29.2")
    HeadscaleServer.objects.update(release="0.29.2", series="0.29")
    admin.post(f"{USERS}{spare.pk}/remove/")
    assert [command.state for command in stage.commands()] == ["SUCCEEDED"] * 3
    assert not HeadscaleUser.objects.filter(name="helpers", gone_at=None).exists()


def test_what_the_release_lacks_is_said_before_it_is_tried(stage: Stage, admin: Client) -> None:
    stage.read_slowly("RELEASE", "USERS", "PREAUTH_KEYS", "API_KEYS")
    pk = HeadscaleUser.objects.filter(gone_at=None).earliest("pk").pk
    reason = "엔진 0.28에서 사용자를 지우면 모든 사용자의 가입 키가 함께 지워집니다."

    page = admin.get(f"{USERS}{pk}/change/").content.decode()
    answer = admin.post(f"{USERS}{pk}/remove/")

    assert reason in page
    assert f'href="{USERS}{pk}/remove/"' not in page
    assert told(answer)[0].startswith(reason)
    assert stage.commands() == []


def test_a_users_page_tells_whose_it_is_its_machines_and_keys(stage: Stage, admin: Client) -> None:
    stage.read_slowly("RELEASE", "USERS", "PREAUTH_KEYS", "API_KEYS")
    with platform_context():
        machine = stage.machine(1)
    pk = HeadscaleUser.objects.get(headscale_user_id=machine.headscale_user_id or 0).pk

    page = admin.get(f"{USERS}{pk}/change/").content.decode()

    assert "연결됨" in page
    assert machine.name in page
    assert "가입 키가 없습니다." in page


def test_a_key_is_shown_once_to_who_ordered_it(stage: Stage, admin: Client) -> None:
    stage.read_slowly("RELEASE", "USERS", "PREAUTH_KEYS", "API_KEYS")
    pk = HeadscaleUser.objects.filter(gone_at=None).earliest("pk").pk

    page = admin.post(f"{USERS}{pk}/key/", {"lifetime": "24h", "reason": "새 PC"})

    text = page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert "hskey-auth-" in text
    assert not TOKEN.search(text)
    with platform_context():
        assert HeadscalePreAuthKey.objects.get().purpose == "새 PC"


def test_a_key_that_is_not_ready_yet_is_fetched_with_the_pages_token(
    stage: Stage, admin: Client
) -> None:
    stage.read_slowly("RELEASE", "USERS", "PREAUTH_KEYS", "API_KEYS")
    stage.broker.mode = "slow"

    waiting = admin.post(server_url("api-key"), {"lifetime": "90d", "reason": "감시"})
    token = TOKEN.search(waiting.content.decode())
    assert token
    number = stage.commands()[0].pk
    still = admin.post(f"{COMMANDS}{number}/secret/", {"token": token[1]})
    assert TOKEN.search(still.content.decode())

    stage.broker.deliver()
    first = admin.post(f"{COMMANDS}{number}/secret/", {"token": token[1]}).content.decode()
    again = admin.post(f"{COMMANDS}{number}/secret/", {"token": token[1]}).content.decode()

    prefix = HeadscaleApiKey.objects.get().prefix
    assert re.search(r'<code class="mono">\S{20,}</code>', first)
    assert prefix
    assert "비밀은 한 번만 보여 줍니다." in again


def test_another_token_or_none_opens_nothing(stage: Stage, admin: Client) -> None:
    admin.post(server_url("api-key"), {"lifetime": "90d", "reason": "감시"})
    number = stage.commands()[0].pk

    assert admin.get(f"{COMMANDS}{number}/secret/").status_code == 404
    assert admin.post(f"{COMMANDS}{number}/secret/").status_code == 404
    assert admin.post(f"{COMMANDS}999/secret/", {"token": "x"}).status_code == 404


def test_a_wrong_token_is_told(stage: Stage, admin: Client) -> None:
    stage.broker.mode = "slow"
    admin.post(server_url("api-key"), {"lifetime": "90d", "reason": "감시"})
    stage.broker.deliver()
    number = stage.commands()[0].pk

    page = admin.post(f"{COMMANDS}{number}/secret/", {"token": "A" * 43 + "="})

    assert "꺼내기 토큰이 맞지 않습니다." in page.content.decode()


def test_a_machine_for_nobody_is_refused_in_words(stage: Stage, admin: Client) -> None:
    values = {"user_name": "nobody", "auth_id": "a" * 24}

    page = admin.post(server_url("register"), values).content.decode()

    assert "그런 것이 없습니다. 그사이에 삭제되었을 수 있습니다." in page
    assert 'value="nobody"' in page


def test_an_operator_may_look_at_servers_but_is_offered_nothing(stage: Stage) -> None:
    client = Client()
    client.force_login(person("operator", Role.OPERATOR))

    page = client.get(server_url("change"))

    assert page.status_code == 200
    assert "엔진 API 키 만들기" not in page.content.decode()
    assert client.post(server_url("api-key"), {"reason": "x"}).status_code == 403
