"""The rules of the house that no other tool holds; each gives the places that break it."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from tests.house import source
from tests.house.source import place

MODULE_LINES = 400
FUNCTION_LINES = 40
SCRIPT_LINES = 150
PROCESS_MODULES = {
    "network/headscale/process.py",
    "farmq/supervisor.py",
    "network/backups/programs.py",
}
PROCESS_NAMES = re.compile(
    r"^(subprocess|multiprocessing|pty|pexpect|billiard)\b"
    r"|^asyncio\.(subprocess|create_subprocess\w*)|^os\.(system|popen|fork|exec\w*|spawn\w*|posix_spawn\w*)"
)
# The pretended engine is a program of its own; its fault modes leave children behind.
PRETENDED = "network/headscale/simulator/"
VAGUE_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "core",
    "manager",
    "managers",
    "misc",
}
SIGNALS = re.compile(r"^django\.(dispatch|db\.models\.signals|core\.signals|\w+\.\w+\.signals)\b")
VIEW_BASE = re.compile(r"(APIView|ViewSet|ViewSetMixin|GenericAPIView)$")
# Views that answer everyone, because there is nothing behind them.
OPEN_VIEWS = {"NoSuchAddressView", "SchemaView", "DocsView"}
UNSAFE_TEMPLATE = re.compile(
    r"\|\s*safe\b|\bsafeseq\b|autoescape\s+off|<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>"
    r"|<style\b|\sstyle=|\son[a-z]+=",
    re.IGNORECASE,
)
EAGER = "task_always_" + "eager"
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
Rule = Callable[[Path], list[str]]


def modules_are_short(root: Path) -> list[str]:
    """No module over 400 lines."""
    return [
        place(root, path)
        for path in source.modules(root, tests=True)
        if len(path.read_text("utf-8").splitlines()) > MODULE_LINES
    ]


def functions_are_short(root: Path) -> list[str]:
    """No function over 40 lines."""
    return [
        place(root, path, function.lineno)
        for path in source.modules(root, tests=True)
        for function in source.functions(source.tree(path))
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    ]


def scripts_are_short(root: Path) -> list[str]:
    """No script of ours from 150 lines on: one behaviour a file."""
    return [
        place(root, path)
        for path in source.files(root, ".js")
        if len(path.read_text("utf-8").splitlines()) >= SCRIPT_LINES
    ]


def processes_have_three_doors(root: Path) -> list[str]:
    """Processes are started in three named modules only."""
    found = []
    for path in source.modules(root):
        name = path.relative_to(root).as_posix()
        if name in PROCESS_MODULES or name.startswith(PRETENDED):
            continue
        module = source.tree(path)
        named = list(source.imports(module))
        named += [
            (node.lineno, f"{node.value.id}.{node.attr}")
            for node in ast.walk(module)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        ]
        found += [place(root, path, line) for line, used in named if PROCESS_NAMES.search(used)]
    return found


def modules_have_names(root: Path) -> list[str]:
    """No module and no package whose name says nothing."""
    return [
        place(root, path)
        for path in source.modules(root, tests=True)
        if VAGUE_NAMES & {path.stem, *path.relative_to(root).parts[:-1]}
    ]


def no_signals(root: Path) -> list[str]:
    """Nothing of Django's signals is imported."""
    return [
        place(root, path, line)
        for path in source.modules(root)
        for line, name in source.imports(source.tree(path))
        if SIGNALS.search(name)
    ]


def no_overridden_save(root: Path) -> list[str]:
    """No class has a ``save`` of its own; a form's is the hook of Django's password page."""
    return [
        place(root, path, function.lineno)
        for path in source.modules(root)
        for kind in source.classes(source.tree(path))
        if not any(ast.unparse(base).endswith("Form") for base in kind.bases)
        for function in kind.body
        if isinstance(function, source.Function) and function.name == "save"
    ]


def ready_only_registers(root: Path) -> list[str]:
    """``AppConfig.ready`` registers checks and does nothing else."""
    return [
        place(root, path, function.lineno)
        for path in source.modules(root)
        for function in source.functions(source.tree(path))
        if function.name == "ready" and source.calls(function) - {"register", "Tags"}
    ]


def views_name_their_scope(root: Path) -> list[str]:
    """Every view of the API declares ``required_scope``."""
    return [
        place(root, path, kind.lineno)
        for path in source.modules(root)
        for kind in source.classes(source.tree(path))
        if any(VIEW_BASE.search(ast.unparse(base)) for base in kind.bases)
        and kind.name not in OPEN_VIEWS
        and "required_scope" not in _assigned(kind)
    ]


def _assigned(kind: ast.ClassDef) -> set[str]:
    names = set()
    for statement in kind.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        names |= {ast.unparse(target) for target in targets}
    return names


def ignores_have_codes(root: Path) -> list[str]:
    """No rule of a tool is switched off without its code."""
    bare = re.compile(r"#\s*(noqa(?!:\s*[A-Z])|type:\s*ignore(?!\[)|ruff:\s*noqa(?!:\s*[A-Z]))")
    return [
        place(root, path, number)
        for path in source.modules(root, tests=True)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line)
    ]


def output_stays_escaped(root: Path) -> list[str]:
    """No ``mark_safe`` in Python; nothing unescaped and nothing inline in templates."""
    found = [
        place(root, path)
        for path in source.modules(root)
        if {"mark_safe", "SafeString", "SafeText"} & source.calls(source.tree(path))
    ]
    for path in source.files(root, ".html"):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if UNSAFE_TEMPLATE.search(line):
                found.append(place(root, path, number))
    return found


def tasks_are_never_eager(root: Path) -> list[str]:
    """Tasks run in workers, in tests too."""
    return [
        place(root, path)
        for path in source.modules(root, tests=True)
        if EAGER in path.read_text("utf-8").lower()
    ]


def nothing_is_put_off(root: Path) -> list[str]:
    """What is missing stands in the plan, not in the code."""
    paths = [*source.modules(root, tests=True), *source.files(root, ".html", ".js", ".css")]
    return [
        place(root, path, number)
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
