"""Makes API tokens on the command line."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from pharmacies.access.actor import system_actor
from pharmacies.access.models import User
from pharmacies.access.operations import create_token
from pharmacies.tenancy import platform_context


class Command(BaseCommand):
    help = (
        "API 토큰을 만들고 한 번만 보여 줍니다.\n\n"
        "예: python manage.py token create 백업 --scopes machines:read commands:read --days 90"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("action", choices=["create"])
        parser.add_argument("name")
        parser.add_argument("--scopes", nargs="+", required=True)
        parser.add_argument("--days", type=int, required=True)
        parser.add_argument("--user", help=_("토큰의 주인. 없으면 첫 번째 관리자입니다."))
        parser.add_argument("--company", help=_("이 회사의 자료로 한정합니다."))

    def handle(self, *_args: Any, **options: Any) -> None:
        with platform_context():
            try:
                secret = create_token(
                    actor=system_actor("token"),
                    at=timezone.now(),
                    user=_owner(options["user"]),
                    name=options["name"],
                    scopes=options["scopes"],
                    days=options["days"],
                    company_code=options["company"],
                )
            except ValidationError as error:
                raise CommandError(" ".join(error.messages), returncode=2) from error
        self.stdout.write(secret)


def _owner(username: str | None) -> User:
    people = User.objects.filter(is_active=True).order_by("pk")
    owner = people.filter(username=username) if username else people.filter(is_superuser=True)
    found = owner.first()
    if found is None:
        raise CommandError(_("그런 사용자가 없습니다."), returncode=2)
    return found
