"""Copies of the component folders that a test may change."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from screens import registry


def copied_components(target: Path) -> Path:
    """Copy the component folders of the house into a folder of the test."""
    folder = target / "components"
    shutil.copytree(registry.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def replace_in(path: Path, old: str, new: str) -> None:
    """Change a file; the old text has to be there exactly once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def set_default_limit(folder: Path, limit: int) -> None:
    """Change one default: how many rows a table-list shows."""
    path = folder / "table-list" / "schema.py"
    text, count = re.subn(r"(\blimit: .*\] = )\d+", rf"\g<1>{limit}", path.read_text("utf-8"))
    assert count == 1
    path.write_text(text, encoding="utf-8")
