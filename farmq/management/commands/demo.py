"""Fills an empty system with a believable fleet of the simulated engine."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from network import slow_cycle, sync
from network.engine import client_for, reachable_servers
from network.fleet.operations import link_pharmacy
from network.headscale.simulator.pharmacies import DemoPharmacy, user_name
from network.headscale.simulator.pharmacies import pharmacies as demo_pharmacies
from network.models import HeadscaleServer
from network.operations import set_generated_policy
from pharmacies.access.actor import system_actor
from pharmacies.models import Company, Pharmacy
from pharmacies.operations import create_company, create_pharmacy
from pharmacies.tenancy import platform_context, tenant_transaction
from screens.demo import create_demo_screen

COMPANIES = 4
ACTOR = system_actor("demo")


class Command(BaseCommand):
    help = (
        "모의 엔진의 예시 회사와 약국을 만듭니다. 실제 엔진에서는 거절합니다. "
        "예: python manage.py demo --pharmacies 100 --servers 2"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pharmacies", type=int, required=True)
        parser.add_argument(
            "--servers", type=int, default=1, help=_("약국을 고르게 나눌 모의 서버의 수입니다.")
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--if-empty", action="store_true", help=_("이미 약국이 있으면 조용히 끝냅니다.")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        with platform_context():
            if Pharmacy.objects.exists():
                if options["if_empty"]:
                    return
                raise CommandError(_("약국이 이미 있습니다. 빈 시스템에서만 만들 수 있습니다."))
            servers = _simulated_servers(options["servers"])
            fleet = demo_pharmacies(options["seed"], options["pharmacies"])
            users = [_users(server) for server in servers]
            with tenant_transaction():
                self._fill(servers, fleet, users)
            for server in servers:
                _first_picture(server)
            self.stdout.write(_("예시 약국 %(count)d곳을 만들었습니다.") % {"count": len(fleet)})

    def _fill(
        self,
        servers: list[HeadscaleServer],
        fleet: tuple[DemoPharmacy, ...],
        users: list[dict[str, int]],
    ) -> None:
        companies = [_company(number) for number in range(1, min(COMPANIES, len(fleet)) + 1)]
        placed = [0] * len(servers)
        for place, one in enumerate(fleet):
            company = companies[place * len(companies) // len(fleet)]
            turn = place * len(servers) // len(fleet)
            placed[turn] += 1
            _pharmacy(company, servers[turn], one, _user(users[turn], placed[turn]))
        for company in companies:
            create_demo_screen(actor=ACTOR, at=timezone.now(), company_code=company.company_code)


def _simulated_servers(count: int) -> list[HeadscaleServer]:
    """Return the first so many simulated servers; raises CommandError when there are fewer."""
    rows = HeadscaleServer.objects.filter(simulated=True, pk__in=reachable_servers())
    found = list(rows.order_by("pk")[: max(count, 1)])
    if not found or not settings.FARMQ_SIMULATED:
        raise CommandError(_("모의 엔진이 아니므로 예시 자료를 만들지 않습니다."))
    if len(found) < count:
        message = _("설정에 모의 서버가 %(found)d대뿐입니다. --servers를 줄이십시오.")
        raise CommandError(message % {"found": len(found)})
    return found


def _users(server: HeadscaleServer) -> dict[str, int]:
    return {user.name: user.id for user in client_for(server).users()}


def _user(users: dict[str, int], number: int) -> tuple[int, str]:
    """Return number and name of the engine's user of its so-manieth pharmacy."""
    name = user_name(number)
    if name not in users:
        raise CommandError(_("모의 엔진의 약국이 모자랍니다. --pharmacies를 줄이십시오."))
    return users[name], name


def _first_picture(server: HeadscaleServer) -> None:
    """Read everything once, and ask for the policy that keeps the pharmacies apart."""
    client, at = client_for(server), timezone.now()
    sync.synchronise(server_id=server.pk, client=client, clock=timezone.now)
    slow_cycle.read_slowly(server_id=server.pk, client=client, at=at)
    set_generated_policy(actor=ACTOR, at=at, server_id=server.pk, base_sha256="")


def _company(number: int) -> Company:
    return create_company(
        actor=ACTOR,
        at=timezone.now(),
        company_code=f"DEMO{number}",
        name=_("예시 회사 %(number)d") % {"number": number},
    )


def _pharmacy(
    company: Company, server: HeadscaleServer, demo: DemoPharmacy, headscale_user: tuple[int, str]
) -> None:
    pharmacy = create_pharmacy(
        actor=ACTOR,
        at=timezone.now(),
        company_code=company.company_code,
        values={
            "pharmacy_name": demo.name,
            "business_number": demo.business_number,
            "manager_name": demo.manager_name,
            "phone": demo.phone,
        },
    )
    link_pharmacy(
        actor=ACTOR,
        at=timezone.now(),
        pharmacy_id=pharmacy.pk,
        server_id=server.pk,
        headscale_user=headscale_user,
    )
