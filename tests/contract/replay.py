"""Plays a recorded sequence against the simulator, call by call, and keeps what came out."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from network.headscale.process import Completed
from network.headscale.simulator.config import create
from network.headscale.simulator.engine import run
from network.headscale.simulator.faults import DOWN, FROZEN, Fault, set_faults
from network.headscale.simulator.host import RealHost
from network.headscale.simulator.runner import FakeHeadscale
from tests.contract.recorded import Case, cases

BASE_ENVIRONMENT = {"HEADSCALE_CLI_TIMEOUT": "2s"}
# The recorder's policy files, as `policy get` shows them afterwards; the broken one ends early.
POLICIES = {
    "good": """// 약국 격리
{
  "tagOwners": {"tag:pharmacy": ["pharm-0001@"], "tag:kiosk": ["pharm-0001@"]},
  "acls": [{"action": "accept", "src": ["pharm-0001@"], "dst": ["tag:pharmacy:*"]}],
}
""",
    "tests-pass": """{
  "acls": [{"action": "accept", "src": ["pharm-0001@"], "dst": ["pharm-0001@:443"]}],
  "tests": [{"src": "pharm-0001@", "accept": ["pharm-0001@:443"], "deny": ["pharm-0002@:443"]}],
}
""",
    "tests-fail": """{
  "acls": [{"action": "accept", "src": ["pharm-0001@"], "dst": ["pharm-0001@:443"]}],
  "tests": [{"src": "pharm-0001@", "accept": ["pharm-0002@:443"]}],
}
""",
    "syntax": '{"acls": [',
    "unknown-user": '{"acls": [{"action":"accept","src":["ghost@"],"dst":["*:*"]}]}',
    "unknown-field": '{"aclz": []}',
    "empty": "",
}
# What the recorder had set for these two calls.
ENVIRONMENTS = {
    "usage/logjson-env": {"HEADSCALE_LOG_FORMAT": "json", "HEADSCALE_LOG_LEVEL": "debug"},
    "usage/logtext-debug-env": {"HEADSCALE_LOG_FORMAT": "text", "HEADSCALE_LOG_LEVEL": "debug"},
}


@dataclass(frozen=True, slots=True)
class Played:
    """One case, what the simulator answered, and what its lists showed before and after."""

    case: Case
    completed: Completed
    before: dict[str, Any]
    after: dict[str, Any]


def faults_of(name: str) -> tuple[Fault, ...]:
    """This will be the state that the recorder had put its server into."""
    if name.startswith(("server-down/", "server-stopped/")):
        return (Fault(DOWN),)
    frozen = name.startswith("server-frozen/") and name != "server-frozen/after-thaw"
    return (Fault(FROZEN),) if frozen else ()


@cache
def played(release: str) -> dict[str, Played]:
    """This will play all cases of a release in order and return them by name."""
    with tempfile.TemporaryDirectory() as folder:
        return _Replay(release, Path(folder)).play()


class _Replay:
    def __init__(self, release: str, folder: Path) -> None:
        self.release = release
        self.config = create(folder, release=release, released=False)
        self.engine = FakeHeadscale(self.config)
        self.secrets: dict[str, str] = {}

    def play(self) -> dict[str, Played]:
        return {case.name: self._play(case) for case in cases(self.release)}

    def _play(self, case: Case) -> Played:
        before = self._lists()
        set_faults(self.config, *faults_of(case.name))
        completed = self._run(case)
        set_faults(self.config)
        self._learn_secret(case, completed)
        return Played(case, completed, before, self._lists())

    def _run(self, case: Case) -> Completed:
        # Of the two calls that show it, the recorder had left the time limit alone.
        environment = ENVIRONMENTS.get(case.name, BASE_ENVIRONMENT)
        if case.name == "config-missing":
            return self._run_without_config(case)
        argv = tuple(self._own(word) for word in case.argv)
        # The recorder gave its configuration by the environment where flags are not known.
        command = ("headscale",) if "noflags" in case.name else ("headscale", "-c", "config.yaml")
        stdin = POLICIES["good"].encode() if case.name == "policy/set-stdin" else None
        return self.engine((*command, *argv), env=environment, stdin=stdin, timeout_s=30)

    def _own(self, word: str) -> str:
        """Put our own key or file in the place of the recorder's."""
        if word.startswith("$DIR/p-"):
            path = self.config.parent / word.removeprefix("$DIR/")
            path.write_text(POLICIES[path.stem.removeprefix("p-")], encoding="utf-8")
            return str(path)
        return self.secrets.get(word, word)

    def _run_without_config(self, case: Case) -> Completed:
        argv = ("-c", "/nonexistent/config.yaml", *case.argv)
        environment = {"HEADSCALE_SIMULATOR_RELEASE": self.release}
        outcome = run(argv, environment, RealHost())
        return Completed(argv, outcome.exit_status, outcome.stdout, outcome.stderr, 0.0, False)

    def _learn_secret(self, case: Case, completed: Completed) -> None:
        """Keys differ; later words of the recording that name one must name ours."""
        if case.name.startswith("preauthkeys/create") and case.exit == 0:
            ours = json.loads(completed.stdout)["key"]
            self.secrets[json.loads(case.stdout)["key"]] = ours
        if case.name == "apikeys/list":
            ours = json.loads(completed.stdout)[0]["prefix"]
            self.secrets[json.loads(case.stdout)[0]["prefix"]] = ours

    def _lists(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for verb in ("users", "nodes"):
            argv = ("headscale", "-o", "json", verb, "list")
            answer = self.engine(argv, env={}, stdin=None, timeout_s=30)
            found[verb] = json.loads(answer.stdout)
        return found
