from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from screens.checks import components_are_sound


class ScreensConfig(AppConfig):
    name = "screens"
    verbose_name = _("화면")

    def ready(self) -> None:
        register(components_are_sound)
