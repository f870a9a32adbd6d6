"""Celery's doors: clock, call, enqueue what came back. Arguments are ids."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, current_app, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError

from network import bulk, executor, policies, retention, slow_cycle, sync
from network.engine import client_for, now, reachable_servers
from network.headscale_db import window
from network.models import HeadscaleCommand, HeadscaleServer
from network.states import CommandState
from pharmacies.tenancy import platform_context

logger = logging.getLogger(__name__)

_PUBLISH_TIMEOUT_S = 0.5
_SETTLE_EXPIRES_S = 30


@shared_task(queue="commands")
def execute_command(command_id: int) -> None:
    """Run the lane that this command waits in."""
    enqueue(executor.execute(command_id=command_id, client_for=client_for, clock=now))
    ring_for_bulk()


@shared_task(queue="commands")
def settle_command(command_id: int) -> None:
    """Find out what became of a command whose outcome is not known."""
    enqueue(executor.settle(command_id=command_id, client_for=client_for, clock=now))
    ring_for_bulk()


@shared_task(queue="default")
def advance_bulk(_job_id: int) -> None:
    """Write and ring for what is next in every job; the number only says who rang."""
    ring_for_bulk()


@shared_task(queue="sync")
def sync_servers() -> None:
    """Ring one synchronisation per server, so that a slow one holds up no other."""
    for server_id in reachable_servers():
        publish(sync_server, server_id, expires_s=settings.FARMQ_SYNC_INTERVAL)


@shared_task(queue="sync")
def sync_server(server_id: int) -> None:
    """Synchronise one server now."""
    server = HeadscaleServer.objects.get(pk=server_id)
    try:
        sync.synchronise(server_id=server_id, client=client_for(server), clock=now)
    except SoftTimeLimitExceeded:
        logger.warning("synchronisation took too long", extra={"server": server.slug})


@shared_task(queue="default")
def read_servers_slowly() -> None:
    """Ring the slower cycle of each server."""
    for server_id in reachable_servers():
        publish(read_server_slowly, server_id, expires_s=settings.FARMQ_SYNC_INTERVAL)


@shared_task(queue="sync")
def read_server_slowly(server_id: int) -> None:
    """Read what changes rarely, and what devices told of themselves."""
    server = HeadscaleServer.objects.get(pk=server_id)
    slow_cycle.read_slowly(server_id=server_id, client=client_for(server), at=now())
    slow_cycle.read_window(server_id=server_id, window=window.for_server(server.slug), at=now())
    policies.prove_again(server_id=server_id)


@shared_task(queue="default")
def sweep_commands() -> None:
    """Ring again for what the broker lost; settle what is not known."""
    unheard, unknown = executor.sweep(clock=now)
    for command_id in unheard:
        ring(command_id)
    for command_id in unknown:
        publish(settle_command, command_id, expires_s=_SETTLE_EXPIRES_S)
    ring_for_bulk()


@shared_task(queue="default")
def prune() -> None:
    """Delete what has outlived its retention."""
    retention.prune(at=now())


def enqueue(follow_up: executor.FollowUp) -> None:
    """Ring for what a finished command asks for next."""
    if follow_up.command_id is not None:
        ring(follow_up.command_id)
    if follow_up.server_id is not None:
        publish(sync_server, follow_up.server_id, expires_s=settings.FARMQ_SYNC_INTERVAL)


def ring_for_bulk() -> None:
    """Ring for the next command of each bulk job whose last one has ended."""
    for command_id in bulk.advance(clock=now):
        ring(command_id)


def ring(command_id: int) -> bool:
    """Send the message of a command and mark the row; False when the broker is away.

    Nothing is lost then: the sweeper rings again.
    """
    if not publish(execute_command, command_id):
        return False
    with platform_context():
        row = HeadscaleCommand.objects.filter(pk=command_id)
        row.filter(state=CommandState.REQUESTED).update(
            state=CommandState.QUEUED, published_at=now()
        )
        row.filter(state=CommandState.QUEUED).update(published_at=now())
    return True


def publish(task: Task[Any, Any], number: int, expires_s: float | None = None) -> bool:
    """Publish without retry, within half a second; False when the broker does not take it."""
    options = dict(current_app.conf.broker_transport_options or {})
    options |= {
        "socket_timeout": _PUBLISH_TIMEOUT_S,
        "socket_connect_timeout": _PUBLISH_TIMEOUT_S,
        # Without it the first failure is followed by a pause of two seconds.
        "max_retries": 0,
    }
    try:
        with Connection(
            current_app.conf.broker_url,
            transport_options=options,
            connect_timeout=_PUBLISH_TIMEOUT_S,
        ) as connection:
            message: Any = {"connection": connection, "retry": False, "expires": expires_s}
            task.apply_async((number,), **message)
    except (OperationalError, OSError, TimeoutError) as error:
        logger.warning("broker away", extra={"task": task.name, "error": str(error)})
        return False
    return True
