"""Fills an empty system with a believable fleet of the simulated engine."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from network import slow_cycle, sync
from network.engine import client_for
from network.fleet.operations import link_pharmacy
from network.headscale.simulator.pharmacies import DemoPharmacy
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
        "예: python manage.py demo --pharmacies 100"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pharmacies", type=int, required=True)
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
            server = HeadscaleServer.objects.filter(simulated=True).first()
            if server is None or not settings.FARMQ_SIMULATED:
                raise CommandError(_("모의 엔진이 아니므로 예시 자료를 만들지 않습니다."))
            fleet = demo_pharmacies(options["seed"], options["pharmacies"])
            users = {user.name: user.id for user in client_for(server).users()}
            with tenant_transaction():
                self._fill(server, fleet, users)
            client = client_for(server)
            sync.synchronise(server_id=server.pk, client=client, clock=timezone.now)
            slow_cycle.read_slowly(server_id=server.pk, client=client, at=timezone.now())
            set_generated_policy(
                actor=ACTOR, at=timezone.now(), server_id=server.pk, base_sha256=""
            )
            self.stdout.write(_("예시 약국 %(count)d곳을 만들었습니다.") % {"count": len(fleet)})

    def _fill(
        self, server: HeadscaleServer, fleet: tuple[DemoPharmacy, ...], users: dict[str, int]
    ) -> None:
        companies = [_company(number) for number in range(1, min(COMPANIES, len(fleet)) + 1)]
        for place, one in enumerate(fleet):
            company = companies[place * len(companies) // len(fleet)]
            _pharmacy(company, server, one, users[one.headscale_user_name])
        for company in companies:
            create_demo_screen(actor=ACTOR, at=timezone.now(), company_code=company.company_code)


def _company(number: int) -> Company:
    return create_company(
        actor=ACTOR,
        at=timezone.now(),
        company_code=f"DEMO{number}",
        name=_("예시 회사 %(number)d") % {"number": number},
    )


def _pharmacy(
    company: Company, server: HeadscaleServer, demo: DemoPharmacy, headscale_user_id: int
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
        headscale_user=(headscale_user_id, demo.headscale_user_name),
    )
