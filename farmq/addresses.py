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
FOREIGN_EXAMPLE = "sqlite:////var/lib/headscale/db.sqlite"
REDIS_EXAMPLE = "redis://redis:6379/0"
MAIL_EXAMPLE = "smtp+tls://user:password@mail.example.com:587"
READ_TIMEOUT_S = 2
# PostgreSQL: no write by mistake, no long wait, no forgotten transaction. The role is the wall.
FOREIGN_LIMITS = (
    "default_transaction_read_only=on",
    f"statement_timeout={READ_TIMEOUT_S}s",
    f"lock_timeout={READ_TIMEOUT_S * 500}ms",
    "idle_in_transaction_session_timeout=10s",
)


def own(name: str, default: str) -> Database:
    """This will read the address of a database of ours."""
    url = env.secret(name, default, example=EXAMPLE)
    config = _parsed(name, url)
    if config["ENGINE"].endswith("sqlite3"):
        return config | {"OPTIONS": dict(SQLITE_OPTIONS)}
    return config | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def read_only(name: str) -> Database | None:
    """This will read the address of a foreign database, opened so that no write can succeed."""
    url = env.secret(name, "", example=FOREIGN_EXAMPLE)
    return foreign(name, url) if url else None


def foreign(name: str, url: str, *, folder: Path | None = None) -> Database:
    """This will turn the address of a foreign database into one that is only read.

    A relative path of a file starts at `folder`. Options of the address itself are dropped: they
    could open the database for writing.
    """
    config = _parsed(name, url, example=FOREIGN_EXAMPLE)
    if config["ENGINE"].endswith("sqlite3"):
        if config["NAME"] == ":memory:":
            raise env.SettingError(name, env.WRONG_ADDRESS, FOREIGN_EXAMPLE)
        path = (folder or Path()) / config["NAME"]
        config["ENGINE"] = "network.headscale_db.sqlite"
        config["NAME"] = f"file:{quote(str(path))}?mode=ro"
        config["OPTIONS"] = {"uri": True, "timeout": READ_TIMEOUT_S}
    else:
        limits = " ".join(f"-c {limit}" for limit in FOREIGN_LIMITS)
        config["OPTIONS"] = config.get("OPTIONS", {}) | {
            "options": limits,
            "connect_timeout": READ_TIMEOUT_S,
        }
    # Opened for each read and closed after it; a test run makes no copy of a foreign database.
    return config | {"CONN_MAX_AGE": 0, "TEST": {"MIGRATE": False}}


def _parsed(name: str, url: str, *, example: str = EXAMPLE) -> Database:
    try:
        known = urlsplit(url).scheme in {"sqlite", "postgres", "postgresql"}
        config: Database = environ.Env.db_url_config(url) if known else {}
    except ValueError as error:
        raise env.SettingError(name, env.WRONG_ADDRESS, example) from error
    if not config.get("NAME"):
        raise env.SettingError(name, env.WRONG_ADDRESS, example)
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
