"""`GET /api/dashboard/stats`: sums that hold, and a tag that changes only with the picture."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from pytest_django import DjangoAssertNumQueries, Settings

from network.fleet.queries import MOST_PROBLEMS
from network.fleet.tests.stage import COUNTER, GATEWAY, OTHER, STRANGER, Stage
from network.models import HeadscaleServer, MachineProfile
from network.tests.situations import isolate
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import browser, person, program, token_of
from pharmacies.models import Pharmacy
from pharmacies.tenancy import platform_context

PATH = "/api/dashboard/stats"
MACHINES = ("online", "offline", "expired", "unknown")
PHARMACIES = ("ok", "partial", "down", "checking", "closed", "planned", "unknown", "inactive")


@pytest.fixture(autouse=True)
def isolated(stage: Stage) -> None:
    with platform_context():
        isolate(stage.server)


def stats(stage: Stage) -> dict[str, Any]:
    data: dict[str, Any] = stage.client.get(PATH).json()["data"]
    assert data["total_machines"] == sum(data[f"{one}_machines"] for one in MACHINES)
    assert data["total_pharmacies"] == sum(data[f"pharmacies_{one}"] for one in PHARMACIES)
    return data


def change(node_id: int, **values: Any) -> None:
    with platform_context():
        MachineProfile.objects.filter(node_id=node_id).update(**values)


def test_one_machine_one_count(stage: Stage) -> None:
    change(GATEWAY, online=False)
    change(OTHER, expires_at=stage.soon(hours=-1))

    data = stats(stage)

    assert [data[f"{one}_machines"] for one in MACHINES] == [2, 1, 1, 0]
    assert data["total_machines"] == 4
    assert data["stale"] is False


def test_unknown_wins_over_everything(stage: Stage) -> None:
    change(OTHER, expires_at=stage.soon(hours=-1))
    HeadscaleServer.objects.update(confirmed_at=stage.soon(minutes=-5))

    data = stats(stage)

    assert [data[f"{one}_machines"] for one in MACHINES] == [0, 0, 0, 4]
    assert data["pharmacies_unknown"] == 2
    assert data["stale"] is True


def test_a_system_that_never_synchronised_knows_nothing(stage: Stage) -> None:
    HeadscaleServer.objects.update(confirmed_at=None)

    response = stage.client.get(PATH)

    assert response.json()["data"]["as_of"] is None
    assert response.json()["data"]["stale"] is True
    assert response.headers["FARMQ-As-Of"] == ""


@pytest.mark.parametrize(("away", "status"), [((), "ok"), ((1,), "partial"), ((1, 2), "down")])
def test_how_a_pharmacy_is(stage: Stage, away: tuple[int, ...], status: str) -> None:
    for node_id in away:
        change(node_id, online=False)

    data = stats(stage)

    assert data[f"pharmacies_{status}"] >= 1
    assert data["pharmacies_ok"] == (2 if status == "ok" else 1)
    assert data["pharmacies_checking"] == data["pharmacies_closed"] == 0
    assert data["pharmacies_planned"] == 0


def test_a_pharmacy_without_machines_is_inactive(stage: Stage) -> None:
    change(OTHER, gone_at=stage.soon())

    data = stats(stage)

    assert data["pharmacies_inactive"] == 1
    assert data["total_machines"] == 3


def test_an_expired_machine_is_not_there(stage: Stage) -> None:
    change(COUNTER, expires_at=stage.soon(hours=-1))

    assert stats(stage)["pharmacies_partial"] == 1


def test_counts_stand_at_the_top_level_too(stage: Stage) -> None:
    answer = stage.client.get(PATH).json()

    counts = {name for name in answer["data"] if name.startswith(("total", "pharmacies"))}
    assert {"online_machines", "offline_machines", *counts} <= set(answer)
    assert {answer[name] == answer["data"][name] for name in counts} == {True}
    assert answer["success"] is True


def test_the_tag_outlives_the_age(stage: Stage) -> None:
    first = stage.client.get(PATH)
    HeadscaleServer.objects.update(confirmed_at=stage.soon(seconds=1))

    second = stage.client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})

    assert second.status_code == 304
    assert second.content == b""
    assert second.headers["FARMQ-As-Of"] > first.headers["FARMQ-As-Of"]
    assert first.headers["FARMQ-As-Of"] == first.json()["data"]["as_of"]


@pytest.mark.parametrize("query", ["", "?with=problems"])
def test_the_tag_of_a_compressed_answer_is_known_again(stage: Stage, query: str) -> None:
    packed = {"Accept-Encoding": "gzip"}
    first = stage.client.get(PATH + query, headers=packed)

    known = packed | {"If-None-Match": first.headers["ETag"]}
    second = stage.client.get(PATH + query, headers=known)

    assert first.headers["Content-Encoding"] == "gzip"
    assert second.status_code == 304


@pytest.mark.parametrize("query", ["", "?with=problems"])
def test_the_tag_changes_with_the_picture(stage: Stage, query: str) -> None:
    tag = stage.client.get(PATH + query).headers["ETag"]
    change(STRANGER, online=False)

    response = stage.client.get(PATH + query, headers={"If-None-Match": tag})

    assert response.status_code == 200
    assert response.headers["ETag"] != tag


def test_the_tag_stays_while_ages_grow(stage: Stage) -> None:
    change(GATEWAY, online=False, state="OFFLINE", state_since_at=stage.soon(seconds=-50))

    first = stage.client.get(f"{PATH}?with=problems")
    with time_machine.travel(stage.soon(seconds=15)):
        second = stage.client.get(f"{PATH}?with=problems")

    shown = [one.json()["data"]["fragments"]["problems"] for one in (first, second)]
    assert "50초 전" in shown[0]
    assert "1분 전" in shown[1]
    assert first.headers["ETag"] == second.headers["ETag"]


def test_problems_come_heaviest_first_and_are_counted(stage: Stage) -> None:
    with platform_context():
        for number in range(MOST_PROBLEMS + 3):
            _half_dark(stage, number)

    data = stage.client.get(f"{PATH}?with=problems").json()["data"]

    assert data["problem_count"] == MOST_PROBLEMS + 3
    assert len(data["problems"]) == MOST_PROBLEMS
    assert [problem["title"] for problem in data["problems"]] == [
        f"약국 {number}" for number in reversed(range(3, MOST_PROBLEMS + 3))
    ]
    assert "그 밖에 3건" in data["fragments"]["problems"]
    assert set(data["fragments"]) == {"problems", "engines", "changes"}


def _half_dark(stage: Stage, number: int) -> None:
    """A pharmacy with one machine of two away; the later it is made, the longer it is so."""
    pharmacy = Pharmacy(company_id="GANA", pharmacy_name=f"약국 {number}")
    pharmacy.save()
    since_at = stage.soon() - timedelta(hours=number + 1)
    MachineProfile.objects.bulk_create(
        MachineProfile(
            server=stage.server,
            node_id=1000 + 2 * number + online,
            machine_key=f"mkey:{number}-{online}",
            company_code="GANA",
            pharmacy=pharmacy,
            name=f"m{number}-{online}",
            online=bool(online),
            state="ONLINE" if online else "OFFLINE",
            state_since_at=since_at,
            first_seen_at=since_at,
        )
        for online in (0, 1)
    )


def test_dark_pharmacies_wait_for_opening_hours(stage: Stage) -> None:
    change(OTHER, online=False)

    data = stage.client.get(f"{PATH}?with=problems").json()["data"]

    assert data["pharmacies_down"] == 1
    assert data["problems"] == []
    assert "영업시간" in data["fragments"]["problems"]


def test_one_silent_engine_leaves_the_word_of_the_others(stage: Stage) -> None:
    stage.second_server()
    before = stage.client.get(f"{PATH}?with=problems")
    HeadscaleServer.objects.filter(slug="second").update(confirmed_at=stage.soon(hours=-1))
    caches["moments"].clear()

    after = stage.client.get(f"{PATH}?with=problems")

    words = [one.json()["data"]["fragments"]["engines"] for one in (before, after)]
    assert [(text.count("정상"), text.count("확인 안 됨")) for text in words] == [(2, 0), (1, 1)]
    assert before.headers["ETag"] != after.headers["ETag"]


def test_an_engine_that_is_silent_comes_first(stage: Stage) -> None:
    change(GATEWAY, online=False)
    HeadscaleServer.objects.update(held_since_at=stage.soon())

    problems = stage.client.get(f"{PATH}?with=problems").json()["data"]["problems"]

    assert [problem["state"] for problem in problems] == ["unknown", "part"]


def test_a_held_list_leads_to_where_it_is_decided(stage: Stage) -> None:
    HeadscaleServer.objects.update(held_since_at=stage.soon())
    decider = browser(person("chief", Role.ADMINISTRATOR))

    data = stage.client.get(f"{PATH}?with=problems").json()["data"]

    page = decider.get(data["problems"][0]["url"]).content.decode()
    assert "확인 보류" in data["fragments"]["engines"]
    assert "목록 받아들이기" in page
    assert "목록 물리치기" in page


@pytest.mark.parametrize(("query", "most"), [("", 9), ("?with=problems", 10)])
def test_the_picture_costs_the_same_however_large(
    stage: Stage, query: str, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with platform_context():
        for number in range(30):
            _half_dark(stage, number)

    with django_assert_max_num_queries(most):
        assert stage.client.get(PATH + query).status_code == 200


def test_the_pages_of_a_moment_share_one_picture(
    stage: Stage, settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    settings.FARMQ_STATS_KEPT_S = 60
    first = stage.client.get(f"{PATH}?with=problems")
    change(GATEWAY, online=False)

    with django_assert_max_num_queries(2):
        again = stage.client.get(f"{PATH}?with=problems", headers={"If-None-Match": first["ETag"]})
    plain = stats(stage)
    caches["moments"].clear()
    later = stage.client.get(f"{PATH}?with=problems", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again["FARMQ-As-Of"]) == (304, first["FARMQ-As-Of"])
    assert plain["offline_machines"] == 1  # Asked for in another form: a picture of its own.
    assert later.status_code == 200


def test_no_company_gets_the_picture_of_another(stage: Stage, settings: Settings) -> None:
    settings.FARMQ_STATS_KEPT_S = 60
    everything = stats(stage)

    theirs = {
        code: browser(person(code, Role.VIEWER, code)).get(PATH).json()["data"]["total_machines"]
        for code in ("GANA", "NADA")
    }

    assert everything["total_machines"] == 4
    assert theirs == {"GANA": 2, "NADA": 1}


def test_each_language_has_its_own(stage: Stage, settings: Settings) -> None:
    settings.FARMQ_STATS_KEPT_S = 60
    HeadscaleServer.objects.update(held_since_at=stage.soon())

    words = [
        stage.client.get(f"{PATH}?with=problems", headers={"Accept-Language": language}).json()[
            "data"
        ]["problems"][0]["word"]
        for language in ("ko", "en")
    ]

    assert words == ["확인 보류", "Held"]


@pytest.mark.parametrize(
    ("scopes", "company", "status"),
    [
        (["machines:read"], None, 403),
        (["machines:read", "commands:read"], None, 403),
        (["machines:read", "commands:read", "policy:read"], None, 200),
        (["machines:read"], "GANA", 403),
        (["machines:read", "commands:read"], "GANA", 200),
    ],
)
def test_problems_tell_more_than_machines(
    stage: Stage, scopes: list[str], company: str | None, status: int
) -> None:
    client = program(token_of(person("some", Role.OPERATOR), scopes, company_code=company))

    assert client.get(PATH).status_code == 200
    assert client.get(f"{PATH}?with=problems").status_code == status
