"""The source of a checkout as the rules see it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("farmq", "screens", "network", "pharmacies")
Function = ast.FunctionDef


def modules(root: Path, *, tests: bool = False) -> Iterator[Path]:
    """This will give the Python files of the rooms, migrations never, tests only if asked."""
    places = (*ROOMS, "tests") if tests else ROOMS
    for place in places:
        for path in sorted((root / place).rglob("*.py")):
            parts = path.relative_to(root).parts
            is_test = "tests" in parts or path.name == "conftest.py"
            if "migrations" not in parts and (tests or not is_test):
                yield path


def files(root: Path, *suffixes: str) -> Iterator[Path]:
    """This will give files of the rooms, ``templates`` and ``static``, vendored ones never."""
    for place in (*ROOMS, "templates", "static"):
        for path in sorted((root / place).rglob("*")):
            if path.suffix in suffixes and "vendor" not in path.parts:
                yield path


def tree(path: Path) -> ast.Module:
    """This will parse a module."""
    return ast.parse(path.read_text("utf-8"), str(path))


def functions(module: ast.AST) -> Iterator[Function]:
    """This will give every function, methods and inner ones included."""
    for node in ast.walk(module):
        if isinstance(node, Function):
            yield node


def classes(module: ast.AST) -> Iterator[ast.ClassDef]:
    """This will give every class."""
    return (node for node in ast.walk(module) if isinstance(node, ast.ClassDef))


def calls(node: ast.AST) -> set[str]:
    """This will give the last name of everything that is called below a node."""
    found = set()
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            if isinstance(call.func, ast.Attribute):
                found.add(call.func.attr)
            elif isinstance(call.func, ast.Name):
                found.add(call.func.id)
    return found


def imports(module: ast.AST) -> Iterator[tuple[int, str]]:
    """This will give each imported name, dotted, with its line."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def place(root: Path, path: Path, line: int = 1) -> str:
    """This will name a line the way every tool does."""
    return f"{path.relative_to(root)}:{line}"
