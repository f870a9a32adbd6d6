"""The list of machines and one machine's page, as the operator uses them."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from network.fleet.tests.stage import COUNTER, GATEWAY, OTHER, STRANGER, Stage
from network.models import HeadscalePreAuthKey, HeadscaleServer, MachineProfile
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.models import Pharmacy
from pharmacies.tenancy import platform_context

LIST = "/admin/network/machineprofile/"
HOSTILE = [
    "<script>document.title='x'</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "{{ settings.SECRET_KEY }}",
    "javascript:alert(1)",
    "`${alert(1)}`",
    "\u202egnp.exe",
    "x" * 5000,
]


@pytest.fixture
def operator(stage: Stage) -> Client:
    client = Client()
    client.force_login(person("operator", Role.OPERATOR))
    return client


def shown(client: Client, query: str = "") -> list[str]:
    """The names in the list, in their order."""
    page = client.get(f"{LIST}{query}").content.decode()
    names = r'/admin/network/machineprofile/\d+/change/[^"]*"[^>]*>\s*([^<]+?)\s*<'
    return re.findall(names, page)


def change(node_id: int, **values: object) -> None:
    with platform_context():
        MachineProfile.objects.filter(node_id=node_id).update(**values)


def fill(stage: Stage, number: int) -> None:
    one = stage.machine(STRANGER)
    with platform_context():
        MachineProfile.objects.bulk_create(
            MachineProfile(
                server=one.server,
                node_id=100 + place,
                machine_key=f"mkey:{place}",
                name=f"more-{place:03d}",
                pharmacy=stage.gana,
                company_code="GANA",
                state_since_at=one.state_since_at,
                first_seen_at=one.first_seen_at,
            )
            for place in range(number)
        )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["gana-counter", "gana-gateway", "nada-counter", "stranger"]),
        ("?q=gana", ["gana-counter", "gana-gateway"]),
        ("?q=나다약국", ["nada-counter"]),
        ("?q=gana+counter", ["gana-counter"]),
        ("?status=online", ["gana-counter", "nada-counter", "stranger"]),
        ("?status=offline", ["gana-gateway"]),
        ("?status=unknown", []),
        ("?assigned=no", ["stranger"]),
        ("?assigned=yes", ["gana-counter", "gana-gateway", "nada-counter"]),
        ("?expiring=7", ["nada-counter"]),
        ("?expiring=30", ["gana-counter", "nada-counter"]),
    ],
)
def test_the_list(stage: Stage, operator: Client, query: str, names: list[str]) -> None:
    change(GATEWAY, online=False)
    change(COUNTER, expires_at=stage.soon(days=20))
    change(3, expires_at=stage.soon(days=5))

    assert shown(operator, query) == names


def test_machines_of_one_pharmacy(stage: Stage, operator: Client) -> None:
    assert shown(operator, f"?pharmacy={stage.nada.pk}") == ["nada-counter"]


def test_pages_of_fifty(stage: Stage, operator: Client) -> None:
    fill(stage, 60)

    assert len(shown(operator)) == 50
    assert len(shown(operator, "?p=2")) == 14


@pytest.mark.parametrize(
    ("values", "confirmed_s", "state", "word"),
    [
        ({"online": True}, -1, "ok", "온라인"),
        ({"online": False}, -1, "closed", "오프라인"),
        ({"online": False, "expires_at": "past"}, -1, "ended", "만료"),
        ({"online": True, "expires_at": "past"}, -1, "part", "만료됐지만 아직 연결됨"),
        ({"online": True}, -600, "unknown", "알 수 없음, 마지막에 온라인"),
    ],
)
def test_a_state_is_shape_word_and_age(
    stage: Stage,
    operator: Client,
    values: dict[str, object],
    confirmed_s: int,
    state: str,
    word: str,
) -> None:
    if "expires_at" in values:
        values = values | {"expires_at": stage.soon(hours=-1)}
    change(GATEWAY, **values)
    HeadscaleServer.objects.update(confirmed_at=stage.soon(seconds=confirmed_s))

    page = operator.get(f"{LIST}?q=gana-gateway").content.decode()

    chip = page[page.index('class="chip chip-') :]
    assert chip.startswith(f'class="chip chip-{state}"')
    assert f'<span class="chip-word">{word}</span>' in chip
    assert "data-age" in chip.split("</tr>")[0]


def test_the_list_costs_the_same_however_long(
    stage: Stage, operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    fill(stage, 120)

    with django_assert_max_num_queries(9):
        assert operator.get(LIST).status_code == 200


def test_the_list_of_pharmacies_too(
    stage: Stage, operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with platform_context():
        Pharmacy.objects.bulk_create(
            Pharmacy(company_id="GANA", pharmacy_name=f"약국 {place}") for place in range(60)
        )

    with django_assert_max_num_queries(8):
        assert operator.get("/admin/pharmacies/pharmacy/").status_code == 200


def test_one_machines_page(
    stage: Stage, operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    url = f"{LIST}{stage.machine(GATEWAY).pk}/change/"
    with django_assert_max_num_queries(11):
        response = operator.get(url)

    page = response.content.decode()
    assert page.count('<li class="uptime-') == 90
    assert "<h1>gana-gateway</h1>" in page
    assert "가나약국" in page
    assert "처음 보임" in page
    assert stage.machine(GATEWAY).addresses[0] in page


def test_one_machines_page_with_everything(
    stage: Stage, operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    machine = stage.machine(GATEWAY)
    with platform_context():
        HeadscalePreAuthKey.objects.create(
            server=machine.server, key_id=5, purpose="교체", confirmed_at=machine.first_seen_at
        )
    change(
        GATEWAY,
        announced_routes=["10.0.0.0/8"],
        replaced_by=stage.machine(OTHER),
        preauth_key_id=5,
    )
    change(COUNTER, replaced_by=machine, announced_routes=["10.1.0.0/16"])

    with django_assert_max_num_queries(12):
        page = operator.get(f"{LIST}{machine.pk}/change/").content.decode()

    assert "10.0.0.0/8" in page
    assert "겹침: " in page
    assert "교체" in page
    assert "앞선 머신" in page
    assert "바꾼 머신" in page


def test_a_successor_of_another_company_is_not_named(stage: Stage, operator: Client) -> None:
    change(GATEWAY, replaced_by=stage.machine(OTHER))
    client = Client()
    client.force_login(person("gana", Role.OPERATOR, "GANA"))
    url = f"{LIST}{stage.machine(GATEWAY).pk}/change/"

    theirs, ours = (asked.get(url).content.decode() for asked in (client, operator))
    told = client.get("/api/nodes/1").json()["data"]

    assert "<h1>gana-gateway</h1>" in theirs
    assert "nada-counter" not in theirs
    assert told["replaced_by"] is None
    assert "nada-counter" in ours


class Page(HTMLParser):
    """Counts what a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.handlers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.handlers += [v for n, v in attrs if v and n in ("href", "src") and "alert" in v]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
