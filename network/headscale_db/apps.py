from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from network.headscale_db import checks


class HeadscaleDatabaseConfig(AppConfig):
    name = "network.headscale_db"
    label = "headscale_db"
    verbose_name = _("엔진 데이터베이스 (읽기 전용)")

    def ready(self) -> None:
        """Register the checks."""
        register(checks.check_roles, Tags.database)
