"""``manage.py up``: the whole system in one supervised group."""

import argparse
import http.client
import io
import logging
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from farmq import broker, embedded, env
from farmq.supervisor import Child, Supervisor
from network.headscale.simulator.config import create
from network.servers import register_servers
from pharmacies.access.actor import system_actor
from pharmacies.access.operations import create_first_administrator
from pharmacies.tenancy import platform_context

DEMO_PHARMACIES = 100
QUEUES = "commands,sync,alerts,default"
STOP_ORDER = ("beat", "worker", "web", "broker")
_ONLY_FOR_US = frozenset({"FARMQ_ADMIN_PASSWORD", "FARMQ_ADMIN_PASSWORD_FILE"})


class Command(BaseCommand):
    """Prepare everything, then run broker, web, worker and beat until Ctrl-C."""

    help = _("모든 것을 준비하고 실행합니다. 예: python manage.py up --port 8000 --demo 100")
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """This will add the options."""
        embedded.add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """This will prepare, and unless only that was asked for, run until a signal comes."""
        try:
            with embedded.locked(settings.FARMQ_DATA):
                self._run(options)
        except embedded.UpError as error:
            self.stderr.write(str(error))
            raise SystemExit(2) from error
        except KeyboardInterrupt:
            # Ctrl-C while preparing: nothing runs yet.
            raise SystemExit(130) from None

    def _run(self, options: dict[str, Any]) -> None:
        if not options["check"]:
            embedded.check_port(options["host"], options["port"])
        embedded.forget_metrics()
        embedded.remember()
        # What preparing does is told in sentences, not in log lines.
        logging.disable(logging.INFO)
        news = self._prepare(options["demo"])
        call_command("check", fail_level="ERROR", stdout=io.StringIO())
        logging.disable(logging.NOTSET)
        for sentence in news:
            self._say(sentence)
        if options["check"]:
            self._say(_("준비가 끝났습니다."))
            return
        self._announce_engine()
        connections.close_all()
        children = _children(options["host"], options["port"])
        present = {child.name for child in children}
        order = [name for name in STOP_ORDER if name in present]
        Supervisor(children, environment=_environment()).run(stop_order=order)
        broker.forget_socket(embedded.home())
        self._say(_("모두 멈추었습니다."))

    def _prepare(self, demo: int | None) -> list[str]:
        pharmacies = _demo_size(demo)
        if settings.FARMQ_SIMULATED:
            _make_engine(pharmacies)
        if _migrations_wait():
            self._say(_("데이터베이스를 준비합니다…"))
            call_command("migrate", interactive=False, verbosity=0)
        register_servers()
        if pharmacies:
            call_command("demo", pharmacies=pharmacies, if_empty=True, stdout=self.stdout)
        return self._make_administrator()

    @staticmethod
    def _make_administrator() -> list[str]:
        name = env.text("FARMQ_ADMIN_USERNAME", "admin", example="admin")
        made_up = secrets.token_urlsafe(12)
        password = env.secret("FARMQ_ADMIN_PASSWORD", made_up, example=made_up)
        with platform_context():
            made = create_first_administrator(
                actor=system_actor("up"), at=timezone.now(), username=name, password=password
            )
        if made is None:
            return []
        shown = password if password == made_up else _("(FARMQ_ADMIN_PASSWORD의 값)")
        return [
            _("첫 관리자: %(name)s") % {"name": name},
            _("비밀번호 (지금 한 번만 보여 드립니다): %(password)s") % {"password": shown},
        ]

    def _announce_engine(self) -> None:
        if settings.FARMQ_SIMULATED:
            self._say(
                _("Headscale이 없어 시뮬레이터를 씁니다. 화면의 약국과 머신은 모의 자료입니다.")
            )

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _demo_size(asked: int | None) -> int:
    if asked is not None:
        return asked
    return DEMO_PHARMACIES if settings.FARMQ_SIMULATED else 0


def _make_engine(pharmacies: int) -> None:
    state = Path(settings.HEADSCALE_SERVERS[0]["command"][-1])
    if not state.exists():
        create(state.parent, pharmacies=pharmacies)


def _migrations_wait() -> bool:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _environment() -> dict[str, str]:
    # Two warnings would repeat at each start: of pickle under root (no pickle is accepted here),
    # and of a folder that only ``collectstatic`` makes.
    silent = "ignore:You're running the worker,ignore:No directory at"
    # The first administrator is made by now: nobody else needs the password.
    kept = {name: value for name, value in os.environ.items() if name not in _ONLY_FOR_US}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": silent}


def _children(host: str, port: int) -> list[Child]:
    """Return what runs. All of it has eight seconds to stop, of the ten that are promised."""
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "farmq.celery")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    gunicorn = (sys.executable, "-m", "gunicorn", "-c", "python:farmq.webserver")
    address = f"http://{bind}/"
    children = [
        Child(
            "web",
            (*gunicorn, "--bind", bind, "--workers", "1", "farmq.wsgi"),
            stop_within_s=2.0,
            is_ready=lambda: _answers(host, port),
            ready_sentence=_("준비되었습니다: %(address)s (로그인: %(address)sadmin/)")
            % {"address": address},
        ),
        Child(
            "worker",
            (*celery, "worker", "-Q", QUEUES, "-c", "3", "-l", "INFO", *quiet),
            stop_within_s=3.5,
        ),
        Child("beat", (*celery, "beat", "-l", "WARNING", "--pidfile="), stop_within_s=1.0),
    ]
    return [_broker_child(), *children] if env.flag("FARMQ_OWN_BROKER", default=False) else children


def _broker_child() -> Child:
    path = Path(urlsplit(settings.REDIS_URL).path)
    folder = embedded.home() / "broker"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Child(
        "broker", broker.arguments(path, folder), stop_within_s=1.5, is_ready=lambda: _listens(path)
    )


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _answers(host: str, port: int) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- not bound
    connection = http.client.HTTPConnection(target, port, timeout=0.3)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
