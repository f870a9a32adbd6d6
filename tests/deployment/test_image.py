"""What the Dockerfile copies is enough: the static files are collected, and the pages find them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import environment
from tests.deployment.composition import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("image")]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the image, without what .dockerignore keeps out."""
    folder = tmp_path_factory.mktemp("image")
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8").partition(" AS farmq\n")[2]
    for source in re.findall(r"^COPY ([\w.]+) ", dockerfile, re.MULTILINE):
        if (ROOT / source).is_dir():
            kept_out = shutil.ignore_patterns("tests", "__pycache__")
            shutil.copytree(ROOT / source, folder / source, ignore=kept_out)
        else:
            shutil.copy(ROOT / source, folder)
    (folder / "staticfiles").mkdir()
    return folder


def run(image: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run Django's command line in the image."""
    values = environment.clean(dict(os.environ)) | environment.values(image / "data")
    return subprocess.run(
        [sys.executable, "manage.py", *argv],
        cwd=image,
        env=values,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_static_files_are_collected_under_lasting_names(image: Path) -> None:
    collected = run(image, "collectstatic", "--no-input", "-v0")

    assert collected.returncode == 0, collected.stderr
    assert (image / "staticfiles" / "staticfiles.json").exists()


def test_the_system_needs_nothing_that_is_not_in_the_image(image: Path) -> None:
    checked = run(image, "check")

    assert checked.returncode == 0, checked.stderr


def test_everything_copied_is_let_through_by_the_ignore_file() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

    for source in re.findall(r"^COPY ([\w.]+) ", dockerfile, re.MULTILINE):
        assert f"!{source}" in ignored
        assert (ROOT / source).exists()
