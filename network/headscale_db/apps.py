from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HeadscaleDatabaseConfig(AppConfig):
    name = "network.headscale_db"
    label = "headscale_db"
    verbose_name = _("엔진 데이터베이스 (읽기 전용)")
