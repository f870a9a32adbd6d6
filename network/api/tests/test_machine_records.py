"""What people know of a machine and how it was, through the API; and their saved views."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from network.fleet.tests.stage import COUNTER, GATEWAY, STRANGER, Stage
from network.models import MachineProfile, MachineState, SyncGap
from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import browser, person, program, token_of
from pharmacies.tenancy import platform_context

SEOUL = ZoneInfo("Asia/Seoul")


def state(stage: Stage, at: datetime | str, node: int = GATEWAY) -> Any:
    text = at if isinstance(at, str) else at.isoformat()
    return stage.client.get(f"/api/nodes/{node}/state", {"at": text}).json()


def history(stage: Stage, *intervals: tuple[str, int, int | None]) -> None:
    """Let the gateway's past be these: a state, and the minutes ago of its begin and end."""
    with platform_context():
        machine = stage.machine(GATEWAY)
        MachineState.objects.filter(machine=machine).delete()
        for word, begin, end in intervals:
            MachineState.objects.create(
                machine=machine,
                state=word,
                started_at=stage.soon(minutes=-begin),
                ended_at=None if end is None else stage.soon(minutes=-end),
                generation=1,
            )


class TestDescribing:
    def test_role_and_notes(self, stage: Stage) -> None:
        body = {"role": "counter", "notes": "2층 접수대"}

        response = stage.client.post("/api/nodes/2/describe", body)

        assert response.status_code == 200
        assert response.json()["message"] == "적어 두었습니다."
        assert response.json()["data"]["role"] == "counter"
        assert response.json()["data"]["notes"] == "2층 접수대"
        assert stage.machine(COUNTER).role == "COUNTER"
        assert stage.client.get("/api/nodes/2").json()["data"]["notes"] == "2층 접수대"
        assert stage.commands() == []
        with platform_context():
            assert AuditEvent.objects.filter(action="machine.describe").count() == 1

    def test_what_is_left_out_stays(self, stage: Stage) -> None:
        stage.client.post("/api/nodes/2/describe", {"role": "counter", "notes": "2층"})

        stage.client.post("/api/nodes/2/describe", {"role": "pos"})
        told = stage.client.post("/api/nodes/2/describe", {"notes": ""}).json()["data"]

        assert (told["role"], told["notes"]) == ("pos", "")

    @pytest.mark.parametrize(
        ("body", "name"),
        [({"role": "boss"}, "role"), ({"notes": "가" * 4001}, "notes"), ({"rolle": ""}, "rolle")],
    )
    def test_a_wrong_field_is_named(self, stage: Stage, body: dict[str, str], name: str) -> None:
        response = stage.client.post("/api/nodes/2/describe", body)

        assert response.status_code == 400
        assert list(response.json()["details"]["fields"]) == [name]
        assert stage.machine(COUNTER).role == ""

    def test_a_repeated_request_is_answered_and_not_done_again(self, stage: Stage) -> None:
        key = {"Idempotency-Key": "describe-1"}
        body = {"notes": "한 번"}
        first = stage.client.post("/api/nodes/2/describe", body, headers=key)
        stage.client.post("/api/nodes/2/describe", {"notes": "그 뒤"})

        again = stage.client.post("/api/nodes/2/describe", body, headers=key)

        assert again.json()["data"] == first.json()["data"]
        assert stage.machine(COUNTER).notes == "그 뒤"


