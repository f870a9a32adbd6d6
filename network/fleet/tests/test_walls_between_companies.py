"""What a company must not see, and what it must feel although it does not see it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from network import queries
from network.fleet.dashboard import current_picture
from network.fleet.operations import link_pharmacy, unlink_pharmacy
from network.fleet.tests.stage import COUNTER, OTHER, Stage
from network.models import HeadscaleCommand, HeadscaleServer, PharmacyLink, SyncRun
from network.operations import NetworkConflictError, rename_node
from network.states import CommandKind, SyncOutcome
from pharmacies.access.actor import session_actor
from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import SYSTEM, browser, person
from pharmacies.models import Pharmacy
from pharmacies.operations import delete_pharmacy
from pharmacies.tenancy import TenantContext, platform_context, tenant_context

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GANA = TenantContext(company_codes=frozenset({"GANA"}))
PLATFORM_LISTS = (
    "access_user",
    "access_apitoken",
    "network_headscaleserver",
    "network_headscaleuser",
    "network_pharmacylink",
    "network_syncrun",
)


@pytest.mark.parametrize("name", PLATFORM_LISTS)
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR])
def test_lists_of_the_platform_stay_closed_to_staff_of_a_company(
    stage: Stage, name: str, role: Role
) -> None:
    client = browser(person("of-gana", role, "GANA"))

    answer = client.get(reverse(f"admin:{name}_changelist"))

    assert answer.status_code == 403


def test_staff_of_a_company_link_nobody(stage: Stage) -> None:
    actor = session_actor(person("of-gana", Role.OPERATOR, "GANA"))

    with tenant_context(GANA), pytest.raises(PermissionDenied):
        link_pharmacy(
            actor=actor,
            at=AT,
            pharmacy_id=stage.gana.pk,
            server_id=stage.server.pk,
            headscale_user=(3, "visitor"),
        )


def test_the_lane_of_a_server_is_busy_for_every_company(stage: Stage) -> None:
    with platform_context():
        for company_code in ("NADA", "GANA"):
            ours = HeadscaleCommand.objects.create(
                server=stage.server,
                kind=CommandKind.RENAME_NODE,
                company_code=company_code,
                target_label="x",
                requested_by="user:of-nada",
                requested_at=AT,
                due_at=AT,
            )

    with tenant_context(GANA):
        assert queries.lane_is_busy(server_id=stage.server.pk)
        assert queries.lane_position(command=ours) == 1


def test_a_name_that_another_company_has_is_taken_but_its_place_stays_unsaid(stage: Stage) -> None:
    actor = session_actor(person("of-gana", Role.OPERATOR, "GANA"))
    taken = stage.machine(OTHER).name

    with tenant_context(GANA), pytest.raises(NetworkConflictError) as refusal:
        rename_node(actor=actor, at=AT, machine_id=stage.machine(COUNTER).pk, new_name=taken)

    assert refusal.value.code == "machine_name_taken"
    assert "나다약국" not in refusal.value.sentence


@pytest.mark.django_db(transaction=True)
def test_a_linked_pharmacy_is_parted_and_then_deleted(stage: Stage) -> None:
    with platform_context():
        link = PharmacyLink.objects.get(pharmacy=stage.nada)
        unlink_pharmacy(actor=SYSTEM, at=AT, link_id=link.pk)
        delete_pharmacy(actor=SYSTEM, at=AT, pharmacy_id=stage.nada.pk)

        machine = stage.machine(OTHER)
        assert (machine.pharmacy, machine.company_code) == (None, None)
        assert not Pharmacy.objects.filter(pk=stage.nada.pk).exists()
        assert AuditEvent.objects.filter(action="pharmacy.unlink").count() == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [("all_offline", "저절로 풀립니다"), ("partial", "서버 화면에서 받아들이거나")],
)
def test_a_held_list_says_whether_it_waits_for_a_person(
    stage: Stage, reason: str, words: str
) -> None:
    HeadscaleServer.objects.filter(pk=stage.server.pk).update(held_since_at=AT)
    SyncRun.objects.create(
        server=stage.server,
        generation=99,
        started_at=AT,
        outcome=SyncOutcome.HELD,
        error_code=reason,
    )

    with platform_context():
        found = current_picture(at=AT).problems

    assert words in found.shown[0].text
