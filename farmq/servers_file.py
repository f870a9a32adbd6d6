"""The engines of this system: one from the environment, or several from a TOML file.

A command is code that runs here, so it is set in one of these two places and nowhere else. Each
`[[servers]]` table of the file has a slug, a name and a command, and may have the address and key
file of a distant engine, the engine's database, its login address and its release. The paths of
files are relative to the file; the words of a command are passed on as they are.
"""

import contextlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farmq import addresses, env
from farmq.addresses import Database

_ = env.early_gettext

VARIABLE = "HEADSCALE_SERVERS_FILE"
EXAMPLE = "HEADSCALE_SERVERS_FILE=/etc/farmq/servers.toml"
ONE_SERVER = (
    *("HEADSCALE_COMMAND", "HEADSCALE_CLI_ADDRESS", "HEADSCALE_CLI_API_KEY"),
    *("HEADSCALE_DATABASE_URL", "HEADSCALE_LOGIN_URL"),
)
# Each key of a server, and a line that works.
KEYS = {
    "slug": 'slug = "seoul"',
    "name": 'name = "Seoul"',
    "command": f'command = "{env.COMMAND_EXAMPLE}"',
    "address": f'address = "{env.HOST_PORT_EXAMPLE}"',
    "api_key_file": 'api_key_file = "secrets/seoul_api_key"',
    "database_url": f'database_url = "{addresses.FOREIGN_EXAMPLE}"',
    "database_url_file": 'database_url_file = "secrets/seoul_database_url"',
    "login_url": f'login_url = "{env.LOGIN_URL_EXAMPLE}"',
    "release": 'release = "0.29"',
}
UNKNOWN_KEY = _("알 수 없는 키입니다")
ALIAS = "headscale"
NAME_LENGTH = 100
URL_LENGTH = 200
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_RELEASE = re.compile(r"v?(0\.\d{2})(?:\.\d+)?")
_LINE = re.compile(r"\bline (\d+)")


