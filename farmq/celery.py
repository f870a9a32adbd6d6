"""The Celery application; workers and beat start from here."""

import os

from celery import Celery
from django.conf import settings

from farmq.env import one_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farmq.settings")
with one_sentence():
    settings.SECRET_KEY  # noqa: B018 -- reads the settings now, so that a wrong one is a sentence

app = Celery("farmq")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
