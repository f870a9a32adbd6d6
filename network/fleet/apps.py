from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FleetConfig(AppConfig):
    name = "network.fleet"
    label = "fleet"
    verbose_name = _("약국 네트워크")
