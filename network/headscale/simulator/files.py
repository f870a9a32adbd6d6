"""Writing a small file so that a reader sees the old or the new text, never half of one."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """This will exchange a file's text in one step."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