@pytest.mark.django_db(transaction=True)
class TestDetail:
    def test_a_name_is_suggested_for_a_korean_device(self, stage: Stage) -> None:
        with platform_context():
            MachineProfile.objects.filter(node_id=COUNTER).update(hostname="접수대-피씨")
            MachineProfile.objects.filter(node_id=GATEWAY).update(name=f"p{stage.gana.pk:04d}-pc-1")

        told = stage.client.get("/api/nodes/2").json()["data"]

        assert told["suggested_name"] == f"p{stage.gana.pk:04d}-pc-2"
        response = stage.client.post("/api/nodes/2/rename", {"new_name": told["suggested_name"]})
        assert response.status_code == 200
        assert (
            stage.client.get("/api/nodes/2").json()["data"]["suggested_name"]
            == (told["suggested_name"])
        )

    @pytest.mark.parametrize(("number", "suggested"), [("7", "7"), ("x", "1")])
    def test_a_name_that_follows_the_rules_already_stays(
        self, stage: Stage, number: str, suggested: str
    ) -> None:
        stem = f"p{stage.gana.pk:04d}-pc-"
        with platform_context():
            rows = MachineProfile.objects.filter(node_id=COUNTER)
            rows.update(hostname="접수대-피씨", name=f"{stem}{number}")

        told = stage.client.get("/api/nodes/2").json()["data"]

        assert told["suggested_name"] == f"{stem}{suggested}"

    def test_who_took_whose_place(self, stage: Stage) -> None:
        old, new = stage.machine(GATEWAY), stage.machine(COUNTER)
        with platform_context():
            MachineProfile.objects.filter(pk=old.pk).update(replaced_by=new)

        assert stage.client.get("/api/nodes/1").json()["data"]["replaced_by"] == new.pk
        assert stage.client.get("/api/nodes/2").json()["data"]["replaces"] == [old.pk]


class TestThePast:
    def test_the_state_at_any_past_minute(self, stage: Stage) -> None:
        history(stage, ("OFFLINE", 60, 30), ("ONLINE", 30, None))

        assert state(stage, stage.soon(minutes=-61))["data"]["state"] is None
        assert state(stage, stage.soon(minutes=-45))["data"]["state"] == "offline"
        assert state(stage, stage.soon(minutes=-15))["data"]["state"] == "online"

    def test_what_nobody_watched_is_unknown(self, stage: Stage) -> None:
        history(stage, ("ONLINE", 60, None))
        with platform_context():
            SyncGap.objects.create(
                server=stage.server,
                started_at=stage.soon(minutes=-40),
                ended_at=stage.soon(minutes=-20),
            )

        assert state(stage, stage.soon(minutes=-30))["data"]["state"] == "unknown"
        assert state(stage, stage.soon(minutes=30))["data"]["state"] == "unknown"

    @pytest.mark.parametrize("at", ["", "yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00Z"])
    def test_a_moment_needs_its_offset(self, stage: Stage, at: str) -> None:
        body = state(stage, at)

        assert body["code"] == "invalid"
        assert list(body["details"]["fields"]) == ["at"]

    def test_day_by_day(self, stage: Stage) -> None:
        history(stage, ("ONLINE", 3 * 24 * 60, None))
        stage.sync()

        days = stage.client.get("/api/nodes/1/days?count=3").json()["data"]

        today = stage.soon().astimezone(SEOUL).date()
        expected = [str(today - timedelta(days=ago)) for ago in (2, 1, 0)]
        assert [one["day"] for one in days] == expected
        assert days[1] == {
            "day": expected[1],
            "online_s": 86400.0,
            "down_s": 0.0,
            "unknown_s": 0.0,
            "share": 1.0,
        }

    def test_ninety_days_unless_said_otherwise(self, stage: Stage) -> None:
        assert len(stage.client.get("/api/nodes/1/days").json()["data"]) == 90

    @pytest.mark.parametrize("count", ["0", "-1", "367", "x", "9" * 30])
    def test_a_wrong_number_of_days(self, stage: Stage, count: str) -> None:
        response = stage.client.get(f"/api/nodes/1/days?count={count}")

        assert response.status_code == 400
        assert list(response.json()["details"]["fields"]) == ["count"]

    def test_changes_newest_first(self, stage: Stage) -> None:
        stage.set_online(GATEWAY, online=False)

        answer = stage.client.get("/api/nodes/1/transitions").json()

        assert [(one["before"], one["after"]) for one in answer["data"]] == [
            ("online", "offline"),
            ("", "online"),
        ]
        assert answer["pagination"]["count"] == 2


