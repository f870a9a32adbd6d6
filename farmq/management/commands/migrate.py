"""Django's ``migrate`` as the role that owns the tables, and never on a foreign database."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext as _

from network.servers import register_servers


def _went_all_the_way(options: dict[str, Any]) -> bool:
    """Say whether every table is there now: nothing was left out, planned or only checked."""
    return not (options["app_label"] or options["plan"] or options["check_unapplied"])


class Command(migrate.Command):
    """Migrate our own database."""

    def handle(self, *args: Any, **options: Any) -> None:
        """This will connect as the owner for the duration of the command."""
        alias = options["database"]
        if alias != DEFAULT_DB_ALIAS:
            raise CommandError(
                _("%(alias)s은(는) 읽기만 하는 데이터베이스입니다.") % {"alias": alias},
                returncode=2,
            )
        connection = connections[DEFAULT_DB_ALIAS]
        application = connection.settings_dict.copy()
        if settings.DATABASE_OWNER_GIVEN:
            connection.close()
            connection.settings_dict.update(settings.DATABASE_OWNER)
        try:
            super().handle(*args, **options)
            if _went_all_the_way(options):
                register_servers()
        finally:
            if settings.DATABASE_OWNER_GIVEN:
                connection.close()
                connection.settings_dict.update(application)
