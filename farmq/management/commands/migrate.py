"""Django's ``migrate`` as the role that owns the tables, and never on a foreign database."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext as _

from network.models import HeadscaleServer
from network.servers import register_servers


class Command(migrate.Command):
    """Migrate our own database."""

    def run_from_argv(self, argv: list[str]) -> None:
        """This will also make the rows of the servers; a test's database is left without."""
        super().run_from_argv(argv)
        connection = connections[DEFAULT_DB_ALIAS]
        if HeadscaleServer._meta.db_table in connection.introspection.table_names():
            register_servers()
        connection.close()

    def handle(self, *args: Any, **options: Any) -> None:
        """This will connect as the owner for the duration of the command."""
        if options["database"] != DEFAULT_DB_ALIAS:
            message = _("%(alias)s은(는) 읽기만 하는 데이터베이스입니다.")
            raise CommandError(message % {"alias": options["database"]}, returncode=2)
        connection = connections[DEFAULT_DB_ALIAS]
        application = connection.settings_dict.copy()
        if settings.DATABASE_OWNER_GIVEN:
            connection.close()
            connection.settings_dict.update(settings.DATABASE_OWNER)
        try:
            super().handle(*args, **options)
        finally:
            if settings.DATABASE_OWNER_GIVEN:
                connection.close()
                connection.settings_dict.update(application)
