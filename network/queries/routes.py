"""Routes of machines beside those of their neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.utils.translation import gettext as _

from network.models import MachineProfile
from network.overlaps import Claim, Neighbourhood
from network.queries.machines import MachineWithStatus, machines
from network.routes import Route, routes_of
from pharmacies.tenancy import platform_context, required_tenant

WAITING, OVERLAPPING = "waiting", "overlapping"
ROUTE_PARTS = (WAITING, OVERLAPPING)


@dataclass(frozen=True, slots=True)
class MachineRoute:
    """One route of one machine; it waits while somebody has to decide about it."""

    machine: MachineWithStatus
    route: Route

    @property
    def waits(self) -> bool:
        return self.route.announced and not self.route.approved

    def belongs_to(self, part: str) -> bool:
        """Say whether it is of a part of ROUTE_PARTS; everything is of any other."""
        if part == WAITING:
            return self.waits
        return bool(self.route.overlaps.count) if part == OVERLAPPING else True


def routes_of_machine(machine: MachineProfile) -> tuple[Route, ...]:
    """Return a machine's routes; its neighbours are asked for only when there are any."""
    if not (machine.announced_routes or machine.approved_routes or machine.serving_routes):
        return ()
    return _beside(machine, _neighbourhood(machine.server_id))


def all_routes(*, at: datetime, show: str = "") -> list[MachineRoute]:
    """Return the routes of the tenant's machines, by name of the machine and by address.

    `show` keeps a part of them: "waiting" for a decision, "overlapping" with others.
    """
    rows = machines(at=at).exclude(announced_routes=[], approved_routes=[])
    found = list(rows.order_by("name", "pk"))
    others = {number: _neighbourhood(number) for number in {one.server_id for one in found}}
    lines = (
        MachineRoute(machine, route)
        for machine in found
        for route in _beside(machine, others[machine.server_id])
    )
    return [line for line in lines if line.belongs_to(show)]


def _neighbourhood(server_id: int) -> Neighbourhood:
    """Return the routes of all machines of a server, because routes overlap across companies.

    Machines that the asker may not see are strangers without a name, and what several of them have
    is told once.
    """
    asker, stranger = required_tenant(), str(_("다른 약국의 머신"))
    with platform_context():
        rows = MachineProfile.objects.filter(server_id=server_id, gone_at=None)
        rows = rows.exclude(announced_routes=[], approved_routes=[])
        columns = ("pk", "name", "company_code", "announced_routes", "approved_routes")
        return Neighbourhood(
            Claim(number, name, text) if asker.allows(company_code) else Claim(None, stranger, text)
            for number, name, company_code, announced, approved in rows.values_list(*columns)
            for text in {*announced, *approved}
        )


def _beside(machine: MachineProfile, others: Neighbourhood) -> tuple[Route, ...]:
    return routes_of(
        machine.announced_routes,
        machine.approved_routes,
        machine.serving_routes,
        partial(others.around, machine.pk),
    )