def test_text_of_devices_stays_text(stage: Stage, operator: Client, text: str) -> None:
    machine = stage.machine(GATEWAY)
    paths = [LIST, f"{LIST}{machine.pk}/change/", f"{LIST}{machine.pk}/remove/", "/admin/"]
    plain = [Page(operator.get(path).content.decode()) for path in paths]
    change(GATEWAY, name=text[:255], hostname=text, user_name=text, tags=[text], addresses=[text])
    machine.transitions.update(from_state="OFFLINE")

    bent = [operator.get(path).content.decode() for path in paths]

    for before, after in zip(plain, bent, strict=True):
        page = Page(after)
        assert page.tags.get("script") == before.tags.get("script")
        assert page.tags.get("img") == before.tags.get("img")
        assert page.tags.get("svg") == before.tags.get("svg")
        assert page.handlers == before.handlers
    assert text[:40] in unescape(bent[1])


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
def test_text_of_devices_is_data_in_json(stage: Stage, text: str) -> None:
    change(GATEWAY, name=text[:255], hostname=text, online=False)
    with platform_context():
        Pharmacy.objects.filter(pk=stage.gana.pk).update(pharmacy_name=text[:100])

    node = stage.client.get("/api/nodes/1")
    stats = stage.client.get("/api/dashboard/stats?with=problems")

    assert node.headers["Content-Type"] == "application/json"
    assert node.json()["data"]["hostname"] == text
    fragment = Page(stats.json()["data"]["fragments"]["problems"])
    assert not {"script", "img", "svg"} & set(fragment.tags)
    assert fragment.handlers == []


@pytest.mark.django_db(transaction=True)
def test_the_key_it_joined_with_is_named(stage: Stage, operator: Client) -> None:
    stage.client.post(f"/api/pharmacy/{stage.gana.pk}/preauth-key", {"reason": "새 컴퓨터"})
    stage.read_slowly("PREAUTH_KEYS")
    with platform_context():
        key = HeadscalePreAuthKey.objects.get(pharmacy=stage.gana)
        MachineProfile.objects.filter(node_id=GATEWAY).update(preauth_key_id=key.key_id)
        MachineProfile.objects.filter(node_id=COUNTER).update(preauth_key_id=999)

    known = operator.get(f"{LIST}{stage.machine(GATEWAY).pk}/change/").content.decode()
    gone = operator.get(f"{LIST}{stage.machine(COUNTER).pk}/change/").content.decode()

    assert f">#{key.key_id}</a> 새 컴퓨터" in known
    assert "#999" in gone
