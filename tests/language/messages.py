"""What people may read: the messages in the source of the house and of its packages."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("farmq", "network", "pharmacies", "screens", "templates")
SILENT = ("tests", "migrations", "simulator", "node_modules")
MARKERS = ("_", "gettext", "gettext_lazy", "gettext_noop", "lazy", "ngettext", "ngettext_lazy")
HANGUL = re.compile("[ㄱ-ㅎㅏ-ㅣ가-힣]")
TEMPLATE_CALL = re.compile(
    r"(?<!\w)(?P<name>n?gettext|_)\((?P<arguments>u?('''|\"\"\"|'|\").*?)\)(?=\s|$)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence and the file that says it."""

    text: str
    path: str


def our_messages() -> list[Message]:
    """This will list every message of the four rooms and of the templates."""
    return [message for path in _sources(ROOT, ROOMS) for message in in_file(path, ROOT)]


def package_messages(folder: Path) -> list[Message]:
    """This will list every message of an installed package."""
    return [message for path in _sources(folder, (".",)) for message in in_file(path, folder)]


def in_file(path: Path, root: Path) -> Iterator[Message]:
    """This will find the messages of one Python file or template."""
    source = path.read_text(encoding="utf-8")
    texts = in_python(source) if path.suffix == ".py" else in_template(source)
    for text in texts:
        yield Message(text, str(path.relative_to(root)))


def in_python(source: str) -> Iterator[str]:
    """This will find what is marked."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _marked(node)
        elif _is_sentence(node):
            assert isinstance(node, ast.Assign)
            yield str(ast.literal_eval(node.value))


def in_template(source: str) -> Iterator[str]:
    """This will find what `trans` and `blocktrans` translate, as Django's own extraction does."""
    if "{%" not in source:
        return
    for found in TEMPLATE_CALL.finditer(templatize(source)):
        # The counter of a plural is an expression of the template's language, not of Python's.
        arguments = re.sub(r",\s*[^'\",]+$", "", found["arguments"])
        call = ast.parse(f"{found['name']}({arguments})", mode="eval").body
        assert isinstance(call, ast.Call)
        yield from _marked(call)


def unmarked_hangul(source: str) -> Iterator[tuple[int, str]]:
    """This will find Korean text of a Python file that no catalogue can ever see."""
    tree = ast.parse(source)
    seen = {id(part) for node in ast.walk(tree) for part in _excused(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in seen and _has_hangul(node.value):
            yield node.lineno, str(node.value)


def _sources(root: Path, folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            is_source = path.suffix in {".py", ".html", ".txt"} and path.is_file()
            if is_source and not set(SILENT) & set(path.relative_to(root).parts):
                yield path


def _marked(call: ast.Call) -> Iterator[str]:
    """A catalogue finds a message that has a plural by its singular."""
    texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    if _name(call) in MARKERS:
        yield from (text for text in texts[:1] if isinstance(text, str) and text.strip())


def _name(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_sentence(node: ast.AST) -> bool:
    """The plain Python of the engine says its sentences untranslated; its callers translate."""
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and [ast.unparse(target) for target in node.targets] == ["sentence"]
    )


def _excused(node: ast.AST) -> Iterator[ast.AST]:
    if _is_sentence(node):
        yield from ast.walk(node)
    if isinstance(node, ast.Call) and _name(node) in MARKERS:
        yield from ast.walk(node)
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
        first = node.body[0]
        yield from [first.value] if isinstance(first, ast.Expr) else []


def _has_hangul(value: object) -> bool:
    return isinstance(value, str) and HANGUL.search(value) is not None
