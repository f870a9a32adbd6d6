"""The read door: screens as they are drawn and sent, and the companies one may look at."""

from __future__ import annotations

from pharmacies.access.actor import Actor
from pharmacies.access.permissions import require
from pharmacies.models import Company
from screens.loading import LoadedScreen, load_screen
from screens.models import ScreenLayout
from screens.registry import Registry, registry


def screen(
    *, actor: Actor, company_code: str, screen_id: str, components: Registry | None = None
) -> LoadedScreen | None:
    """Return a company's screen, or None when it has no such screen.

    Costs one query. Raises PermissionDenied when the actor may not read screens of the company.
    """
    require(actor, "screens:read", company_code=company_code)
    return load_screen(
        company_code=company_code, screen_id=screen_id, registry=components or registry()
    )


def screen_ids(*, actor: Actor, company_code: str) -> list[str]:
    """Return the numbers of a company's screens that have an address, in their order as text.

    Raises PermissionDenied when the actor may not read screens of the company.
    """
    require(actor, "screens:read", company_code=company_code)
    rows = ScreenLayout.objects.for_company(company_code).order_by("screen_id")
    found = rows.values_list("screen_id", flat=True).distinct()
    return [screen_id for screen_id in found if has_address(screen_id)]


def has_address(screen_id: str) -> bool:
    """Say whether a stored number can stand in an address; other programs may write any text."""
    return bool(screen_id) and "/" not in screen_id


def visible_companies(*, actor: Actor) -> list[Company]:
    """Return the companies whose screens the actor may read, ordered by code."""
    companies = Company.objects.order_by("company_code")
    return [one for one in companies if actor.may("screens:read", one.company_code)]


def company_choice(*, actor: Actor, wanted: str | None) -> str | None:
    """Return the company to show: the wanted one, else the only one there is, else None.

    A wanted company that does not exist or is not the actor's is None too, like one never named.
    """
    codes = [company.company_code for company in visible_companies(actor=actor)]
    if wanted is not None:
        return wanted if wanted in codes else None
    return codes[0] if len(codes) == 1 else None
