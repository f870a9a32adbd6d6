"""The rules of operations: keyword-only, with actor and time, permission before anything else."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house import source
from tests.house.source import Function, place

# What a function does that changes or records something.
DEEDS = {
    *("save", "delete", "create", "update", "bulk_create", "bulk_update", "get_or_create"),
    *("update_or_create", "record", "delay", "apply_async"),
}


# What every operation of the network is built from; each asks for its permission before it.
BUILDING_BLOCKS = "network/operations/asking.py"


def is_operations(root: Path, path: Path) -> bool:
    """This will tell whether a module is a write door, or one of the modules of a larger one."""
    if path.relative_to(root).as_posix() == BUILDING_BLOCKS:
        return False
    return path.stem == "operations" or path.parent.name == "operations"


def operations(root: Path) -> Iterator[tuple[Path, Function]]:
    """This will give each operation: a public function of an ``operations`` module that acts."""
    for path in source.modules(root):
        if is_operations(root, path):
            for node in source.tree(path).body:
                if isinstance(node, Function) and not node.name.startswith("_") and acts(node):
                    yield path, node


def acts(function: Function) -> bool:
    """This will tell a deed from a mere calculation."""
    arguments = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    return "actor" in arguments or "at" in arguments or bool(source.calls(function) & DEEDS)


def operations_take_actor_and_time(root: Path) -> list[str]:
    """Every operation takes keyword arguments only, ``actor`` and ``at`` among them."""
    return [
        place(root, path, function.lineno)
        for path, function in operations(root)
        if function.args.args
        or function.args.posonlyargs
        or not {"actor", "at"} <= {one.arg for one in function.args.kwonlyargs}
    ]


def operations_ask_first(root: Path) -> list[str]:
    """Every operation calls ``require`` first; only what that needs stands before."""
    return [
        place(root, path, function.lineno)
        for path, function in operations(root)
        if not asks_first(function)
    ]


def asks_first(function: Function) -> bool:
    """This will tell whether permission is asked for before anything happens."""
    for statement in _straight(function.body):
        if _is_require(statement):
            return True
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
            return False
        if source.calls(statement) & DEEDS:
            return False
    return False


def _straight(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.With):
            yield from _straight(statement.body)
        else:
            yield statement


def _is_require(statement: ast.stmt) -> bool:
    called = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(called, ast.Call)
        and isinstance(called.func, ast.Name)
        and called.func.id == "require"
    )