class HiddenText(str):
    """A secret whose `repr` does not tell it, for entries may be printed and logged."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'" if self else "''"


@dataclass(frozen=True, slots=True)
class Engines:
    """What the settings keep: an entry for each server, and a database for each alias."""

    servers: list[dict[str, Any]]
    databases: dict[str, Database]


def engines(*, simulated: bool) -> Engines:
    """This will read the file of servers, or the one server of the environment without a file."""
    file_name = env.text(VARIABLE, "", example=EXAMPLE)
    if not file_name:
        return _one(simulated=simulated)
    for name in ONE_SERVER:
        if env.is_given(name):
            problem = _("%(name)s와(과) 함께 쓸 수 없습니다") % {"name": name}
            raise env.SettingError(VARIABLE, problem, EXAMPLE)
    return read(Path(file_name).absolute(), simulated=simulated)


def _one(*, simulated: bool) -> Engines:
    database = addresses.read_only("HEADSCALE_DATABASE_URL")
    server = {
        "slug": "simulator" if simulated else "default",
        "name": "시뮬레이터" if simulated else "Headscale",
        "command": env.command("HEADSCALE_COMMAND"),
        "address": env.host_port("HEADSCALE_CLI_ADDRESS"),
        "api_key": HiddenText(env.secret("HEADSCALE_CLI_API_KEY", "", example="hskey-api-…")),
        "database_alias": ALIAS if database else None,
        "login_url": env.url(
            "HEADSCALE_LOGIN_URL", schemes=("https", "http"), example=env.LOGIN_URL_EXAMPLE
        ),
        "release": None,
        "simulated": simulated,
    }
    return Engines([server], {ALIAS: database} if database else {})


def read(path: Path, *, simulated: bool = False) -> Engines:
    """This will read a file of servers, in its order; the first one is the default server."""
    found = Engines([], {})
    for number, values in enumerate(_tables(path), 1):
        with _told(_("%(number)d번째 서버의 ") % {"number": number}):
            server, database = _server(values, path.parent)
            if any(server["slug"] == other["slug"] for other in found.servers):
                raise _fault("slug", _("같은 값이 두 번 있습니다"))
        found.servers.append(server | {"simulated": simulated})
        if database is not None:
            found.databases[server["database_alias"]] = database
    return found


@contextlib.contextmanager
def _told(where: str) -> Iterator[None]:
    """This will make the fault of a key the fault of the variable."""
    try:
        yield
    except env.SettingError as error:
        example = KEYS.get(error.name, EXAMPLE)
        raise env.SettingError(VARIABLE, f"{where}{error.name}: {error.problem}", example) from None


def _fault(key: str, problem: str) -> env.SettingError:
    return env.SettingError(key, problem, KEYS.get(key, EXAMPLE))


def _tables(path: Path) -> list[dict[str, object]]:
    try:
        whole = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise env.SettingError(VARIABLE, env.FILE_NOT_READ, EXAMPLE) from error
    except (ValueError, RecursionError) as error:
        line = _LINE.search(str(error))
        problem = _("TOML로 읽을 수 없습니다 (%(line)s번째 줄)") % {
            "line": line[1] if line else "?"
        }
        raise env.SettingError(VARIABLE, problem, EXAMPLE) from None
    for key in whole:
        if key != "servers":
            problem = f"{_printed(key)}: {UNKNOWN_KEY}"
            raise env.SettingError(VARIABLE, problem, "[[servers]]")
    tables = whole.get("servers")
    if not isinstance(tables, list) or not tables:
        raise env.SettingError(VARIABLE, _("서버가 하나도 없습니다"), "[[servers]]")
    if not all(isinstance(table, dict) for table in tables):
        raise env.SettingError(VARIABLE, _("서버마다 표가 있어야 합니다"), "[[servers]]")
    return tables


def _printed(key: str) -> str:
    return ascii(key)[1:-1][:40]


def _server(values: dict[str, object], folder: Path) -> tuple[dict[str, Any], Database | None]:
    for key in values:
        if key not in KEYS:
            raise _fault(_printed(key), UNKNOWN_KEY)
    slug = _matched(values, "slug", _SLUG, _("소문자, 숫자, 붙임표로 40자까지 쓸 수 있습니다"))
    if slug is None:
        raise _fault("slug", env.VALUE_NEEDED)
    database = _database(values, folder)
    release = _matched(values, "release", _RELEASE, _("0.26과 같은 판 번호여야 합니다"))
    server = {
        "slug": slug[0],
        "name": _short(values, "name", NAME_LENGTH, required=True),
        "command": env.parsed_command("command", _text(values, "command", required=True)),
        **_distant(values, folder),
        "database_alias": f"{ALIAS}_{slug[0].replace('-', '_')}" if database else None,
        "login_url": _login_url(values),
        "release": release[1] if release else None,
    }
    return server, database


def _text(values: dict[str, object], key: str, *, required: bool = False) -> str:
    value = values.get(key, "")
    if not isinstance(value, str) or not value.isprintable():
        raise _fault(key, _("한 줄의 글이어야 합니다"))
    if required and not value.strip():
        raise _fault(key, env.VALUE_NEEDED)
    return value.strip()


def _short(values: dict[str, object], key: str, length: int, *, required: bool = False) -> str:
    value = _text(values, key, required=required)
    if len(value) > length:
        raise _fault(key, _("%(length)d자까지 쓸 수 있습니다") % {"length": length})
    return value


def _matched(
    values: dict[str, object], key: str, pattern: re.Pattern[str], problem: str
) -> re.Match[str] | None:
    value = _text(values, key)
    found = pattern.fullmatch(value)
    if value and found is None:
        raise _fault(key, problem)
    return found


def _distant(values: dict[str, object], folder: Path) -> dict[str, str]:
    address = env.parsed_host_port("address", _text(values, "address"))
    key = _secret(values, "api_key_file", folder)
    if bool(address) != bool(key):
        problem = _("address와 api_key_file은 함께 있어야 합니다")
        raise _fault("api_key_file" if address else "address", problem)
    return {"address": address, "api_key": HiddenText(key)}


def _database(values: dict[str, object], folder: Path) -> Database | None:
    address, kept = _text(values, "database_url"), _secret(values, "database_url_file", folder)
    if address and kept:
        raise _fault("database_url", _("database_url_file과 함께 쓸 수 없습니다"))
    key = "database_url" if address else "database_url_file"
    url = address or kept
    return addresses.foreign(key, url, folder=folder) if url else None


def _secret(values: dict[str, object], key: str, folder: Path) -> str:
    name = _text(values, key)
    if not name:
        return ""
    try:
        value = (folder / name).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _fault(key, env.FILE_NOT_READ) from None
    if not value or not value.isprintable():
        raise _fault(key, _("파일에 비밀 한 줄이 있어야 합니다"))
    return value


def _login_url(values: dict[str, object]) -> str:
    value = _short(values, "login_url", URL_LENGTH)
    schemes = ("https", "http")
    return env.parsed_url("login_url", value, schemes=schemes, example=env.LOGIN_URL_EXAMPLE)
