"""Keeps what a command's change said, without its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from network.headscale.process import Completed, Runner
from network.headscale.redaction import HIDDEN, redact, redacted_argv

_OUTPUT_LIMIT = 4000


class Recorder:
    """Runs the engine's calls of one command and keeps the one of the change itself.

    Some changes read once more before they are sent, so a call that only reads is passed over.
    """

    def __init__(self, run: Runner) -> None:
        self._run = run
        self._looking = True
        self.change: Completed | None = None

    def __call__(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        stdin: bytes | None,
        timeout_s: float,
    ) -> Completed:
        completed = self._run(argv, env=env, stdin=stdin, timeout_s=timeout_s)
        if not self._looking and self.change is None and not _only_reads(argv):
            self.change = completed
        return completed

    def looked(self) -> None:
        """Say that the next call is the change."""
        self._looking = False

    def columns(self, secret: str = "") -> dict[str, Any]:
        """Return what may be stored of the change: its argument list and output without secrets."""
        if self.change is None:
            return {}
        output = (self.change.stdout + self.change.stderr).decode("utf-8", "replace")
        if secret:
            output = output.replace(secret, HIDDEN)
        return {
            "argv": redacted_argv(self.change.argv),
            "output": redact(output).replace("\0", "\ufffd")[:_OUTPUT_LIMIT],
            "exit_status": self.change.exit_status,
        }


def _only_reads(argv: tuple[str, ...]) -> bool:
    """Say whether a call lists; what stands behind `--` is a name and says nothing."""
    words = argv[: argv.index("--")] if "--" in argv else argv
    return "list" in words
