"""The WSGI application for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from farmq.env import one_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farmq.settings")
with one_sentence():
    application = get_wsgi_application()