class TestSavedViews:
    def test_keeping_and_forgetting(self, stage: Stage) -> None:
        body = {"name": "꺼진  것", "query": "status=offline&p=3"}
        made = stage.client.post("/api/views", body).json()["data"]

        shown = stage.client.get("/api/views").json()["data"]
        gone = stage.client.delete(f"/api/views/{made['view']}")

        assert (
            shown
            == [made]
            == [{"view": made["view"], "name": "꺼진 것", "query": "status=offline"}]
        )
        assert gone.status_code == 200
        assert stage.client.get("/api/views").json()["data"] == []

    def test_another_persons_is_not_there(self, stage: Stage) -> None:
        body = {"name": "꺼진 것", "query": "status=offline"}
        made = stage.client.post("/api/views", body).json()["data"]
        other = program(token_of(person("other", Role.OPERATOR)))

        assert other.get("/api/views").json()["data"] == []
        assert other.delete(f"/api/views/{made['view']}").status_code == 404
        assert len(stage.client.get("/api/views").json()["data"]) == 1


class TestRoutes:
    def announce(self, node: int, *routes: str) -> None:
        with platform_context():
            MachineProfile.objects.filter(node_id=node).update(announced_routes=list(routes))

    def test_all_of_them_with_what_overlaps(self, stage: Stage) -> None:
        self.announce(GATEWAY, "10.1.0.0/16", "0.0.0.0/0")
        self.announce(STRANGER, "10.1.2.0/24")

        told = stage.client.get("/api/routes").json()

        assert told["pagination"]["count"] == 3
        assert stage.client.get("/api/routes?show=").json() == told
        by_route = {one["route"]["route"]: one for one in told["data"]}
        assert by_route["10.1.2.0/24"]["name"] == "stranger"
        assert by_route["0.0.0.0/0"]["route"]["overlaps"] == []
        assert by_route["10.1.0.0/16"]["route"]["overlaps"] == [
            {"name": "stranger", "route": "10.1.2.0/24"}
        ]
        assert by_route["10.1.0.0/16"]["route"]["overlap_count"] == 1
        only = stage.client.get("/api/routes?show=overlapping").json()["data"]
        assert {one["route"]["route"] for one in only} == {"10.1.0.0/16", "10.1.2.0/24"}

    def test_one_machines_routes_one_by_one(self, stage: Stage) -> None:
        self.announce(GATEWAY, "10.1.0.0/16")

        told = stage.client.get("/api/nodes/1/routes").json()["data"]

        assert told["announced"] == ["10.1.0.0/16"]
        assert told["routes"] == [
            {
                "route": "10.1.0.0/16",
                "announced": True,
                "approved": False,
                "serving": False,
                "overlaps": [],
                "overlap_count": 0,
            }
        ]

    def test_a_stranger_overlaps_without_a_name(self, stage: Stage) -> None:
        self.announce(GATEWAY, "10.1.0.0/16")
        self.announce(STRANGER, "10.1.2.0/24")

        told = browser(person("gana-op", Role.OPERATOR, "GANA")).get("/api/routes").json()

        (only,) = told["data"]
        assert only["route"]["overlaps"] == [{"name": "다른 약국의 머신", "route": "10.1.2.0/24"}]

    def test_a_stranger_to_the_company_sees_none(self, stage: Stage) -> None:
        self.announce(GATEWAY, "10.1.0.0/16")

        told = browser(person("nada", Role.OPERATOR, "NADA")).get("/api/routes").json()

        assert told["data"] == []

    def test_an_unknown_part_is_refused(self, stage: Stage) -> None:
        response = stage.client.get("/api/routes?show=everything")

        assert response.status_code == 400
        assert list(response.json()["details"]["fields"]) == ["show"]
