"""Every variable: a wrong value is one sentence that names it, and the start ends with 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import environment

ROOT = Path(__file__).resolve().parents[2]
WRONG = [
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", ""),
    ("FARMQ_ENCRYPTION_KEYS", "not-base64!"),
    ("FARMQ_ENCRYPTION_KEYS", "c2hvcnQ="),
    ("FARMQ_ENCRYPTION_KEYS", ""),
    ("DEBUG", "maybe"),
    ("ALLOWED_HOSTS", "https://admin.example.com"),
    ("CSRF_TRUSTED_ORIGINS", "admin.example.com"),
    ("FARMQ_TRUSTED_PROXIES", "10.0.0.0/99"),
    ("FARMQ_HTTPS", "perhaps"),
    ("DATABASE_URL", "mysql://farmq@localhost/farmq"),
    ("DATABASE_URL", "postgres://farmq@localhost:port/farmq"),
    ("DATABASE_OWNER_URL", "nonsense"),
    ("REDIS_URL", "http://redis"),
    ("REDIS_URL", "redis://redis:port"),
    ("REDIS_URL", "unix://"),
    ("HEADSCALE_COMMAND", ""),
    ("HEADSCALE_COMMAND", "headscale 'unfinished"),
    ("HEADSCALE_CLI_ADDRESS", "https://headscale.example.com/"),
    ("HEADSCALE_DATABASE_URL", "/var/lib/headscale/db.sqlite"),
    ("HEADSCALE_SERVERS_FILE", "servers.toml"),
    ("HEADSCALE_LOGIN_URL", "headscale.example.com"),
    ("FARMQ_SYNC_INTERVAL", "often"),
    ("FARMQ_SYNC_INTERVAL", "0"),
    ("FARMQ_CHANGE_TIMEOUT", "-1"),
    ("FARMQ_READ_TIMEOUT", "nan"),
    ("FARMQ_LEASE_S", "long"),
    ("FARMQ_VISIBILITY_S", "x"),
    ("FARMQ_SWEEP_INTERVAL", "x"),
    ("FARMQ_SETTLE_MIN_S", "x"),
    ("FARMQ_RESTART_GRACE_S", "x"),
    ("FARMQ_RECONCILE_LIMIT_S", "x"),
    ("FARMQ_WAIT_S", "-1"),
    ("FARMQ_SIMULATED", "x"),
    ("FARMQ_REQUIRE_MFA", "true"),
    ("FARMQ_REQUIRE_MFA", "x"),
    ("EMAIL_URL", "gopher://mail"),
    ("FARMQ_LOG_FORMAT", "xml"),
    ("FARMQ_BACKUP_RECIPIENT", "age1qqqq"),
    ("FARMQ_BACKUP_RECIPIENT", "x"),
    ("FARMQ_BACKUP_TARGET", "backups"),
    ("TIME_ZONE", "Asia/Nowhere"),
    ("LANGUAGE_CODE", "fr"),
]


def start(tmp_path: Path, *argv: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Start a program with a good environment and these changes."""
    values = environment.clean(dict(os.environ)) | environment.values(tmp_path) | changes
    return subprocess.run(
        [sys.executable, *argv],
        cwd=ROOT,
        env=values,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def is_one_sentence(result: subprocess.CompletedProcess[str], name: str) -> bool:
    """Tell whether a start ended as it should: status 2, one line, the variable, an example."""
    lines = result.stderr.splitlines()
    named = len(lines) == 1 and name in lines[0] and "예: " in lines[0]
    return named and result.returncode == 2


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    result = start(tmp_path, "manage.py", "check", **{name: value})

    assert is_one_sentence(result, name), result.stderr


@pytest.mark.parametrize(
    "argv",
    [
        ("-m", "celery", "-A", "farmq.celery", "inspect", "ping"),
        ("-m", "celery", "-A", "farmq.celery", "beat"),
        ("-c", "import farmq.wsgi"),
    ],
)
def test_every_entrance_says_the_same_sentence(tmp_path: Path, argv: tuple[str, ...]) -> None:
    result = start(tmp_path, *argv, DEBUG="maybe")

    assert is_one_sentence(result, "DEBUG"), result.stderr


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "FARMQ_ENCRYPTION_KEYS", "DATABASE_URL", "REDIS_URL"]
)
def test_a_secret_may_stand_in_a_file(tmp_path: Path, name: str) -> None:
    values = environment.values(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text(values[name] + "\n")
    program = f"from farmq.env import secret; print(secret({name!r}, example=''))"

    result = start(tmp_path, "-c", program, **{name: "", f"{name}_FILE": str(secret)})

    assert result.stdout.strip() == values[name]


def test_a_secret_both_ways_is_refused(tmp_path: Path) -> None:
    result = start(tmp_path, "manage.py", "check", SECRET_KEY_FILE="/dev/null")

    assert is_one_sentence(result, "SECRET_KEY")


def test_a_secret_in_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")

    result = start(tmp_path, "manage.py", "check", SECRET_KEY="", SECRET_KEY_FILE=missing)

    assert is_one_sentence(result, "SECRET_KEY_FILE")


def left_behind(tmp_path: Path, **changes: str) -> str:
    """What two variables are beside a folder in which a system was started."""
    values = (
        f"SECRET_KEY={environment.SECRET_KEY}\nTIME_ZONE=Asia/Tokyo\nHEADSCALE_COMMAND=kept a=b\n"
    )
    (tmp_path / "embedded.env").write_text(values)
    reading = "env.command('HEADSCALE_COMMAND'), env.time_zone('TIME_ZONE', 'UTC')"
    return start(tmp_path, "-c", f"from farmq import env; print({reading})", **changes).stdout


def test_values_of_a_running_system_come_last(tmp_path: Path) -> None:
    shown = left_behind(tmp_path, SECRET_KEY="", TIME_ZONE="Asia/Seoul", HEADSCALE_COMMAND="")

    assert shown.strip() == "('kept', 'a=b') Asia/Seoul"


def test_what_a_trial_left_is_not_for_a_system_with_its_own_key(tmp_path: Path) -> None:
    shown = left_behind(tmp_path, HEADSCALE_COMMAND="headscale")

    assert shown.strip() == "('headscale',) UTC"


def test_a_command_is_split_like_a_shell_would(tmp_path: Path) -> None:
    program = "from django.conf import settings; print(settings.HEADSCALE_SERVERS[0]['command'])"

    result = start(tmp_path, "-c", program, HEADSCALE_COMMAND="docker exec 'head scale' headscale")

    assert result.stdout.strip() == "('docker', 'exec', 'head scale', 'headscale')"


def test_variables_of_the_machine_do_not_reach_the_tests() -> None:
    theirs = {
        "FARMQ_WAIT_S": "99",
        "HEADSCALE_CLI_API_KEY": "x",
        "DATABASE_URL": "y",
        "PATH": "/bin",
    }

    assert environment.clean(theirs) == {"PATH": "/bin"}
