"""The read door asks for the permission first and shows nobody else's companies."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from pharmacies.access.actor import Actor, session_actor
from pharmacies.access.roles import Role
from screens.queries import company_choice, screen, screen_ids, visible_companies
from screens.tests.conftest import member

pytestmark = pytest.mark.usefixtures("demo_screens")


def test_screens_of_another_company_are_refused() -> None:
    person = session_actor(member("NADA", Role.OPERATOR, "person"))

    with pytest.raises(PermissionDenied):
        screen(actor=person, company_code="GANA", screen_id="1383")
    with pytest.raises(PermissionDenied):
        screen_ids(actor=person, company_code="GANA")


def test_nobody_in_particular_sees_nothing() -> None:
    nobody = Actor(label="nobody")

    assert visible_companies(actor=nobody) == []
    assert company_choice(actor=nobody, wanted="GANA") is None


def test_the_only_company_needs_no_choice(actor: Actor) -> None:
    person = session_actor(member("NADA", Role.VIEWER, "person"))

    assert company_choice(actor=person, wanted=None) == "NADA"
    assert company_choice(actor=person, wanted="GANA") is None
    assert company_choice(actor=actor, wanted=None) is None
    assert company_choice(actor=actor, wanted="GANA") == "GANA"


def test_each_screen_is_named_once(actor: Actor) -> None:
    assert screen_ids(actor=actor, company_code="GANA") == ["1383"]
