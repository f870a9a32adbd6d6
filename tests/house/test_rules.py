"""The house keeps its rules, and a planted violation of each is caught."""

import shutil
from pathlib import Path

import pytest

from tests.house import doors, operations, rules, source
from tests.house.rules import Rule

LONG_MODULE = "x = 1\n" * 401
LONG_FUNCTION = "def long() -> None:\n" + "    print()\n" * 40
OPERATION = """
def sell_pharmacy(*, actor: Actor, at: datetime, pharmacy_id: int) -> None:
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id)
    {first}
    require(actor, "pharmacies:write")
    pharmacy.delete()
"""
WRITING = """
def sell_pharmacy(*, actor: Actor, at: datetime) -> None:
    require(actor, "pharmacies:write")
    _sell(at)


def _sell(at: datetime) -> None:
    Pharmacy.objects.filter(pk=1).update(sold_at=at)
    {last}
"""
CLOCK = "def oldest(rows: Rows) -> Rows:\n    return rows.filter(at__lt={})\n"
PLANTED: list[tuple[Rule, str, str]] = [
    (rules.modules_are_short, "network/long.py", LONG_MODULE),
    (rules.functions_are_short, "screens/long.py", LONG_FUNCTION),
    (rules.functions_are_short, "tests/test_long.py", LONG_FUNCTION),
    (rules.scripts_are_short, "static/long.js", "void 0;\n" * 150),
    (rules.processes_have_three_doors, "network/shell.py", "import subprocess\n"),
    (rules.processes_have_three_doors, "network/shell.py", "from subprocess import run\n"),
    (rules.processes_have_three_doors, "farmq/shell.py", "import os\nos.system('true')\n"),
    (rules.processes_have_three_doors, "screens/shell.py", "from os import execv\n"),
    (rules.processes_have_three_doors, "network/shell.py", "import multiprocessing\n"),
    (rules.modules_have_names, "network/utils.py", ""),
    (rules.modules_have_names, "pharmacies/helpers/names.py", ""),
    (rules.modules_have_names, "screens/core.py", ""),
    (rules.no_signals, "network/late.py", "from django.db.models.signals import post_save\n"),
    (rules.no_signals, "network/late.py", "from django.dispatch import receiver\n"),
    (rules.no_overridden_save, "network/m.py", "class A:\n    def save(self) -> None: ...\n"),
    (rules.ready_only_registers, "network/a.py", "class A:\n    def ready(self):\n        go()\n"),
    (rules.views_name_their_scope, "network/api/open.py", "class Open(APIView):\n    pass\n"),
    (rules.views_name_their_scope, "screens/v.py", "class O(viewsets.ModelViewSet):\n    x = 1\n"),
    (rules.ignores_have_codes, "network/quiet.py", "x = 1  # no" + "qa\n"),
    (rules.ignores_have_codes, "network/quiet.py", "x = 1  # type: " + "ignore\n"),
    (rules.output_stays_escaped, "screens/raw.py", "x = mark_safe(text)\n"),
    (rules.output_stays_escaped, "templates/raw.html", "<p>{{ name|safe }}</p>\n"),
    (rules.output_stays_escaped, "templates/raw.html", "<script>go()</script>\n"),
    (rules.output_stays_escaped, "templates/raw.html", '<a onclick="go()">x</a>\n'),
    (rules.tasks_are_never_eager, "network/tests/test_e.py", rules.EAGER.upper() + " = True\n"),
    (rules.nothing_is_put_off, "network/later.py", "# TO" + "DO: write it\n"),
    (
        operations.operations_take_actor_and_time,
        "network/fleet/operations.py",
        "def move(actor: Actor, at: datetime) -> None:\n    require(actor, 'x')\n",
    ),
    (
        operations.operations_take_actor_and_time,
        "network/fleet/operations.py",
        "def move(*, actor: Actor) -> None:\n    require(actor, 'x')\n",
    ),
    (
        operations.operations_ask_first,
        "pharmacies/operations.py",
        OPERATION.format(first="pharmacy.save()"),
    ),
    (
        operations.operations_ask_first,
        "network/operations/bulk.py",
        OPERATION.format(first="pharmacy.save()"),
    ),
    (
        operations.operations_ask_first,
        "pharmacies/operations.py",
        OPERATION.format(first="pass").replace("    require", "    # require"),
    ),
    (doors.doors_write_nothing, "network/admin/users.py", "def f(r):\n    r.save()\n"),
    (doors.doors_write_nothing, "pharmacies/admin.py", "def f(r):\n    super().save(r)\n"),
    (doors.doors_write_nothing, "network/api/views.py", "def f(r):\n    A.objects.create()\n"),
    (doors.doors_write_nothing, "screens/views.py", "def f(r):\n    r.delete()\n"),
    (doors.doors_write_nothing, "network/tasks.py", "def f(r):\n    r.filter(pk=1).update(a=1)\n"),
    (doors.doors_write_nothing, "farmq/management/commands/a.py", "A.objects.bulk_create(rows)\n"),
    *(
        (doors.time_comes_from_the_door, f"network/{module}.py", CLOCK.format(clock))
        for module, clock in (
            ("operations", "timezone.now()"),
            ("queries", "datetime.now(UTC)"),
            ("executor", "now()"),
            ("sync", "time.time()"),
            ("kinds", "utc_now()"),
            ("presence", "datetime.utcnow()"),
            ("retention", "timezone.now()"),
            ("engine", "timezone.now()"),
            ("headscale/calls", "datetime.now(UTC)"),
        )
    ),
    (doors.deeds_are_recorded, "pharmacies/operations.py", WRITING.format(last="return")),
    (doors.deeds_are_recorded, "network/operations/keys.py", WRITING.format(last="return")),
    (doors.deeds_are_recorded, "network/fleet/operations.py", WRITING.format(last="recorded(at)")),
]
RULES = sorted({rule for rule, _path, _text in PLANTED}, key=lambda rule: rule.__name__)
ASKING = [
    pytest.param(path, function.name, id=f"{path.relative_to(source.ROOT)}-{function.name}")
    for path, function in operations.operations(source.ROOT)
]


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps(rule: Rule) -> None:
    assert rule(source.ROOT) == []


