"""A runner that answers with recorded or invented bytes instead of starting anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from network.headscale.process import Completed


def answered(
    stdout: bytes | str = b"", *, exit_status: int = 0, stderr: bytes | str = b""
) -> Completed:
    """What a finished call left behind."""
    out = stdout.encode() if isinstance(stdout, str) else stdout
    err = stderr.encode() if isinstance(stderr, str) else stderr
    return Completed(("headscale",), exit_status, out, err, 0.01, False)


@dataclass
class ReplayingRunner:
    """Answers by the first two words of the verb, each answer once, the last one for ever."""

    answers: Mapping[str, Sequence[Completed]]
    argvs: list[tuple[str, ...]] = field(default_factory=list)
    environments: list[Mapping[str, str]] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)

    def __call__(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        stdin: bytes | None,
        timeout_s: float,
    ) -> Completed:
        assert stdin is None
        self.argvs.append(argv)
        self.environments.append(env)
        self.limits.append(timeout_s)
        verb = self.verbs()[-1]
        answers = self.answers[verb]
        return answers[min(self.verbs().count(verb), len(answers)) - 1]

    def verbs(self) -> list[str]:
        """The verbs so far, in order."""
        found = []
        for argv in self.argvs:
            after = argv[argv.index("json") + 1 :]
            words = [word for word in after[:2] if not word.startswith("-")]
            found.append(" ".join(words))
        return found
