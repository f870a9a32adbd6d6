"""The rules of doors: they write nothing, they bring the time, and deeds are recorded."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house import source
from tests.house.operations import is_operations
from tests.house.source import Function, place

DOOR_FOLDERS = {"admin", "api", "management", "templatetags"}
DOOR_MODULES = {"admin", "tasks", "views"}
WRITES = {
    *("save", "delete", "create", "update", "bulk_create", "bulk_update", "get_or_create"),
    *("update_or_create",),
}
# Where Django itself forces a form to be saved; it makes the instance and writes no row.
FORMS = {"form", "formset"}
# Mappings of the process, no rows.
NO_ROWS = {"os.environ", "connection.settings_dict"}
# The message itself is what this task marks as sent; there is no operation below it.
MARKS = {("network/tasks.py", "ring")}
# The clock that doors hand down, and the one a client has until it is given another.
CLOCKS = {("network/engine.py", "now"), ("network/headscale/calls.py", "utc_now")}
CLOCK_NAMES = {"timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "time.time"}
CLOCK_NAMES |= {"timezone.localtime", "date.today", "engine.now", "now", "utc_now"}
# A program of its own with a clock of its own.
PRETENDED = ("network", "headscale", "simulator")


def is_door(root: Path, path: Path) -> bool:
    """This will tell whether a module stands where requests, commands and messages come in."""
    parts = path.relative_to(root).parts
    return bool(DOOR_FOLDERS & set(parts[:-1])) or path.stem in DOOR_MODULES


def doors_write_nothing(root: Path) -> list[str]:
    """No admin, view, command or task touches a row: operations do."""
    return [
        place(root, path, call.lineno)
        for path in source.modules(root)
        if is_door(root, path)
        for function, call in _calls(source.tree(path))
        if _writes(call) and (path.relative_to(root).as_posix(), function) not in MARKS
    ]


def _writes(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITES:
        return False
    of = ast.unparse(call.func.value)
    if call.func.attr == "save":
        unsaved = any(ast.unparse(word) == "commit=False" for word in call.keywords)
        return not unsaved and of not in FORMS
    return of not in NO_ROWS


def _calls(module: ast.AST, function: str = "") -> Iterator[tuple[str, ast.Call]]:
    """This will give each call with the name of the outermost function around it."""
    for node in ast.iter_child_nodes(module):
        inside = function or (node.name if isinstance(node, Function) else "")
        if isinstance(node, ast.Call):
            yield inside, node
        yield from _calls(node, inside)


def time_comes_from_the_door(root: Path) -> list[str]:
    """Below a door nobody asks what time it is; farmq is all doors and frame."""
    return [
        place(root, path, call.lineno)
        for path in source.modules(root)
        if not is_door(root, path) and path.relative_to(root).parts[0] != "farmq"
        if path.relative_to(root).parts[: len(PRETENDED)] != PRETENDED
        for function, call in _calls(source.tree(path))
        if ast.unparse(call.func) in CLOCK_NAMES
        and (path.relative_to(root).as_posix(), function) not in CLOCKS
    ]


def deeds_are_recorded(root: Path) -> list[str]:
    """Every operation that writes reaches ``record``, itself or by what its module calls."""
    found = []
    for path in source.modules(root):
        if not is_operations(root, path):
            continue
        own = _functions(path)
        functions = _imported(root, path) | own
        found += [
            place(root, path, function.lineno)
            for name, function in own.items()
            if not name.startswith("_")
            and any(_writes(call) for one in _reached(name, functions) for _, call in _calls(one))
            and not any("record" in source.calls(one) for one in _reached(name, functions))
        ]
    return found


def _functions(path: Path) -> dict[str, Function]:
    return {one.name: one for one in source.tree(path).body if isinstance(one, Function)}


def _imported(root: Path, path: Path) -> dict[str, Function]:
    """This will give the functions of our rooms that a module imports, ``record`` itself not."""
    found: dict[str, Function] = {}
    for _line, name in source.imports(source.tree(path)):
        module, _, function = name.rpartition(".")
        file = root / f"{module.replace('.', '/')}.py"
        if module and function != "record" and file.is_file() and function in _functions(file):
            found[function] = _functions(file)[function]
    return found


def _reached(name: str, functions: dict[str, Function]) -> list[Function]:
    """This will give a function and all of its module that it calls, at whatever distance."""
    seen: list[str] = []
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.append(one)
            waiting += sorted(source.calls(functions[one]) & functions.keys())
    return [functions[one] for one in seen]
