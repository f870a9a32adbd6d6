"""Addresses of databases, broker and mail, turned into the shapes of Django and Celery."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import environ

from farmq import env

Database = dict[str, Any]

# Write-ahead log with IMMEDIATE transactions: no "database is locked" between web and worker.
SQLITE_OPTIONS: Database = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-20000;"
        "PRAGMA mmap_size=134217728;PRAGMA temp_store=MEMORY;PRAGMA journal_size_limit=67108864;"
    ),
}
EXAMPLE = "postgres://farmq:password@postgres:5432/farmq"
REDIS_EXAMPLE = "redis://redis:6379/0"
MAIL_EXAMPLE = "smtp+tls://user:password@mail.example.com:587"
READ_TIMEOUT_S = 2


def own(name: str, default: str) -> Database:
    """This will read the address of a database of ours."""
    url = env.secret(name, default, example=EXAMPLE)
    config = _parsed(name, url)
    if config["ENGINE"].endswith("sqlite3"):
        return config | {"OPTIONS": dict(SQLITE_OPTIONS)}
    return config | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def read_only(name: str) -> Database | None:
    """This will read the address of a foreign database, opened so that no write can succeed."""
    url = env.secret(name, "", example="sqlite:////var/lib/headscale/db.sqlite")
    if not url:
        return None
    config = _parsed(name, url)
    if config["ENGINE"].endswith("sqlite3"):
        config["NAME"] = f"file:{quote(str(Path(config['NAME'])))}?mode=ro"
        config["OPTIONS"] = {"uri": True, "timeout": READ_TIMEOUT_S}
    else:
        limits = f"-c default_transaction_read_only=on -c statement_timeout={READ_TIMEOUT_S}s"
        config["OPTIONS"] = config.get("OPTIONS", {}) | {"options": limits}
    # A test run makes no copy of a foreign database.
    return config | {"CONN_HEALTH_CHECKS": True, "TEST": {"MIGRATE": False}}


def _parsed(name: str, url: str) -> Database:
    try:
        known = urlsplit(url).scheme in {"sqlite", "postgres", "postgresql"}
        config: Database = environ.Env.db_url_config(url) if known else {}
    except ValueError as error:
        raise env.SettingError(name, env.WRONG_ADDRESS, EXAMPLE) from error
    if not config.get("NAME"):
        raise env.SettingError(name, env.WRONG_ADDRESS, EXAMPLE)
    return config


def redis(name: str, default: str) -> str:
    """This will read the address of Redis or Valkey: redis://, rediss:// or unix:///path."""
    url = env.secret(name, default, example=REDIS_EXAMPLE)
    try:
        parts = urlsplit(url)
        reachable = bool(parts.path if parts.scheme == "unix" else parts.hostname)
        reachable = reachable and (parts.port or 1) > 0
    except ValueError as error:
        raise env.SettingError(name, env.WRONG_ADDRESS, REDIS_EXAMPLE) from error
    if parts.scheme not in {"redis", "rediss", "unix"} or not reachable:
        raise env.SettingError(name, env.WRONG_ADDRESS, REDIS_EXAMPLE)
    return url


def broker(redis_url: str) -> str:
    """This will spell a Redis address as Celery does: unix:// is redis+socket:// there."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return "redis+socket://" + redis_url.removeprefix("unix://").replace("?db=", "?virtual_host=")


def mail(name: str) -> dict[str, Any]:
    """This will read the address of the mail server; without one, mail goes to the console."""
    url = env.secret(name, "consolemail://", example=MAIL_EXAMPLE)
    try:
        known = urlsplit(url).scheme in environ.Env.EMAIL_SCHEMES
        config: dict[str, Any] = environ.Env.email_url_config(url) if known else {}
    except ValueError as error:
        raise env.SettingError(name, env.WRONG_ADDRESS, MAIL_EXAMPLE) from error
    if not config:
        raise env.SettingError(name, env.WRONG_ADDRESS, MAIL_EXAMPLE)
    return config
