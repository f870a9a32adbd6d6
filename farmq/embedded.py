"""The embedded mode: from nothing to an explicit environment, kept in the data folder.

Everything that ``manage.py up`` makes lives in FARMQ_DATA: two keys made once, the database, the
broker's data, and ``embedded.env``, from which commands beside a running system read. The
simulated engine has a home of its own, so that a later start with a real one finds none of it.
"""

import argparse
import base64
import contextlib
import fcntl
import os
import secrets
import shlex
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from farmq import broker, env

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
LOCK = "up.lock"
SIMULATOR = env.BASE_DIR / "network" / "headscale" / "simulator" / "__main__.py"
# What a command beside a running system has to know; a secret may be named by its file.
REMEMBERED = (
    *("SECRET_KEY", "FARMQ_ENCRYPTION_KEYS", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"),
    *("HEADSCALE_COMMAND", "HEADSCALE_CLI_ADDRESS", "HEADSCALE_CLI_API_KEY"),
    *("HEADSCALE_DATABASE_URL", "HEADSCALE_LOGIN_URL", "HEADSCALE_SERVERS_FILE"),
    *("FARMQ_SIMULATED", "FARMQ_HTTPS"),
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "FARMQ_TRUSTED_PROXIES"),
    *("FARMQ_SYNC_INTERVAL", "FARMQ_CHANGE_TIMEOUT", "FARMQ_READ_TIMEOUT"),
)


class UpError(Exception):
    """The start is refused; the message is one sentence."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """This will add the options of ``manage.py up``."""
    parser.add_argument("--host", default=DEFAULT_HOST, help=_("접속을 받을 주소"))
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=_("접속을 받을 포트"))
    parser.add_argument("--data", help=_("자료 폴더 (기본값: FARMQ_DATA 또는 var/)"))
    parser.add_argument(
        "--demo",
        type=int,
        metavar="N",
        help=_("시연용 약국 수 (시뮬레이터는 100, 실제 엔진은 0이 기본값)"),
    )
    parser.add_argument("--no-input", action="store_true", help=_("아무것도 묻지 않습니다"))
    parser.add_argument("--check", action="store_true", help=_("준비와 점검만 하고 끝냅니다"))


def settle(argv: Sequence[str]) -> None:
    """This will complete this process's environment, before any setting is read."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--data")
    parser.add_argument("--host", default=DEFAULT_HOST)
    options = argparse.Namespace(data=None, host=DEFAULT_HOST)
    # A wrong option gets its sentence from the command itself, a moment later.
    with contextlib.suppress(argparse.ArgumentError):
        options, _rest = parser.parse_known_args(list(argv))
    if options.data:
        os.environ["FARMQ_DATA"] = options.data
    data = _private_folder(env.data_folder())
    os.environ["FARMQ_DATA"] = str(data)
    os.environ.update(_missing_values(data, host=options.host))


def remember() -> None:
    """This will write the explicit environment for the commands beside a running system."""
    given = {}
    for name in (*REMEMBERED, *(f"{name}_FILE" for name in REMEMBERED)):
        if value := os.environ.get(name, "").strip():
            given[name] = value
    lines = "".join(f"{name}={value}\n" for name, value in given.items())
    _write_private(env.data_folder() / env.EMBEDDED_ENV, lines)


def home() -> Path:
    """This will name the folder of the engine in use: the simulator has its own."""
    data = env.data_folder()
    return data / "demo" if env.flag("FARMQ_SIMULATED", default=False) else data


@contextlib.contextmanager
def locked(data: Path) -> Iterator[None]:
    """This will hold the data folder for this process; a second one gets an UpError."""
    with (data / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UpError(
                _("이 자료 폴더로 이미 실행 중입니다: %(folder)s") % {"folder": data}
            ) from error
        yield


def forget_metrics() -> None:
    """This will drop the figures of processes that have ended; nothing may run yet."""
    for path in (home() / "metrics").glob("*.db"):
        path.unlink(missing_ok=True)


def check_port(host: str, port: int) -> None:
    """This will raise UpError when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise UpError(
                _("%(host)s의 %(port)d번 포트를 쓸 수 없습니다. 예: --port %(other)d")
                % {"host": host, "port": port, "other": DEFAULT_PORT + 1}
            ) from error


def _missing_values(data: Path, *, host: str) -> dict[str, str]:
    values: dict[str, Callable[[], str]] = {
        "SECRET_KEY": lambda: _made_once(data / "secret_key", secrets.token_urlsafe(50)),
        "FARMQ_ENCRYPTION_KEYS": lambda: _made_once(data / "encryption_key", _encryption_key()),
        "FARMQ_HTTPS": lambda: "false",
        "ALLOWED_HOSTS": lambda: ",".join(_host_names(host)),
    }
    found = {name: make() for name, make in values.items() if not env.is_given(name)}
    found |= _engine()
    simulated = found.get("FARMQ_SIMULATED") == "true"
    place = _private_folder(data / "demo") if simulated else data
    found["PROMETHEUS_MULTIPROC_DIR"] = str(_private_folder(place / "metrics"))
    if not env.is_given("DATABASE_URL"):
        found["DATABASE_URL"] = f"sqlite:///{place / 'farmq.sqlite3'}"
    if not env.is_given("REDIS_URL"):
        found["REDIS_URL"] = f"unix://{broker.socket_path(place)}"
        found["FARMQ_OWN_BROKER"] = "true"
    return found


def _engine() -> dict[str, str]:
    if env.is_given("HEADSCALE_COMMAND") or env.is_given("HEADSCALE_SERVERS_FILE"):
        return {}
    if found := shutil.which("headscale"):
        return {"HEADSCALE_COMMAND": shlex.quote(found)}
    state = env.data_folder() / "demo" / "engine" / "simulator.json"
    argv = (sys.executable, str(SIMULATOR), "-c", str(state))
    return {"HEADSCALE_COMMAND": shlex.join(argv), "FARMQ_SIMULATED": "true"}


def _host_names(host: str) -> list[str]:
    names = ["localhost", "127.0.0.1", "[::1]"]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 -- compared, not bound
        machine = socket.gethostname()
        names.append(machine)
        with contextlib.suppress(OSError):
            names.extend(socket.gethostbyname_ex(machine)[2])
    else:
        names.append(f"[{host}]" if ":" in host else host)
    return list(dict.fromkeys(names))


def _encryption_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(env.ENCRYPTION_KEY_BYTES)).decode()


def _made_once(path: Path, value: str) -> str:
    if not path.exists():
        _write_private(path, value)
    return path.read_text("utf-8").strip()


def _write_private(path: Path, content: str) -> None:
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    unfinished.replace(path)


def _private_folder(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise env.SettingError(
            "FARMQ_DATA", env.FOLDER_NOT_MADE, "FARMQ_DATA=/var/lib/farmq"
        ) from error
    return path
