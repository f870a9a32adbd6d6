"""The environment of a test process: nothing of the machine, everything explicit."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

OURS = re.compile(
    r"^(FARMQ|HEADSCALE|DJANGO|DATABASE|REDIS|SECRET_KEY|DEBUG$|ALLOWED_HOSTS|CSRF_|EMAIL_|"
    r"TIME_ZONE|LANGUAGE_CODE|CELERY|VALKEY|PG|FORWARDED_ALLOW_IPS|WEB_CONCURRENCY)"
)
KEPT = re.compile(r"^FARMQ_TEST_")
SECRET_KEY = "test-key-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789"
ENCRYPTION_KEY = "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdCE="


def clean(environment: dict[str, str]) -> dict[str, str]:
    """This will drop every variable that could steer the system from outside."""
    return {
        name: value
        for name, value in environment.items()
        if KEPT.match(name) or not OURS.match(name)
    }


def values(data: Path, *, database_url: str = "", redis_url: str = "") -> dict[str, str]:
    """This will give the smallest environment with which the system starts."""
    return {
        "DJANGO_SETTINGS_MODULE": "farmq.settings",
        "SECRET_KEY": SECRET_KEY,
        "FARMQ_ENCRYPTION_KEYS": ENCRYPTION_KEY,
        "FARMQ_DATA": str(data),
        "FARMQ_HTTPS": "false",
        "DATABASE_URL": database_url or f"sqlite:///{data / 'farmq.sqlite3'}",
        "REDIS_URL": redis_url or f"unix://{data / 'valkey.sock'}",
        "HEADSCALE_COMMAND": "/nonexistent/headscale",
        # The browser's driver keeps an event loop in this thread for the rest of the run.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }


def chromium() -> str | None:
    """This will find a browser of the machine; none is ever downloaded."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def replace(*, database_url: str = "", redis_url: str = "") -> None:
    """This will make this process's environment that of a test, with a data folder of its own."""
    data = Path(tempfile.mkdtemp(prefix="farmq-test-"))
    atexit.register(_remove, data, os.getpid())
    kept = clean(dict(os.environ))
    os.environ.clear()
    os.environ.update(kept | values(data, database_url=database_url, redis_url=redis_url))


def _remove(data: Path, owner_pid: int) -> None:
    if os.getpid() == owner_pid:
        shutil.rmtree(data, ignore_errors=True)
