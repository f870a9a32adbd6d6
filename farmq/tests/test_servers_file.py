"""Several servers from a TOML file: what they become, and one sentence for each fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from farmq import env, servers_file
from farmq.tests.test_env import is_one_sentence, start
from tests.deployment.composition import ROOT

SEOUL = 'slug = "seoul"\nname = "서울"\ncommand = "headscale -c /etc/seoul.yaml"\n'
BUSAN = 'slug = "busan-2"\nname = "부산"\ncommand = "docker exec \'head scale\' headscale"\n'
SECRET = "hskey-api-not-to-be-told"
GIVEN = "HEADSCALE_SERVERS_FILE"


def server(*lines: str, base: str = SEOUL) -> str:
    """One table; a line replaces the one with the same key."""
    known = dict(line.split(" = ", 1) for line in base.splitlines())
    known |= dict(line.split(" = ", 1) for line in lines)
    kept = (f"{key} = {value}\n" for key, value in known.items() if value)
    return "[[servers]]\n" + "".join(kept)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A folder with a file of servers to be written, and secrets beside it."""
    (tmp_path / "key").write_text(SECRET + "\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "two-lines").write_text("one\ntwo")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "url").write_text("postgres://reader:pass@engine/headscale")
    return tmp_path / "servers.toml"


def test_servers_become_entries_in_their_order(file: Path) -> None:
    file.write_text(server() + server(base=BUSAN))

    found = servers_file.read(file)

    assert found.databases == {}
    assert found.servers == [
        {
            "slug": "seoul",
            "name": "서울",
            "command": ("headscale", "-c", "/etc/seoul.yaml"),
            "address": "",
            "api_key": "",
            "database_alias": None,
            "login_url": "",
            "release": None,
            "simulated": False,
        },
        {
            "slug": "busan-2",
            "name": "부산",
            "command": ("docker", "exec", "head scale", "headscale"),
            "address": "",
            "api_key": "",
            "database_alias": None,
            "login_url": "",
            "release": None,
            "simulated": False,
        },
    ]


def test_a_file_may_begin_with_a_mark_of_its_encoding(file: Path) -> None:
    file.write_text(server(), "utf-8-sig")

    assert [entry["slug"] for entry in servers_file.read(file).servers] == ["seoul"]


def test_a_distant_server_brings_its_key_and_tells_it_nobody(file: Path) -> None:
    file.write_text(server('address = "engine.example.com:50443"', 'api_key_file = "key"'))

    (entry,) = servers_file.read(file).servers

    assert (entry["address"], str(entry["api_key"])) == ("engine.example.com:50443", SECRET)
    assert SECRET not in repr(entry)
    assert SECRET not in f"{entry}"


def test_a_database_gets_an_alias_of_its_own(file: Path) -> None:
    file.write_text(
        server('database_url = "sqlite:///seoul%20db.sqlite"')
        + server('database_url_file = "url"', base=BUSAN)
    )

    found = servers_file.read(file)

    assert [entry["database_alias"] for entry in found.servers] == [
        "headscale_seoul",
        "headscale_busan_2",
    ]
    folder = str(file.parent).replace("%", "%25")
    assert found.databases["headscale_seoul"]["NAME"] == f"file:{folder}/seoul%20db.sqlite?mode=ro"
    assert found.databases["headscale_busan_2"]["USER"] == "reader"
    options = found.databases["headscale_busan_2"]["OPTIONS"]["options"]
    assert "default_transaction_read_only=on" in options


@pytest.mark.parametrize(
    ("written", "release"), [('"0.28"', "0.28"), ('"v0.29.2"', "0.29"), ('""', None)]
)
def test_a_release_is_kept_by_its_family(file: Path, written: str, release: str | None) -> None:
    file.write_text(server(f"release = {written}"))

    assert servers_file.read(file).servers[0]["release"] == release


# What stands in the file, the key at fault, a word of what is wrong.
FAULTS: dict[str, tuple[str, str, str]] = {
    "not TOML": ("[[servers]\n", "", "TOML"),
    "a number without end": ("x = " + "1" * 5000, "", "TOML"),
    "an unknown part": ('[database]\nx = "y"\n', "database", "알 수 없는 키"),
    "nothing": ("", "", "하나도"),
    "an empty list": ("servers = []", "", "하나도"),
    "a table alone": ('[servers]\nslug = "seoul"', "", "하나도"),
    "no tables": ('servers = ["seoul"]', "", "표"),
    "an unknown key": (server('colour = "red"'), "colour", "알 수 없는 키"),
    "a key of two lines": (server('"a\\nb" = "red"'), "a\\nb", "알 수 없는 키"),
    "no slug": (server('slug = ""'), "slug", "값이 필요"),
    "a number for a slug": (server("slug = 7"), "slug", "한 줄의 글"),
    "a slug with capitals": (server('slug = "Seoul"'), "slug", "소문자"),
    "a slug with an underscore": (server('slug = "a_b"'), "slug", "소문자"),
    "a slug that ends badly": (server('slug = "a-"'), "slug", "소문자"),
    "a long slug": (server(f'slug = "{"a" * 41}"'), "slug", "소문자"),
    "the same slug": (server() + server(), "slug", "두 번"),
    "no name": (server("name = "), "name", "값이 필요"),
    "a blank name": (server('name = " "'), "name", "값이 필요"),
    "a long name": (server(f'name = "{"가" * 101}"'), "name", "100자"),
    "a name of two lines": (server('name = "a\\nb"'), "name", "한 줄의 글"),
    "no command": (server("command = "), "command", "값이 필요"),
    "a command with an open quote": (server('command = "a \'b"'), "command", "따옴표"),
    "a command of nothing": (server("command = \"''\""), "command", "비어"),
    "a list for a command": (server('command = ["headscale"]'), "command", "한 줄의 글"),
    "a command with a NUL": (server('command = "a\\u0000b"'), "command", "한 줄의 글"),
    "a wrong address": (
        server('address = "https://x/"', 'api_key_file = "key"'),
        "address",
        "주소",
    ),
    "an address without a key": (server('address = "x:1"'), "api_key_file", "함께"),
    "a key without an address": (server('api_key_file = "key"'), "address", "함께"),
    "a key that is not there": (server('api_key_file = "none"'), "api_key_file", "읽을 수"),
    "a folder for a key": (server('api_key_file = "."'), "api_key_file", "읽을 수"),
    "an empty key": (server('api_key_file = "empty"'), "api_key_file", "비밀 한 줄"),
    "a key of two lines of text": (
        server('api_key_file = "two-lines"'),
        "api_key_file",
        "비밀 한 줄",
    ),
    "a key of bytes": (server('api_key_file = "bytes"'), "api_key_file", "읽을 수"),
    "a database of another kind": (
        server('database_url = "mysql://x/y"'),
        "database_url",
        "주소",
    ),
    "a database without a name": (server('database_url = "sqlite://"'), "database_url", "주소"),
    "a path for a database": (server('database_url = "/a.sqlite"'), "database_url", "주소"),
    "two databases": (
        server('database_url = "sqlite:///x"', 'database_url_file = "url"'),
        "database_url",
        "함께",
    ),
    "a wrong database in a file": (
        server('database_url_file = "key"'),
        "database_url_file",
        "주소",
    ),
    "a login address without scheme": (server('login_url = "x.example.com"'), "login_url", "https"),
    "a long login address": (
        server(f'login_url = "https://x.example.com/{"a" * 200}"'),
        "login_url",
        "200자",
    ),
    "a release that is none": (server('release = "newest"'), "release", "판 번호"),
}


@pytest.mark.parametrize(("content", "key", "word"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_one_sentence(file: Path, content: str, key: str, word: str) -> None:
    file.write_text(content)

    with pytest.raises(env.SettingError) as caught:
        servers_file.read(file)

    sentence = str(caught.value)
    assert sentence.isprintable()
    assert GIVEN in sentence
    assert "예: " in sentence
    assert word in sentence
    assert key in sentence
    assert SECRET not in sentence


def test_the_server_at_fault_is_named_by_its_number(file: Path) -> None:
    file.write_text(server() + server('name = ""', base=BUSAN))

    with pytest.raises(env.SettingError, match="2번째 서버의 name"):
        servers_file.read(file)


@pytest.mark.parametrize("name", ["none.toml", ".", "bytes"])
def test_a_file_that_cannot_be_read_is_one_sentence(file: Path, name: str) -> None:
    with pytest.raises(env.SettingError, match="읽을 수 없습니다"):
        servers_file.read(file.parent / name)


@pytest.mark.parametrize("name", servers_file.ONE_SERVER)
def test_one_server_and_several_exclude_each_other(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file.write_text(server())
    for other in servers_file.ONE_SERVER:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(GIVEN, str(file))
    alone = servers_file.engines(simulated=True)

    monkeypatch.setenv(name, "headscale.example.com:50443")

    assert [(one["slug"], one["simulated"]) for one in alone.servers] == [("seoul", True)]
    with pytest.raises(env.SettingError, match=f"{GIVEN}: {name}"):
        servers_file.engines(simulated=False)


def test_one_server_keeps_its_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSCALE_DATABASE_URL", "sqlite:////var/lib/headscale/db.sqlite")
    monkeypatch.setenv("HEADSCALE_CLI_API_KEY", SECRET)

    found = servers_file.engines(simulated=False)

    assert list(found.databases) == ["headscale"]
    assert found.servers[0]["database_alias"] == "headscale"
    assert SECRET not in repr(found)


def test_the_system_starts_with_several_servers(file: Path) -> None:
    file.write_text(server('database_url = "sqlite:///db.sqlite"') + server(base=BUSAN))
    program = (
        "import json; from django.conf import settings as s; "
        "print(json.dumps([[e['slug'] for e in s.HEADSCALE_SERVERS], sorted(s.DATABASES)]))"
    )
    given = {GIVEN: str(file), "HEADSCALE_COMMAND": ""}

    shown = start(file.parent, "-c", program, **given)
    migrated = start(file.parent, "manage.py", "migrate", "--no-input", "-v0", **given)
    names = "from network.models import HeadscaleServer as S; print(*S.objects.values_list('name'))"
    rows = start(file.parent, "manage.py", "shell", "-v0", "-c", names, **given)

    assert json.loads(shown.stdout) == [["seoul", "busan-2"], ["default", "headscale_seoul"]]
    assert migrated.returncode == 0, migrated.stderr
    assert rows.stdout.split() == ["('서울',)", "('부산',)"]


def test_a_fault_stops_the_start(file: Path) -> None:
    file.write_text(server('slug = "Seoul"'))

    started = start(
        file.parent, "manage.py", "check", **{GIVEN: str(file), "HEADSCALE_COMMAND": ""}
    )

    assert is_one_sentence(started, GIVEN), started.stderr


def test_without_any_server_the_start_stops(tmp_path: Path) -> None:
    started = start(tmp_path, "manage.py", "check", HEADSCALE_COMMAND="")

    assert is_one_sentence(started, "HEADSCALE_COMMAND"), started.stderr


def test_the_example_of_the_deployment_works(tmp_path: Path) -> None:
    example = (ROOT / "deploy" / "servers.example.toml").read_text("utf-8")
    (tmp_path / "servers.toml").write_text(example)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "busan_api_key").write_text(SECRET)

    found = servers_file.read(tmp_path / "servers.toml")

    assert [entry["slug"] for entry in found.servers] == ["seoul", "busan"]
    written = {line.lstrip("# ").split(" = ")[0] for line in example.splitlines() if " = " in line}
    assert written == set(servers_file.KEYS)
