"""The Celery application; workers and beat start from here."""

import os

from celery import Celery
from celery.signals import worker_process_init
from django.conf import settings

from farmq import parent
from farmq.env import one_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farmq.settings")
with one_sentence():
    settings.SECRET_KEY  # noqa: B018 -- reads the settings now, so that a wrong one is a sentence

app = Celery("farmq")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def die_with_the_worker(**_: object) -> None:
    """This will tie the life of a pool child to that of the worker that forked it."""
    parent.die_with(os.getppid())
