"""All routes on one page: who announces what, what is approved, and what overlaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from network import queries
from network.queries import MachineWithStatus
from network.routes import Route, routes_of
from pharmacies.access.staff import staff_actor

WAITING, OVERLAPPING = "waiting", "overlapping"


@dataclass(frozen=True, slots=True)
class Line:
    """One route of one machine."""

    machine: MachineWithStatus
    look: Any
    route: Route

    @property
    def waits(self) -> bool:
        """Say whether somebody has to decide about it."""
        return self.route.announced and not self.route.approved


def routes_page(request: HttpRequest, site: dict[str, Any]) -> HttpResponse:
    """Show the routes of all machines that the person may see; `show` keeps a part of them."""
    if not staff_actor(request).may_anywhere("machines:read"):
        raise PermissionDenied
    at = timezone.now()
    rows = list(queries.machines_with_routes(at=at))
    servers = {machine.server_id for machine in rows}
    others = {number: queries.routes_by_machine(server_id=number) for number in servers}
    lines = [
        Line(machine, queries.look_of(machine, at=at), route)
        for machine in rows
        for route in _routes(machine, others[machine.server_id])
    ]
    kept = request.GET.get("show", "")
    context = {
        **site,
        "title": _("경로"),
        "lines": [line for line in lines if _is_kept(line, kept)],
        "show": kept,
        "total": len(lines),
        "waiting": sum(line.waits for line in lines),
        "overlapping": sum(bool(line.route.overlaps) for line in lines),
    }
    return TemplateResponse(request, "network/all_routes.html", context)


def _routes(
    machine: MachineWithStatus, others: list[tuple[int, str, str | None, list[str]]]
) -> tuple[Route, ...]:
    """Return a machine's routes beside those of the others; strangers' names are not told."""
    neighbours: dict[str, list[str]] = {}
    for number, name, company_code, routes in others:
        if number != machine.pk:
            known = company_code == machine.company_code
            shown = name if known else str(_("다른 약국의 머신"))
            neighbours.setdefault(shown, []).extend(routes)
    return routes_of(
        machine.announced_routes, machine.approved_routes, machine.serving_routes, neighbours
    )


def _is_kept(line: Line, kept: str) -> bool:
    if kept == WAITING:
        return line.waits
    return bool(line.route.overlaps) if kept == OVERLAPPING else True
