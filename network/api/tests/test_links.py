"""Where machines stand and whose users are whose, through the API; commands and runs in lists."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from network.fleet.tests.stage import COUNTER, STRANGER, Stage
from network.models import HeadscaleUser, MachineProfile, PharmacyLink
from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import browser, person
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)


def user_number(stage: Stage, name: str) -> int:
    stage.read_slowly("USERS")
    return HeadscaleUser.objects.get(name=name).pk


class TestAssignment:
    def test_a_stranger_gets_a_place_and_loses_it(self, stage: Stage) -> None:
        path = f"/api/nodes/{STRANGER}/assign"

        placed = stage.client.post(path, {"pharmacy": stage.gana.pk}, format="json")
        company = stage.machine(STRANGER).company_code
        taken = stage.client.post(path, {"pharmacy": None}, format="json")

        assert placed.json()["data"]["pharmacy"]["name"] == "가나약국"
        assert company == "GANA"
        assert taken.json()["data"]["pharmacy"] is None
        assert stage.machine(STRANGER).company_code is None
        with platform_context():
            assert AuditEvent.objects.filter(action="machine.assign").count() == 2

    def test_both_companies_hear_of_a_machine_that_goes_from_one_to_the_other(
        self, stage: Stage
    ) -> None:
        stage.client.post("/api/nodes/2/assign", {"pharmacy": stage.nada.pk}, format="json")

        with platform_context():
            events = AuditEvent.objects.filter(action="machine.assign")
            told = {event.company_code: event.details for event in events}
        assert told == {"GANA": {"pharmacy_id": None}, "NADA": {"pharmacy_id": stage.nada.pk}}

    def test_a_machine_that_left_meanwhile_is_not_taken_from_where_it_went(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def meanwhile(*_arguments: object, **_options: object) -> None:
            with platform_context():
                rows = MachineProfile.objects.filter(node_id=COUNTER)
                rows.update(pharmacy=stage.nada, company_code="NADA")

        monkeypatch.setattr("network.fleet.operations.require", meanwhile)
        answer = stage.client.post(
            f"/api/nodes/{COUNTER}/assign", {"pharmacy": stage.gana.pk}, format="json"
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "base_changed")
        assert stage.machine(COUNTER).company_code == "NADA"
        with platform_context():
            assert not AuditEvent.objects.filter(action="machine.assign").exists()

    def test_an_operator_of_a_company_places_within_it(self, stage: Stage) -> None:
        client = browser(person("gana", Role.OPERATOR, "GANA"))

        own = client.post("/api/nodes/2/assign", {"pharmacy": stage.gana.pk}, format="json")
        foreign = client.post("/api/nodes/2/assign", {"pharmacy": stage.nada.pk}, format="json")

        assert own.status_code == 200
        assert foreign.status_code == 404
        assert stage.machine(COUNTER).pharmacy_id == stage.gana.pk

    @pytest.mark.parametrize("body", [{}, {"pharmacy": 0}, {"pharmacy": "x"}])
    def test_a_place_has_to_be_named(self, stage: Stage, body: dict[str, object]) -> None:
        response = stage.client.post("/api/nodes/2/assign", body, format="json")

        assert response.status_code == 400
        assert list(response.json()["details"]["fields"]) == ["pharmacy"]


class TestLinks:
    def test_parting_and_joining_a_pharmacy_and_its_user(self, stage: Stage) -> None:
        link = stage.client.get("/api/links").json()["data"][0]
        user = user_number(stage, "gana")

        parted = stage.client.delete(f"/api/links/{link['link']}")
        with platform_context():
            MachineProfile.objects.filter(node_id=COUNTER).update(pharmacy=None, company_code=None)
        order = {"pharmacy": stage.gana.pk, "user": user}
        joined = stage.client.post("/api/links", order, format="json")

        assert (link["pharmacy_name"], link["user_name"]) == ("가나약국", "gana")
        assert parted.status_code == 200
        assert joined.json()["data"]["user_name"] == "gana"
        # Whoever came with that user stands in the pharmacy at once.
        assert stage.machine(COUNTER).pharmacy_id == stage.gana.pk

    def test_neither_is_linked_twice(self, stage: Stage) -> None:
        order = {"pharmacy": stage.gana.pk, "user": user_number(stage, "visitor")}

        response = stage.client.post("/api/links", order, format="json")

        assert response.status_code == 409
        assert response.json()["code"] == "already_linked"
        with platform_context():
            assert PharmacyLink.objects.count() == 2
            assert not AuditEvent.objects.filter(
                action="pharmacy.link", actor_label__startswith="token"
            ).exists()

    def test_a_user_is_not_two_pharmacies(self, stage: Stage) -> None:
        body = {"company_code": "NADA", "pharmacy_name": "새 약국"}
        new = stage.client.post("/api/pharmacies", body).json()["data"]["id"]
        order = {"pharmacy": new, "user": user_number(stage, "gana")}

        response = stage.client.post("/api/links", order, format="json")

        assert (response.status_code, response.json()["code"]) == (409, "already_linked")
        assert stage.machine(COUNTER).pharmacy_id == stage.gana.pk

    @pytest.mark.parametrize("missing", ["pharmacy", "user"])
    def test_what_is_not_there_is_not_found(self, stage: Stage, missing: str) -> None:
        order = {"pharmacy": stage.gana.pk, "user": user_number(stage, "gana")}

        response = stage.client.post("/api/links", order | {missing: 999_999}, format="json")

        assert response.status_code == 404

    def test_what_is_broken_is_told_and_mended(self, stage: Stage) -> None:
        user_number(stage, "gana")
        HeadscaleUser.objects.filter(name="gana").update(name="gana-renamed")

        (found,) = stage.client.get("/api/links/broken").json()["data"]
        order = {"code": found["code"], "number": found["number"]}
        mended = stage.client.post("/api/links/repair", order)
        again = stage.client.post("/api/links/repair", order)

        assert found["code"] == "user_renamed"
        assert "gana-renamed" in found["sentence"]
        assert mended.status_code == 200
        assert stage.client.get("/api/links/broken").json()["data"] == []
        assert (again.status_code, again.json()["code"]) == (409, "link_holds")
        with platform_context():
            assert PharmacyLink.objects.get(pharmacy=stage.gana).headscale_user_name == (
                "gana-renamed"
            )

    @pytest.mark.parametrize("body", [{}, {"code": "user_renamed", "number": 1}])
    def test_whoever_may_not_mend_is_told_nothing_of_the_body(
        self, stage: Stage, body: dict[str, object]
    ) -> None:
        client = browser(person("gana", Role.OPERATOR, "GANA"))

        response = client.post("/api/links/repair", body, format="json")

        assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


class TestCommands:
    def test_newest_first_with_filters(self, stage: Stage) -> None:
        stage.client.post("/api/nodes/2/rename", {"new_name": "gana-till"})
        stage.client.post("/api/nodes/3/expire", {})

        def kinds(query: str) -> list[str]:
            answer = stage.client.get(f"/api/commands?{query}").json()
            return [one["kind"] for one in answer["data"]]

        machine = stage.machine(COUNTER).pk
        assert kinds("") == ["EXPIRE_NODE", "RENAME_NODE"]
        assert kinds("kind=RENAME_NODE") == ["RENAME_NODE"]
        assert kinds("state=FAILED") == []
        assert kinds(f"machine={machine}") == ["RENAME_NODE"]
        assert kinds("server=default") == ["EXPIRE_NODE", "RENAME_NODE"]
        assert kinds("server=other") == []

    @pytest.mark.parametrize("query", ["kind=DANCE", "state=done", "machine=x", "server=%00"])
    def test_a_wrong_filter_is_named(self, stage: Stage, query: str) -> None:
        response = stage.client.get(f"/api/commands?{query}")

        assert response.status_code == 400
        assert list(response.json()["details"]["fields"]) == [query.split("=", maxsplit=1)[0]]

    def test_a_company_sees_its_own(self, stage: Stage) -> None:
        stage.client.post("/api/nodes/2/rename", {"new_name": "gana-till"})
        stage.client.post("/api/nodes/3/expire", {})

        answer = browser(person("gana", Role.VIEWER, "GANA")).get("/api/commands").json()

        assert [one["target"] for one in answer["data"]] == ["gana-counter"]

    def test_a_full_lane_costs_no_more_statements(
        self, stage: Stage, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        stage.broker.mode = "slow"
        for number in range(12):
            stage.client.post("/api/nodes/2/rename", {"new_name": f"gana-{number}"})

        with django_assert_max_num_queries(6):
            answer = stage.client.get("/api/commands").json()

        assert {one["state"] for one in answer["data"]} == {"QUEUED"}
        assert len(answer["data"]) == 12


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("routes", 4),
        ("views", 4),
        ("links", 4),
        ("links/broken", 6),
        ("nodes/1/transitions", 6),
        ("servers/default/syncs", 6),
    ],
)
def test_more_rows_cost_no_more_statements(
    stage: Stage, django_assert_max_num_queries: DjangoAssertNumQueries, path: str, most: int
) -> None:
    user_number(stage, "gana")
    for online in (False, True, False):
        stage.set_online(1, online=online)
    with platform_context():
        MachineProfile.objects.update(announced_routes=["10.1.0.0/16"], pharmacy=stage.nada)
    for name in ("하나", "둘", "셋"):
        stage.client.post("/api/views", {"name": name, "query": ""})

    with django_assert_max_num_queries(most):
        answer = stage.client.get(f"/api/{path}").json()

    assert len(answer["data"]) > 1


class TestServers:
    def test_its_gauge(self, stage: Stage) -> None:
        gauge = stage.client.get("/api/servers/default").json()["data"]["gauge"]

        assert gauge["machines"] == 4
        assert gauge["list_bytes"] > 0
        assert 0 < gauge["list_share"] < 0.01
        assert gauge["warnings"] == []

    @pytest.mark.parametrize("slug", ["other", "%00", "가", "%F0%9F%92%8A", "a" * 500])
    @pytest.mark.parametrize("path", ["", "/syncs"])
    def test_one_that_is_not_there(self, stage: Stage, slug: str, path: str) -> None:
        assert stage.client.get(f"/api/servers/{slug}{path}").status_code == 404

    @pytest.mark.parametrize("path", ["users", "policy", "policy/versions", "nodes/1"])
    def test_one_that_is_asked_for_and_not_there(self, stage: Stage, path: str) -> None:
        for slug in ("other", "%00"):
            assert stage.client.get(f"/api/{path}?server={slug}").status_code == 404

    def test_its_synchronisations(self, stage: Stage) -> None:
        stage.fault("down")
        stage.sync()

        runs = stage.client.get("/api/servers/default/syncs").json()["data"]

        assert [run["outcome"] for run in runs] == ["FAILED", "APPLIED"]
        assert runs[0]["error_code"] == "engine_unreachable"
        assert (runs[1]["machines"], runs[1]["online"]) == (4, 4)
