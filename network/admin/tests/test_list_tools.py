"""Beside the machine list: its file, saved views, and the page of all routes."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from network import queries
from network.admin.machine_file import cells
from network.admin.paging import FirstPagePaginator
from network.fleet.tests.stage import COUNTER, GATEWAY, OTHER, Stage
from network.models import MachineProfile, SavedView
from pharmacies.access.models import User
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/network/machineprofile/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator(stage: Stage) -> Client:
    return signed_in(person("operator", Role.OPERATOR))


def change(node_id: int, **values: object) -> None:
    with platform_context():
        MachineProfile.objects.filter(node_id=node_id).update(**values)


def rows(client: Client, query: str = "") -> list[list[str]]:
    response = client.get(f"{LIST}file/{query}")
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


class TestFile:
    def test_the_rows_of_the_list(self, stage: Stage, operator: Client) -> None:
        head, *lines = rows(operator)

        assert head[:2] == ["이름", "상태"]
        names = ["gana-counter", "gana-gateway", "nada-counter", "stranger"]
        assert [line[0] for line in lines] == names
        assert lines[0][1] == "온라인"

    def test_the_filters_of_the_address(self, stage: Stage, operator: Client) -> None:
        assert [line[0] for line in rows(operator, "?assigned=no")[1:]] == ["stranger"]
        assert [line[0] for line in rows(operator, "?q=gateway")[1:]] == ["gana-gateway"]

    def test_a_company_gets_its_own(self, stage: Stage) -> None:
        client = signed_in(person("gana-op", Role.OPERATOR, "GANA"))

        assert {line[0] for line in rows(client)[1:]} == {"gana-counter", "gana-gateway"}

    def test_no_cell_starts_a_formula(self, stage: Stage, operator: Client) -> None:
        change(COUNTER, hostname='=HYPERLINK("http://evil.example")', notes="@SUM(1)")

        line = next(line for line in rows(operator)[1:] if line[0] == "gana-counter")

        assert line[10].startswith("'=")
        assert line[12] == "'@SUM(1)"

    def test_a_wrong_filter_leads_back(self, stage: Stage, operator: Client) -> None:
        assert operator.get(f"{LIST}file/?nonsense__x=1").status_code == 302

    @pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\0=1"])
    def test_every_beginning_of_a_formula(self, text: str) -> None:
        assert cells([text])[0].startswith("'")


class TestSavedViews:
    def save(self, client: Client, name: str, query: str) -> list[str]:
        answer = client.post(f"{LIST}views/save/", {"name": name, "query": query})
        return [str(message) for message in get_messages(answer.wsgi_request)]

    def test_one_is_kept_shown_and_deleted(self, stage: Stage, operator: Client) -> None:
        self.save(operator, " 꺼진  카운터 ", "status=offline&q=counter&p=3")

        view = SavedView.objects.get()
        assert (view.name, view.query) == ("꺼진 카운터", "q=counter&status=offline")
        assert f"{LIST}?q=counter&amp;status=offline" in operator.get(LIST).content.decode()

        operator.post(f"{LIST}views/{view.pk}/forget/")
        assert not SavedView.objects.exists()

    def test_the_same_name_is_overwritten(self, stage: Stage, operator: Client) -> None:
        self.save(operator, "a", "q=1")
        self.save(operator, "a", "q=2")

        assert SavedView.objects.get().query == "q=2"

    def test_views_are_ones_own(self, stage: Stage, operator: Client) -> None:
        self.save(operator, "mine", "q=1")
        other = signed_in(person("other", Role.OPERATOR))
        number = SavedView.objects.get().pk

        assert "mine" not in other.get(LIST).content.decode()
        assert other.post(f"{LIST}views/{number}/forget/").status_code == 404
        assert SavedView.objects.exists()

    @pytest.mark.parametrize(
        ("name", "query"),
        [
            ("", "q=1"),
            (" ", "q=1"),
            ("x" * 51, ""),
            ("a\u202eb", ""),
            ("a", "q=" + "x" * 1001),
        ],
    )
    def test_nonsense_is_refused_in_words(
        self, stage: Stage, operator: Client, name: str, query: str
    ) -> None:
        assert self.save(operator, name, query)[0].endswith("다.")
        assert not SavedView.objects.exists()

    def test_not_without_end(self, stage: Stage, operator: Client) -> None:
        user = User.objects.get(username="operator")
        SavedView.objects.bulk_create(SavedView(user=user, name=str(n)) for n in range(30))

        assert self.save(operator, "one more", "") == ["보기는 30개까지 저장할 수 있습니다."]


class TestRoutes:
    @pytest.fixture(autouse=True)
    def _routes(self, stage: Stage) -> None:
        lan = ["192.168.0.0/24"]
        change(GATEWAY, announced_routes=lan, approved_routes=lan, serving_routes=lan)
        change(COUNTER, announced_routes=["0.0.0.0/0"])
        change(OTHER, announced_routes=["192.168.0.0/16"])

    def test_all_of_them_with_their_overlaps(self, stage: Stage, operator: Client) -> None:
        page = operator.get(f"{LIST}routes/").content.decode()

        assert "모두 3" in page
        assert "승인을 기다림 2" in page
        assert "겹침 2" in page
        assert "모든 곳으로 가는 길" in page
        assert f'href="{LIST}{stage.machine(OTHER).pk}/routes/"' in page

    def test_a_part_of_them(self, stage: Stage, operator: Client) -> None:
        page = operator.get(f"{LIST}routes/?show=waiting").content.decode()

        assert "192.168.0.0/16" in page
        assert f"{LIST}{stage.machine(GATEWAY).pk}/change/" not in page

    def test_what_everybody_has_is_told_a_few_times_and_counted(
        self, stage: Stage, operator: Client
    ) -> None:
        machine, lan = stage.machine(COUNTER), ["192.168.0.0/24"]
        with platform_context():
            MachineProfile.objects.bulk_create(
                MachineProfile(
                    server=machine.server,
                    node_id=100 + place,
                    machine_key=f"mkey:{place}",
                    name=f"gana-more-{place}",
                    pharmacy=stage.gana,
                    company_code="GANA",
                    state_since_at=machine.state_since_at,
                    first_seen_at=machine.first_seen_at,
                    announced_routes=lan,
                )
                for place in range(5)
            )

        page = operator.get(f"{LIST}routes/?show=overlapping").content.decode()

        # Seven machines, each of which overlaps with the six others.
        assert page.count("겹침: ") == 7 * 3
        assert page.count("그 밖에 3건이 더 있습니다.") == 7

    def test_a_long_list_is_shown_in_pages(self, stage: Stage, operator: Client) -> None:
        change(GATEWAY, announced_routes=[f"10.{n // 250}.{n % 250}.0/24" for n in range(250)])

        pages = [
            operator.get(f"{LIST}routes/?show=waiting&page={number}").content.decode()
            for number in (1, 3, 99, "x")
        ]

        gateway = f"{LIST}{stage.machine(GATEWAY).pk}/change/"
        assert [page.count(gateway) for page in pages] == [99, 51, 51, 99]
        assert all("승인을 기다림 252" in page for page in pages)
        assert 'href="?show=waiting&amp;page=2"' in pages[0]
        assert "10.0.249.0/24" in pages[1]

    def test_a_stranger_overlaps_without_a_name(self, stage: Stage) -> None:
        client = signed_in(person("gana-op", Role.OPERATOR, "GANA"))

        page = client.get(f"{LIST}routes/").content.decode()

        assert "다른 약국의 머신" in page
        assert "nada" not in page

    def test_it_costs_few_statements(
        self, stage: Stage, operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(6):
            operator.get(f"{LIST}routes/")


@pytest.mark.parametrize(("rows", "page", "counted"), [(3, 1, 3), (4, 1, 4), (9, 1, 9), (9, 3, 1)])
def test_the_first_page_is_read_once_and_counts_itself(rows: int, page: int, counted: int) -> None:
    paginator = FirstPagePaginator(list(range(rows)), 4)

    assert paginator.count == rows
    assert len(paginator.page(page)) == min(4, counted)
    assert paginator.num_pages == -(-rows // 4)


@pytest.mark.parametrize("text", ["gana-gateway", "nobody", ""])
def test_a_short_list_is_not_counted_apart(
    stage: Stage, text: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with platform_context():
        rows = queries.matching(queries.machines(at=stage.soon()), text=text).order_by("pk")

        with django_assert_num_queries(1):
            paginator = FirstPagePaginator(rows, 50)
            assert len(paginator.page(1)) == paginator.count
