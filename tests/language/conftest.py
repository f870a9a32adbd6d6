"""A small system whose own data is English letters, so that every Korean word is the frame's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from network.fleet.operations import link_pharmacy
from network.models import HeadscaleCommand, HeadscaleServer, HeadscaleUser, MachineProfile, SyncRun
from network.states import CommandKind, CommandState, SyncOutcome
from network.tests.situations import machines, told
from pharmacies.access.actor import system_actor
from pharmacies.access.models import Membership, User
from pharmacies.access.operations import create_token
from pharmacies.access.roles import PERMISSIONS, Role
from pharmacies.models import Company, Pharmacy
from pharmacies.operations import create_pharmacy
from pharmacies.tenancy import platform_context
from screens.models import ScreenLayout
from screens.operations import NewComponent, add_component
from screens.placing import Placement
from screens.registry import URL_PREFIX

ACTOR = system_actor("test")


@dataclass(frozen=True, slots=True)
class Stage:
    """Who looks, and the rows whose pages are looked at."""

    client: Client
    user: User
    company: Company
    pharmacy: Pharmacy
    machine: MachineProfile
    server: HeadscaleServer
    command: HeadscaleCommand
    run: SyncRun
    layout: ScreenLayout


class Watch:
    """A clock that stands a minute before now."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC) - timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def stage(db: None) -> Iterator[Stage]:
    """A company with a pharmacy and two machines, one of each thing that has a page."""
    with platform_context():
        company = Company(company_code="ALPHA", name="ALPHA")
        company.save(force_insert=True)
        server = HeadscaleServer.objects.create(slug="default", name="ALPHA")
        pharmacy = _pharmacy(server)
        user = _administrator()
        run = _picture(server)
        yield Stage(
            client=_signed_in(user),
            user=user,
            company=company,
            pharmacy=pharmacy,
            machine=MachineProfile.objects.order_by("pk")[0],
            server=server,
            command=_command(server),
            run=run,
            layout=_screen(),
        )


def _pharmacy(server: HeadscaleServer) -> Pharmacy:
    at = datetime.now(UTC)
    pharmacy = create_pharmacy(
        actor=ACTOR, at=at, company_code="ALPHA", values={"pharmacy_name": "ALPHA"}
    )
    link_pharmacy(
        actor=ACTOR,
        at=at,
        pharmacy_id=pharmacy.pk,
        server_id=server.pk,
        headscale_user=(1, "alpha"),
    )
    return pharmacy


def _administrator() -> User:
    user = User(username="alpha", is_staff=True, is_superuser=True)
    user.save(force_insert=True)
    Membership(user=user, role=Role.ADMINISTRATOR).save(force_insert=True)
    create_token(
        actor=ACTOR,
        at=datetime.now(UTC),
        user=user,
        name="alpha",
        scopes=PERMISSIONS,
        days=1,
        company_code=None,
    )
    return user


def _picture(server: HeadscaleServer) -> SyncRun:
    """Two machines of which one leaves; the list is old enough to be complete, young enough."""
    HeadscaleUser.objects.create(
        server=server, headscale_user_id=1, name="alpha", confirmed_at=datetime.now(UTC)
    )
    runs = told(server, Watch(), machines(2), machines(2, online=1))  # type: ignore[arg-type]
    assert runs[-1].outcome == SyncOutcome.APPLIED
    return runs[-1]


def _command(server: HeadscaleServer) -> HeadscaleCommand:
    return HeadscaleCommand.objects.create(
        server=server,
        kind=CommandKind.RENAME_NODE,
        state=CommandState.NEEDS_HUMAN,
        company_code="ALPHA",
        machine=MachineProfile.objects.order_by("pk")[0],
        target_label="alpha",
        requested_by="alpha",
        requested_at=datetime.now(UTC),
        due_at=datetime.now(UTC),
        argv=["headscale"],
    )


def _screen() -> ScreenLayout:
    add_component(
        actor=ACTOR,
        at=datetime.now(UTC),
        company_code="ALPHA",
        screen_id="1",
        component=NewComponent(
            component_id="alpha",
            component_url=URL_PREFIX + "button-primary",
            placement=Placement(width=120, height=44, display_order=1),
            settings={"text": "ALPHA", "colorVariant": "red"},
        ),
    )
    return ScreenLayout.objects.for_company("ALPHA").get(component_id="alpha")


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
