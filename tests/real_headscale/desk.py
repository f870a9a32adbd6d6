"""One engine and its client side by side: what was asked through FARMQ is looked up directly."""

from __future__ import annotations

import itertools
import json
import os
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from network.headscale.calls import interpret
from network.headscale.client import HeadscaleClient, RejectedError, UnavailableError
from network.headscale.features import Release, series_of
from network.headscale.grammar import Verb
from network.headscale.process import Completed, Runner
from network.headscale.types import Node, User
from tests.real_headscale.matrix import Sightings

LIMIT_S = 60.0
AUTH = "hskey-authreq-"
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", ""),
    "HOME": os.environ.get("HOME", ""),
    "LANG": "C.UTF-8",
    "HEADSCALE_CLI_TIMEOUT": "20s",
    "HEADSCALE_LOG_FORMAT": "text",
    "HEADSCALE_LOG_LEVEL": "error",
}


class Counting:
    """A runner that counts what it lets through."""

    def __init__(self, run: Runner) -> None:
        self.run, self.count = run, 0

    def __call__(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        stdin: bytes | None,
        timeout_s: float,
    ) -> Completed:
        self.count += 1
        return self.run(argv, env=env, stdin=stdin, timeout_s=timeout_s)


class Desk:
    """An engine of a known release, asked through `client` or with words of one's own.

    `seen` is None where nothing is to be learned for the table: at the simulator.
    """

    def __init__(
        self, command: tuple[str, ...], run: Runner, release: Release, seen: Sightings | None
    ) -> None:
        self.command, self.runner, self.release = command, Counting(run), release
        self.client = HeadscaleClient(command, self.runner, series_of(release))
        self.seen = seen
        self._numbers = itertools.count(1)

    @property
    def is_real(self) -> bool:
        return self.seen is not None

    def since(self, minor: int) -> bool:
        """Say whether the release is 0.`minor` or later."""
        return self.release >= (0, minor)

    # Asking directly.

    def call(self, *words: str, stdin: str | None = None, **env: str) -> Completed:
        """Ask with words of one's own; they follow the program and its configuration."""
        given = None if stdin is None else stdin.encode()
        argv = (*self.command, *words)
        return self.runner(argv, env=ENVIRONMENT | env, stdin=given, timeout_s=LIMIT_S)

    def json(self, *words: str) -> Any:
        """Ask for JSON that must come; the answer of either dialect as it is."""
        done = self.call("-o", "json", *words)
        assert done.exit_status == 0, (words, done.stderr)
        return json.loads(done.stdout)

    def refusal(self, *words: str, stdin: str | None = None) -> RejectedError:
        """Ask for what the engine refuses; returns the refusal as FARMQ reads it."""
        done = self.call("-o", "json", *words, stdin=stdin)
        assert done.exit_status == 1, (words, done)
        with pytest.raises(RejectedError) as refused:
            interpret(Verb("", words, "nothing"), done)
        return refused.value

    def is_refused_before_it_is_sent(self, feature: str, ask: Callable[[], object]) -> None:
        """Hold that the client names what is missing, and that the engine hears nothing."""
        before = self.runner.count
        with pytest.raises(UnavailableError) as refused:
            ask()
        assert refused.value.feature == feature
        assert self.runner.count == before

    # Making what a test needs, with names that no other test uses.

    def name(self, kind: str = "p") -> str:
        return f"{kind}{next(self._numbers):04}"

    def user(self) -> User:
        return self.client.create_user(self.name())

    def code(self) -> str:
        """Make up the number with which a machine waits."""
        return (AUTH if self.since(29) else "") + secrets.token_hex(12)

    def park(self, user: User, *, name: str = "pc", routes: tuple[str, ...] = ()) -> str:
        """Make a machine that waits to be registered; returns its number."""
        code = self.code()
        more = [word for route in routes for word in ("--route", route)]
        words = ("--name", name, "--user", user.name, "--key", code, *more)
        self.json("debug", "create-node", *words)
        return code

    def node(
        self, user: User | None = None, *, name: str = "", routes: tuple[str, ...] = ()
    ) -> Node:
        """Make a machine that has joined and is not online."""
        owner = user or self.user()
        code = self.park(owner, name=name or self.name("pc"), routes=routes)
        return self.client.register_node(owner.name, code)

    def listed(self, node_id: int) -> Node | None:
        """Read one machine anew; None when it is not listed."""
        return next((node for node in self.client.nodes() if node.id == node_id), None)

    def there(self, node_id: int) -> Node:
        """Read one machine anew that must be listed."""
        node = self.listed(node_id)
        assert node is not None
        return node

    # What the table is told.

    def saw(self, row: str, cell: str = "yes") -> None:
        """Note for the table of verbs what this release did."""
        if self.seen is not None:
            self.seen.note(row, self.release, cell)

    def trap(self, row: str, is_one: bool) -> None:
        """Note for the table of traps whether this release has one."""
        self.saw(row, "yes" if is_one else "no")
