"""The only door to the environment: typed readers whose complaints fit one sentence.

Order of precedence: the environment, then the file named by NAME_FILE (secrets), then the
values that ``manage.py up`` left in ``embedded.env`` of the data folder, unless the environment
brings a SECRET_KEY of its own. An empty value counts as not set. Nothing here may touch Django's
settings: they are being read with it.
"""

import base64
import binascii
import contextlib
import functools
import gettext
import ipaddress
import os
import shlex
import sys
import zoneinfo
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
EMBEDDED_ENV = "embedded.env"
SECRET_KEY_LENGTH = 50
ENCRYPTION_KEY_BYTES = 32
COMMAND_EXAMPLE = "headscale -c /etc/headscale/config.yaml"
HOST_PORT_EXAMPLE = "headscale.example.com:50443"
LOGIN_URL_EXAMPLE = "https://headscale.example.com"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Django's own gettext needs the settings that are being built here.
early_gettext = gettext.translation(
    "django",
    localedir=Path(__file__).resolve().parent / "locale",
    languages=[os.environ.get("LANGUAGE_CODE", "ko")],
    fallback=True,
).gettext
_ = early_gettext

WRONG_ADDRESS = _("주소가 올바르지 않습니다")
FOLDER_NOT_MADE = _("폴더를 만들 수 없습니다")
FILE_NOT_READ = _("파일을 읽을 수 없습니다")
VALUE_NEEDED = _("값이 필요합니다")


class SettingError(Exception):
    """A variable of the environment is missing or wrong; the message is one sentence."""

    def __init__(self, name: str, problem: str, example: str) -> None:
        """This will word the sentence: which variable, what is wrong, a value that works."""
        self.name, self.problem, self.example = name, problem, example
        super().__init__(
            _("환경 변수 %(name)s: %(problem)s. 예: %(example)s")
            % {"name": name, "problem": problem, "example": example}
        )


@contextlib.contextmanager
def one_sentence() -> Iterator[None]:
    """This will turn a SettingError into its sentence on stderr and exit status 2."""
    try:
        yield
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


def data_folder() -> Path:
    """This will name the folder of embedded data, absolute."""
    return Path(os.environ.get("FARMQ_DATA") or BASE_DIR / "var").expanduser().resolve()


def is_given(name: str) -> bool:
    """This will tell whether the environment itself sets the variable, by value or by file."""
    return bool(os.environ.get(name, "").strip() or os.environ.get(f"{name}_FILE", "").strip())


@functools.cache
def _embedded_values() -> dict[str, str]:
    # Whoever brings a key runs a system of their own: what a trial left behind is not for them.
    if is_given("SECRET_KEY"):
        return {}
    try:
        lines = (data_folder() / EMBEDDED_ENV).read_text("utf-8").splitlines()
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _from_file(name: str, file_name: str, example: str) -> str:
    try:
        return Path(file_name).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{name}_FILE", FILE_NOT_READ, example) from error


def text(name: str, default: str | None = None, *, example: str) -> str:
    """This will read one line of text; without a default the variable is required."""
    value = os.environ.get(name, "").strip() or _embedded_values().get(name) or default
    if value is None:
        raise SettingError(name, VALUE_NEEDED, example)
    return value


def secret(name: str, default: str | None = None, *, example: str) -> str:
    """This will read a secret from NAME or from the file named by NAME_FILE, not from both."""
    value, file_name = (os.environ.get(key, "").strip() for key in (name, f"{name}_FILE"))
    if value and file_name:
        raise SettingError(name, _("%s_FILE과 함께 쓸 수 없습니다") % name, example)
    if not value and not _embedded_values().get(name):
        file_name = file_name or _embedded_values().get(f"{name}_FILE", "")
    return (
        _from_file(name, file_name, example) if file_name else text(name, default, example=example)
    )


def choice(name: str, default: str, *, options: Sequence[str]) -> str:
    """This will read one of a few words."""
    value = text(name, default, example=default)
    if value not in options:
        problem = _("%(options)s 가운데 하나여야 합니다") % {"options": ", ".join(options)}
        raise SettingError(name, problem, default)
    return value


def flag(name: str, *, default: bool) -> bool:
    """This will read true or false."""
    spelled = "true" if default else "false"
    value = text(name, spelled, example=spelled).lower()
    if value not in {"true", "false", "1", "0", "on", "off", "yes", "no"}:
        raise SettingError(name, _("true 또는 false여야 합니다"), spelled)
    return value in environ.Env.BOOLEAN_TRUE_STRINGS