@pytest.mark.parametrize(("rule", "where", "text"), PLANTED)
def test_a_planted_violation_is_caught(tmp_path: Path, rule: Rule, where: str, text: str) -> None:
    path = tmp_path / where
    path.parent.mkdir(parents=True)

    path.write_text(text)

    assert [found.split(":")[0] for found in rule(tmp_path)] == [where]


@pytest.mark.parametrize(("path", "name"), ASKING)
def test_a_missing_permission_check_is_caught(tmp_path: Path, path: Path, name: str) -> None:
    where = path.relative_to(source.ROOT)
    copy = tmp_path / where
    copy.parent.mkdir(parents=True)
    shutil.copy(path, copy)
    (function,) = [one for _path, one in operations.operations(tmp_path) if one.name == name]
    lines = copy.read_text("utf-8").splitlines()
    within = range(function.lineno - 1, function.end_lineno or 0)

    for number in within:
        lines[number] = lines[number].replace("    require(", "    str(")
    copy.write_text("\n".join(lines), "utf-8")

    caught = f"{where}:{function.lineno}"
    assert caught not in operations.operations_ask_first(source.ROOT)
    assert caught in operations.operations_ask_first(tmp_path)


def test_the_project_has_operations_to_watch() -> None:
    assert len(ASKING) >= 10


@pytest.mark.parametrize(
    ("rule", "where", "text"),
    [
        (doors.doors_write_nothing, "network/admin/users.py", "formset.save(commit=False)\n"),
        (doors.doors_write_nothing, "network/admin/users.py", "form.save()\n"),
        (doors.doors_write_nothing, "network/linking.py", "row.save()\n"),
        (doors.time_comes_from_the_door, "network/admin/users.py", "act(at=timezone.now())\n"),
        (doors.time_comes_from_the_door, "network/sync.py", "def f(clock):\n    clock()\n"),
        (
            doors.deeds_are_recorded,
            "pharmacies/operations.py",
            WRITING.format(last="record(at=at)"),
        ),
    ],
)
def test_what_is_right_is_let_through(tmp_path: Path, rule: Rule, where: str, text: str) -> None:
    path = tmp_path / where
    path.parent.mkdir(parents=True)

    path.write_text(text)

    assert rule(tmp_path) == []
