"""Links between our rows and an engine's: what is broken is found, named and mended."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from network.fleet import operations
from network.fleet.consistency import CODES, finding, findings
from network.fleet.tests.stage import COUNTER, GATEWAY, OTHER, Stage
from network.models import HeadscaleUser, MachineProfile, PharmacyLink
from network.operations import NetworkConflictError
from pharmacies.access.actor import Actor
from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import SYSTEM, person
from pharmacies.tenancy import TenantContext, platform_context, tenant_context

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/pharmacies/pharmacy/links/"


def found() -> list[tuple[str, str]]:
    with platform_context():
        return [(one.code, one.what) for one in findings()]


def break_it(stage: Stage, code: str) -> None:
    """Break one link of GANA."""
    stage.read_slowly("USERS")
    with platform_context():
        if code == "user_gone":
            HeadscaleUser.objects.filter(name="gana").update(gone_at=timezone.now())
            MachineProfile.objects.filter(node_id__in=(GATEWAY, COUNTER)).update(tags=["tag:x"])
        if code == "user_renamed":
            HeadscaleUser.objects.filter(name="gana").update(name="gana-renamed")
        if code == "machine_elsewhere":
            MachineProfile.objects.filter(node_id=COUNTER).update(
                pharmacy=stage.nada, company_code="NADA"
            )
        if code == "company_differs":
            MachineProfile.objects.filter(node_id=COUNTER).update(company_code=None)


def test_whole_links_are_not_mentioned(stage: Stage) -> None:
    assert found() == []
    stage.read_slowly("USERS")
    assert found() == []


@pytest.mark.parametrize("code", CODES)
def test_what_is_broken_is_found_and_mended(stage: Stage, code: str) -> None:
    break_it(stage, code)

    ((known, _what),) = found()
    with platform_context():
        (one,) = findings()
        operations.repair_link(actor=SYSTEM, at=timezone.now(), code=code, number=one.number)

    assert known == code
    assert found() == []
    with platform_context():
        assert AuditEvent.objects.latest("pk").actor_label == SYSTEM.label


def test_an_unassigned_machine_of_a_linked_user_goes_to_its_pharmacy(stage: Stage) -> None:
    with platform_context():
        MachineProfile.objects.filter(node_id=OTHER).update(pharmacy=None, company_code=None)
        (one,) = findings()
        operations.repair_link(actor=SYSTEM, at=timezone.now(), code=one.code, number=one.number)

    machine = stage.machine(OTHER)
    assert (machine.pharmacy_id, machine.company_code) == (stage.nada.pk, "NADA")


def test_a_link_that_holds_is_not_mended(stage: Stage) -> None:
    with platform_context():
        number = PharmacyLink.objects.earliest("pk").pk
        for code in (*CODES, "nonsense"):
            with pytest.raises(NetworkConflictError) as caught:
                operations.repair_link(actor=SYSTEM, at=timezone.now(), code=code, number=number)
            assert caught.value.code == "link_holds"


def test_only_staff_of_the_platform_mends(stage: Stage) -> None:
    break_it(stage, "company_differs")
    number = stage.machine(COUNTER).pk
    mine = Actor(label="x", grants={"GANA": frozenset({"machines:assign"})})

    with platform_context(), pytest.raises(PermissionDenied):
        operations.repair_link(actor=mine, at=timezone.now(), code="company_differs", number=number)


def test_a_company_sees_its_own_links_only(stage: Stage) -> None:
    break_it(stage, "user_renamed")

    with tenant_context(TenantContext(frozenset({"NADA"}))):
        assert findings() == []
    with tenant_context(TenantContext(frozenset({"GANA"}))):
        assert finding("user_renamed", findings()[0].number) is not None


def test_the_page_names_it_and_mends_it(stage: Stage) -> None:
    break_it(stage, "user_renamed")
    client = Client()
    client.force_login(person("operator", Role.OPERATOR))
    page = client.get(PAGE).content.decode()
    assert "gana에서 gana-renamed(으)로 바뀌었습니다." in page

    with platform_context():
        number = findings()[0].number
    mended = client.post(PAGE, {"code": "user_renamed", "number": number})
    again = client.post(PAGE, {"code": "user_renamed", "number": number})
    nonsense = client.post(PAGE, {"code": "user_renamed", "number": "９"})

    told = [[str(m) for m in get_messages(r.wsgi_request)][-1] for r in (mended, again, nonsense)]
    assert told[0] == "바로잡았습니다."
    assert told[1] == told[2] == "이미 바로잡혔거나 없는 항목입니다."
    assert "모든 연결이 맞습니다." in client.get(PAGE).content.decode()


def test_it_costs_four_statements(
    stage: Stage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with platform_context(), django_assert_num_queries(4):
        findings()
