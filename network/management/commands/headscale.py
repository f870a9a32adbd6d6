"""The engine on the command line: its version, one synchronisation now, what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from network import operations, sync
from network.engine import UnknownServerError, client_for, now
from network.headscale.errors import HeadscaleError
from network.models import HeadscaleServer
from network.states import SyncOutcome
from pharmacies.access.actor import system_actor
from pharmacies.tenancy import platform_context

Report = dict[str, Any]


class Command(BaseCommand):
    help = (
        "네트워크 엔진에 묻습니다: version(판), sync(지금 동기화), doctor(무엇이 잘못되었는지). "
        "예: python manage.py headscale sync --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=sorted(ACTIONS))
        parser.add_argument("--server", help=_("서버 식별자. 없으면 모든 서버입니다."))
        parser.add_argument("--json", action="store_true", help=_("JSON으로 답합니다."))
        parser.add_argument(
            "--accept",
            action="store_true",
            help=_("보류된 목록을 사람이 확인했으니 그대로 반영합니다 (sync)."),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        servers = HeadscaleServer.objects.order_by("pk")
        if options["server"]:
            servers = servers.filter(slug=options["server"])
        if not servers:
            raise CommandError(_("그런 서버가 없습니다."), returncode=2)
        reports = [
            {"server": server.slug, **_ask(ACTIONS[options["action"]], server, options)}
            for server in servers
        ]
        if options["json"]:
            self.stdout.write(json.dumps(reports, ensure_ascii=False))
        else:
            self._print(reports)
        if any(not report["ok"] for report in reports):
            raise SystemExit(1)

    def _print(self, reports: list[Report]) -> None:
        for report in reports:
            self.stdout.write(f"{report['server']}: {report['sentence']}")


def _ask(
    action: Callable[[HeadscaleServer, dict[str, Any]], Report],
    server: HeadscaleServer,
    options: dict[str, Any],
) -> Report:
    try:
        return action(server, options)
    except HeadscaleError as error:
        return {
            "ok": False,
            "code": error.code,
            "sentence": _(error.sentence),
            "engine": error.engine,
        }
    except operations.NetworkConflictError as error:
        return {"ok": False, "code": error.code, "sentence": error.sentence}
    except UnknownServerError:
        return {"ok": False, "code": "server_unknown", "sentence": _("설정에 없는 서버입니다.")}


def version(server: HeadscaleServer, _options: dict[str, Any]) -> Report:
    found = client_for(server).version()
    return {"ok": True, "version": found.text, "sentence": found.text}


def synchronise(server: HeadscaleServer, options: dict[str, Any]) -> Report:
    if options["accept"]:
        with platform_context():
            operations.accept_list(actor=system_actor("headscale"), at=now(), server_id=server.pk)
    run = sync.synchronise(server_id=server.pk, client=client_for(server), clock=now)
    if run is None:
        return {"ok": False, "code": "busy", "sentence": _("다른 동기화가 진행 중입니다.")}
    sentence = _("%(outcome)s: 머신 %(machines)d대, 온라인 %(online)d대, 변화 %(changes)d건") % {
        "outcome": run.get_outcome_display(),
        "machines": run.machines,
        "online": run.online,
        "changes": run.changes,
    }
    return {
        "ok": run.outcome == SyncOutcome.APPLIED,
        "outcome": run.outcome,
        "code": run.error_code,
        "machines": run.machines,
        "online": run.online,
        "changes": run.changes,
        "engine": run.engine,
        "sentence": sentence,
    }


def doctor(server: HeadscaleServer, _options: dict[str, Any]) -> Report:
    client = client_for(server)
    release = client.version()
    machines = client.nodes()
    sentence = _("판 %(release)s, 머신 %(machines)d대를 읽었습니다.") % {
        "release": release.text,
        "machines": len(machines),
    }
    return {"ok": True, "version": release.text, "machines": len(machines), "sentence": sentence}


ACTIONS: dict[str, Callable[[HeadscaleServer, dict[str, Any]], Report]] = {
    "version": version,
    "sync": synchronise,
    "doctor": doctor,
}
