"""Questions that the engine asks without `--force`; with its input closed the answer is no."""

from __future__ import annotations

from network.headscale.simulator.answers import Answer, Plain, Raw
from network.headscale.simulator.releases import Release

_BEFORE = "\x1b[0G\x1b[2K\x1b[0;1;92m? \x1b[0m\x1b[0;1;99m"
_AFTER = " \x1b[0m\x1b[0;37m(y/N) \x1b[0m\x1b[?25l\x1b7\x1b[999;999f\x1b[6n\x1b8\x1b[?25h\x1b[6n"


def declined(release: Release, question: str, result: str) -> Answer:
    """This will be what is left of a question that nobody answered: exit status 0, no change.

    0.26 leaves the question's terminal sequences on stdout and no JSON.
    """
    if not release.since(27):
        return Raw(f"{_BEFORE}{question}{_AFTER}")
    return Plain({"Result": result}, f"{result}\n", note=f"{question} [y/n] ")