def seconds(name: str, default: float, *, at_least: float = 0.1, at_most: float = 86_400) -> float:
    """This will read a duration in seconds within its limits."""
    example = f"{default:g}"
    try:
        value = float(text(name, example, example=example))
    except ValueError as error:
        raise SettingError(name, _("초 단위의 숫자여야 합니다"), example) from error
    if not at_least <= value <= at_most:
        limits = {"least": f"{at_least:g}", "most": f"{at_most:g}"}
        raise SettingError(name, _("%(least)s초에서 %(most)s초 사이여야 합니다") % limits, example)
    return value


def words(name: str, *, example: str) -> list[str]:
    """This will read a list parted by commas, empty when the variable is not set."""
    return [word.strip() for word in text(name, "", example=example).split(",") if word.strip()]


def hosts(name: str) -> list[str]:
    """This will read host names without scheme, port or path."""
    example = "admin.example.com,10.0.0.5"
    found = words(name, example=example)
    if any(set(host) & set("/ ") or "://" in host for host in found):
        raise SettingError(name, _("주소가 아니라 호스트 이름이어야 합니다"), example)
    return found


def host_port(name: str) -> str:
    """This will read host and port without a scheme; empty when not set."""
    return parsed_host_port(name, text(name, "", example=HOST_PORT_EXAMPLE))


def parsed_host_port(name: str, value: str) -> str:
    """This will check host and port without a scheme; empty stays empty."""
    if value:
        if "/" in value:
            raise SettingError(name, WRONG_ADDRESS, HOST_PORT_EXAMPLE)
        _parts_of_url(name, f"//{value}", schemes=("",), example=HOST_PORT_EXAMPLE)
    return value


def origins(name: str) -> list[str]:
    """This will read origins: scheme and host."""
    example = "https://admin.example.com"
    found = words(name, example=example)
    for origin in found:
        _parts_of_url(name, origin, schemes=("http", "https"), example=example)
    return found


def networks(name: str) -> list[Network]:
    """This will read networks in CIDR notation."""
    example = "10.0.0.0/8,192.168.1.1/32"
    try:
        return [ipaddress.ip_network(word) for word in words(name, example=example)]
    except ValueError as error:
        raise SettingError(name, _("네트워크 표기(CIDR)가 올바르지 않습니다"), example) from error


def command(name: str) -> tuple[str, ...]:
    """This will read a command line, split like a shell would."""
    return parsed_command(name, text(name, example=COMMAND_EXAMPLE))


def parsed_command(name: str, value: str) -> tuple[str, ...]:
    """This will split a command line like a shell would, running nothing."""
    try:
        argv = tuple(shlex.split(value))
    except ValueError as error:
        raise SettingError(name, _("따옴표가 맞지 않습니다"), COMMAND_EXAMPLE) from error
    if not argv or not argv[0]:
        raise SettingError(name, _("명령이 비어 있습니다"), COMMAND_EXAMPLE)
    return argv


def url(name: str, *, schemes: Sequence[str], example: str) -> str:
    """This will read an address with one of the schemes; empty when not set."""
    return parsed_url(name, text(name, "", example=example), schemes=schemes, example=example)


def parsed_url(name: str, value: str, *, schemes: Sequence[str], example: str) -> str:
    """This will check an address with one of the schemes; empty stays empty."""
    if value:
        _parts_of_url(name, value, schemes=schemes, example=example)
    return value


def _parts_of_url(name: str, value: str, *, schemes: Sequence[str], example: str) -> None:
    try:
        parts = urlsplit(value)
        complete = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError as error:
        raise SettingError(name, WRONG_ADDRESS, example) from error
    if parts.scheme not in schemes or not complete:
        raise SettingError(name, _("%s 주소여야 합니다") % "/".join(schemes), example)


def time_zone(name: str, default: str) -> str:
    """This will read a name of the time zone database."""
    value = text(name, default, example=default)
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingError(name, _("알 수 없는 시간대입니다"), default) from error
    return value


def secret_key(name: str) -> str:
    """This will read the key of signatures; a short one is as bad as none."""
    example = "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    value = secret(name, example=example)
    if len(value) < SECRET_KEY_LENGTH:
        raise SettingError(name, _("%d자 이상이어야 합니다") % SECRET_KEY_LENGTH, example)
    return value


def encryption_keys(name: str) -> list[str]:
    """This will read the keys of the field encryption, newest first."""
    example = (
        "python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
    )
    keys = [key.strip() for key in secret(name, example=example).split(",") if key.strip()]
    for key in keys:
        try:
            size = len(base64.urlsafe_b64decode(key))
        except (binascii.Error, ValueError):
            size = 0
        if size != ENCRYPTION_KEY_BYTES:
            problem = _("키마다 base64로 적은 32바이트여야 합니다")
            raise SettingError(name, problem, example)
    return keys


def not_built(name: str, *, example: str) -> None:
    """This will refuse a variable whose effect does not exist yet, in one sentence."""
    if text(name, "", example=example):
        raise SettingError(name, _("아직 지원하지 않으므로 비워 두어야 합니다"), example)
