"""The dashboard as one picture of one moment, and the parts of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from network import queries
from network.fleet.queries import Problems, Stats, dashboard_stats, problems
from network.looks import MACHINE_LOOKS, Event
from network.models import HeadscaleServer
from network.presence import is_confirmed

MOST_CHANGES = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the dashboard shows, as of `at`."""

    at: datetime
    stats: Stats
    problems: Problems
    servers: tuple[HeadscaleServer, ...]

    @property
    def engines(self) -> tuple[tuple[HeadscaleServer, bool], ...]:
        """Return each server, and whether its own list is young enough to be believed."""
        interval_s = settings.FARMQ_SYNC_INTERVAL
        return tuple(
            (server, is_confirmed(server.confirmed_at, self.at, interval_s))
            for server in self.servers
        )

    @property
    def simulated(self) -> bool:
        return any(server.simulated for server in self.servers)


def current_picture(*, at: datetime) -> Picture:
    """Return the picture of the current tenant, in five statements."""
    servers = list(queries.servers())
    stats = dashboard_stats(at=at, servers=servers)
    return Picture(
        at=at,
        stats=stats,
        problems=problems(at=at, servers=servers, stats=stats),
        servers=tuple(servers),
    )


def recent_changes() -> tuple[Event, ...]:
    """Return the newest changes of state, as lines of a timeline."""
    return tuple(
        Event(
            transition.at,
            MACHINE_LOOKS[transition.to_state].state,
            MACHINE_LOOKS[transition.to_state].word,
            transition.machine.name,
            str(transition.machine.pharmacy or ""),
            reverse("admin:network_machineprofile_change", args=[transition.machine_id]),
        )
        for transition in queries.recent_transitions(most=MOST_CHANGES)
    )


def rendered_fragments(picture: Picture, changes: tuple[Event, ...]) -> dict[str, str]:
    """Return the changing parts of the page as HTML, by the id of the element they fill.

    Times stand in attributes; the page's script turns them into ages.
    """
    return {
        "problems": render_to_string("fleet/problems.html", {"picture": picture}),
        "engines": render_to_string("fleet/engines.html", {"picture": picture}),
        "changes": render_to_string("blocks/timeline.html", {"events": changes}),
    }
