"""A runner that answers with recorded or invented bytes instead of starting anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from network.headscale.client import HeadscaleClient
from network.headscale.process import Completed

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


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
    inputs: list[bytes | None] = field(default_factory=list)

    def __call__(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        stdin: bytes | None,
        timeout_s: float,
    ) -> Completed:
        self.inputs.append(stdin)
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
            after = argv[argv.index("json") + 1 :] if "json" in argv else argv[-4:]
            words = [word for word in after if not word.startswith("-")][:2]
            found.append(" ".join(words))
        return found


def client_on(answers: Mapping[str, Iterable[Completed]], **values: Any) -> HeadscaleClient:
    """A client with a fixed clock over invented answers."""
    runner = ReplayingRunner({verb: list(each) for verb, each in answers.items()})
    return HeadscaleClient(run=runner, clock=lambda: NOW, **values)


def runner_of(client: HeadscaleClient) -> ReplayingRunner:
    runner = client._run
    assert isinstance(runner, ReplayingRunner)
    return runner


def node(node_id: int = 1, name: str = "old", **fields: Any) -> dict[str, Any]:
    return {"id": node_id, "machine_key": f"mkey:{node_id}", "given_name": name} | fields


def key(key_id: int, shown: str = "hskey-auth-abcdefghijkl-***", **fields: Any) -> dict[str, Any]:
    return {"id": key_id, "key": shown, "user": {"id": 5, "name": "p0005"}} | fields


def listed(*values: Any) -> Completed:
    return answered(json.dumps(list(values)))


def one(value: Any) -> Completed:
    return answered(json.dumps(value))


def seconds(at: datetime) -> dict[str, int]:
    return {"seconds": int(at.timestamp())}
