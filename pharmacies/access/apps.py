from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "pharmacies.access"
    label = "access"
    verbose_name = _("사용자와 권한")
