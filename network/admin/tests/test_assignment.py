"""Strangers of a real engine: seen as unassigned, put into a pharmacy, linked by their user."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from network.fleet.tests.stage import STRANGER, Stage
from network.models import HeadscaleUser, MachineProfile, PharmacyLink
from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.tenancy import platform_context


def staff(role: Role = Role.OPERATOR) -> Client:
    client = Client()
    client.force_login(person("staff", role))
    return client


def test_the_filter_shows_the_strangers_only(stage: Stage) -> None:
    page = staff().get(reverse("admin:network_machineprofile_changelist"), {"assigned": "no"})

    shown = [machine.name for machine in page.context["cl"].result_list]
    assert shown == ["stranger"]


def test_a_stranger_is_put_into_a_pharmacy(stage: Stage) -> None:
    machine = stage.machine(STRANGER)
    url = reverse("admin:network_machine_action", args=[machine.pk, "assign"])

    answer = staff().post(url, {"pharmacy": stage.nada.pk}, follow=True)

    with platform_context():
        stored = MachineProfile.objects.get(pk=machine.pk)
        event = AuditEvent.objects.get(action="machine.assign", target_id=str(machine.pk))
    assert answer.status_code == 200
    assert (stored.pharmacy, stored.company_code) == (stage.nada, "NADA")
    assert event.company_code == "NADA"
    assert stage.commands() == []


def test_the_page_offers_the_pharmacies_of_the_person_alone(stage: Stage) -> None:
    client = Client()
    client.force_login(person("of-gana", Role.OPERATOR, "GANA"))
    machine = stage.machine(1)

    page = client.get(reverse("admin:network_machine_action", args=[machine.pk, "assign"]))

    assert "가나약국" in page.content.decode()
    assert "나다약국" not in page.content.decode()


def test_a_viewer_cannot_assign(stage: Stage) -> None:
    machine = stage.machine(STRANGER)
    url = reverse("admin:network_machine_action", args=[machine.pk, "assign"])

    answer = staff(Role.VIEWER).post(url, {"pharmacy": stage.nada.pk})

    with platform_context():
        assert MachineProfile.objects.get(pk=machine.pk).pharmacy is None
    assert answer.status_code == 403


def test_a_user_of_the_engine_is_linked_and_its_machines_follow(stage: Stage) -> None:
    with platform_context():
        PharmacyLink.objects.filter(pharmacy=stage.nada).delete()
    stranger = HeadscaleUser.objects.create(
        server=stage.server, headscale_user_id=3, name="visitor", confirmed_at=stage.soon()
    )

    answer = staff().post(
        reverse("admin:network_pharmacylink_add"),
        {"pharmacy": stage.nada.pk, "user": stranger.pk},
        follow=True,
    )

    with platform_context():
        link = PharmacyLink.objects.get(pharmacy=stage.nada)
    assert answer.status_code == 200
    assert (link.headscale_user_id, link.company_code) == (3, "NADA")
    assert stage.machine(STRANGER).pharmacy == stage.nada


def test_a_pharmacy_with_a_link_gets_no_second_one(stage: Stage) -> None:
    stranger = HeadscaleUser.objects.create(
        server=stage.server, headscale_user_id=3, name="visitor", confirmed_at=stage.soon()
    )

    answer = staff().post(
        reverse("admin:network_pharmacylink_add"),
        {"pharmacy": stage.nada.pk, "user": stranger.pk},
        follow=True,
    )

    with platform_context():
        assert PharmacyLink.objects.filter(pharmacy=stage.nada).count() == 1
    assert "이미 연결되어 있습니다" in answer.content.decode()
