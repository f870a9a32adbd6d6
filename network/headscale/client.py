"""One method a verb: asks the engine, reads its answer, and reads back what a change has done."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast

from network.headscale import commands, dialects
from network.headscale.commands import Verb
from network.headscale.errors import (
    HeadscaleError,
    InvalidArgumentError,
    RejectedError,
    TimedOutError,
    UnreachableError,
    UnreadableError,
    rejection,
)
from network.headscale.process import Completed, Runner
from network.headscale.process import run as run_process
from network.headscale.types import Health, Node, PreAuthKey, User, Version

__all__ = [
    "HeadscaleClient",
    "HeadscaleError",
    "InvalidArgumentError",
    "RejectedError",
    "TimedOutError",
    "UnreachableError",
    "UnreadableError",
    "interpret",
]

T = TypeVar("T")

# What the process inherits; everything else of our environment stays ours.
_INHERITED = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONTEXT")
_NOT_SENT = (
    "rror loading config file",
    "nable to read/write to headscale socket",
    "HEADSCALE_CLI_API_KEY environment variable needs to be set",
    "No such container",
    "is not running",
    "connection refused",
    "no such file or directory",
)
_NO_ANSWER = (
    "context deadline exceeded",
    "DeadlineExceeded",
    "Could not connect",
    "code = Unavailable",
)
_DOCKER_FAILED = frozenset({125, 126, 127})
# The CLI gives up a little earlier than we do, so that its own words reach us.
_CLI_MARGIN_S = 1.0
_CLOCK_TOLERANCE = timedelta(minutes=5)


def utc_now() -> datetime:
    return datetime.now(UTC)


class HeadscaleClient:
    """The engine's command line as Python methods.

    Every method returns the values of `network.headscale.types` or raises one of the four kinds of
    HeadscaleError; InvalidArgumentError means that nothing was started. A change returns only
    after the engine's own list shows it; when it does not, TimedOutError says "outcome unknown".
    `remote` is address and API key of a distant engine; the key travels in the environment only.
    """

    def __init__(
        self,
        command: tuple[str, ...] = ("headscale",),
        run: Runner = run_process,
        release: str | None = None,
        *,
        remote: tuple[str, str] | None = None,
        change_timeout_s: float = 120.0,
        read_timeout_s: float = 30.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._command = command
        self._run = run
        address, api_key = remote or ("", "")
        self._remote = {"HEADSCALE_CLI_ADDRESS": address, "HEADSCALE_CLI_API_KEY": api_key}
        self._change_timeout_s = change_timeout_s
        self._read_timeout_s = read_timeout_s
        self._clock = clock
        number = dialects.version_number(f"{release}.0") if release else None
        self._release = number[:2] if number else None

    # Reads.

    def version(self) -> Version:
        """Ask which release the command line is; `dev` builds have no number."""
        return cast(Version, self._ask(commands.VERSION))

    def health(self) -> Health:
        """Ask whether the engine reaches its own database (0.27 and later)."""
        return cast(Health, self._ask(commands.HEALTH))

    def nodes(self) -> tuple[Node, ...]:
        """List every machine, in the engine's order; ids are unique or the answer is refused."""
        nodes = cast("tuple[Node, ...]", self._ask(commands.LIST_NODES))
        if len({node.id for node in nodes}) != len(nodes):
            raise UnreadableError("the list holds the same id twice")
        return nodes

    def users(self) -> tuple[User, ...]:
        """List every user of the engine."""
        return cast("tuple[User, ...]", self._ask(commands.LIST_USERS))

    def preauth_keys(self) -> tuple[PreAuthKey, ...]:
        """List every pre-auth key; up to 0.27 the engine wants one question per user."""
        if self._release is None or self._release >= (0, 28):
            try:
                return cast("tuple[PreAuthKey, ...]", self._ask(commands.LIST_PREAUTH_KEYS))
            except RejectedError as error:
                if error.reason != "usage":
                    raise
        return tuple(key for user in self.users() for key in self._preauth_keys_of(user))

    def _preauth_keys_of(self, user: User) -> tuple[PreAuthKey, ...]:
        keys = self._ask(commands.LIST_PREAUTH_KEYS_OF_USER, user_id=user.id)
        return cast("tuple[PreAuthKey, ...]", keys)

    # Changes.

    def rename_node(self, node_id: int, name: str) -> Node:
        """Give a machine another DNS label; returns the machine as listed afterwards."""
        self._change(commands.RENAME_NODE, node_id=node_id, new_name=name)
        return self._settled(node_id, lambda node: node.given_name == name)

    def expire_node(self, node_id: int, at: datetime | None = None, *, never: bool = False) -> Node:
        """End a machine's login now, at an aware time (0.27.1), or never (0.29)."""
        if never:
            self._change(commands.EXPIRE_NODE, node_id=node_id, never=True)
            return self._settled(node_id, lambda node: node.expires_at is None)
        self._change(commands.EXPIRE_NODE, node_id=node_id, at=at)
        return self._settled(node_id, lambda node: expires_by(node, at, self._clock()))

    def delete_node(self, node_id: int) -> None:
        """Remove a machine; returns when the list no longer has it."""
        deleted = self._change(commands.DELETE_NODE, node_id=node_id)
        if deleted is False:
            raise RejectedError("Node not deleted", "not_confirmed")
        if any(node.id == node_id for node in self._read_back(self.nodes)):
            raise TimedOutError("the machine is still listed")

    def create_user(self, name: str, *, display_name: str | None = None) -> User:
        """Make a user; returns it as listed afterwards."""
        self._change(commands.CREATE_USER, user_name=name, display_name=display_name)
        return _only(user for user in self._read_back(self.users) if user.name == name)

    def create_preauth_key(
        self,
        user_id: int,
        *,
        lifetime: str = "24h",
        reusable: bool = False,
        ephemeral: bool = False,
        tags: tuple[str, ...] = (),
    ) -> PreAuthKey:
        """Make a key with which machines join; `key` of the result is the secret, shown once.

        Never repeated by itself: a lost answer leaves a key nobody knows, to be found and expired.
        """
        made = self._change(
            commands.CREATE_PREAUTH_KEY,
            user_id=user_id,
            lifetime=lifetime,
            reusable=reusable,
            ephemeral=ephemeral,
            tags=tags,
        )
        key = cast(PreAuthKey, made)
        _only(listed for listed in self._read_back(self.preauth_keys) if listed.id == key.id)
        return key

    def expire_preauth_key(self, key: PreAuthKey) -> None:
        """End a key; up to 0.27 this needs its secret and its user."""
        if self._knows_keys_by_id(key):
            self._change(commands.EXPIRE_PREAUTH_KEY, key_id=key.id)
        else:
            self._change(
                commands.EXPIRE_PREAUTH_KEY_BY_SECRET,
                user_id=key.user.id if key.user else None,
                key=key.key,
            )
        for listed in self._read_back(self.preauth_keys):
            if listed.id == key.id and not is_over(listed.expires_at, self._clock()):
                raise TimedOutError("the key is still listed as valid")

    def _knows_keys_by_id(self, key: PreAuthKey) -> bool:
        if self._release is not None:
            return self._release >= (0, 28)
        return not key.key or key.key.startswith("hskey-")

    # One call.

    def _ask(self, verb: Verb, **arguments: object) -> object:
        return interpret(verb, self._call(verb, arguments, self._read_timeout_s))

    def _change(self, verb: Verb, **arguments: object) -> object:
        """Send a change; an answer that cannot be read leaves the outcome to the read-back."""
        try:
            return interpret(verb, self._call(verb, arguments, self._change_timeout_s))
        except UnreadableError as error:
            if verb.answer == "preauth_key":
                raise TimedOutError(error.engine) from error
            return None

    def _call(self, verb: Verb, arguments: Mapping[str, object], timeout_s: float) -> Completed:
        words = verb.argv(arguments)
        env = self._environment(timeout_s)
        argv = (*_with_environment(self._command, env), *words)
        return self._run(argv, env=env, stdin=None, timeout_s=timeout_s)

    def _environment(self, timeout_s: float) -> dict[str, str]:
        env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        env |= {name: value for name, value in self._remote.items() if value}
        cli_timeout_s = max(timeout_s - _CLI_MARGIN_S, timeout_s / 2)
        return env | {
            "LANG": "C.UTF-8",
            "HEADSCALE_CLI_TIMEOUT": f"{cli_timeout_s:g}s",
            "HEADSCALE_DISABLE_CHECK_UPDATES": "true",
            "HEADSCALE_LOG_FORMAT": "text",
            "HEADSCALE_LOG_LEVEL": "error",
        }

    def _read_back(self, read: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
        """Read after a change; not being able to is not knowing."""
        try:
            return read()
        except HeadscaleError as error:
            raise TimedOutError(error.engine) from error

    def _settled(self, node_id: int, shows: Callable[[Node], bool]) -> Node:
        for node in self._read_back(self.nodes):
            if node.id == node_id and shows(node):
                return node
        raise TimedOutError("the list does not show the change")


def expires_by(node: Node, at: datetime | None, now: datetime) -> bool:
    """Say whether a machine's login ends as asked: at the given second, or already."""
    if at is None:
        return is_over(node.expires_at, now)
    return node.expires_at is not None and abs(node.expires_at - at) < timedelta(seconds=1)


def is_over(moment: datetime | None, now: datetime) -> bool:
    """Say whether an end set by the engine has come, allowing for its clock."""
    return moment is not None and moment <= now + _CLOCK_TOLERANCE


def _only(found: Iterator[T]) -> T:
    """Return what a change should have made; not finding it means not knowing."""
    made = next(found, None)
    if made is None:
        raise TimedOutError("the list does not show the change")
    return made


def _with_environment(command: tuple[str, ...], env: Mapping[str, str]) -> tuple[str, ...]:
    """Name our variables to `docker exec`, which hands them into the container by name only."""
    if command[:2] != ("docker", "exec"):
        return command
    names = [word for name in env if name.startswith("HEADSCALE_") for word in ("-e", name)]
    return (*command[:2], *names, *command[2:])


def interpret(verb: Verb, completed: Completed) -> object:
    """Turn what one call left behind into the verb's value, or raise the kind of failure.

    Exit 0 alone is not success: the answer must have the verb's shape.
    """
    if completed.exit_status != 0 or completed.timed_out:
        raise _failure(verb, completed)
    try:
        return dialects.READERS[verb.answer](dialects.parse_json(completed.stdout))
    except dialects.ShapeError as error:
        shown = completed.stdout[:500].decode("utf-8", "replace")
        raise UnreadableError(f"{error}: {shown}") from error


def _failure(verb: Verb, completed: Completed) -> HeadscaleError:
    engine = _engine_words(completed.stderr)
    if completed.timed_out:
        return TimedOutError(engine)
    if completed.exit_status < 0:
        return TimedOutError(engine) if verb.changes else UnreadableError(engine)
    if completed.exit_status in _DOCKER_FAILED or _any_in(_NOT_SENT, engine):
        return UnreachableError(engine)
    # The same words come whether a change was taken or not.
    if not engine or _any_in(_NO_ANSWER, engine):
        return TimedOutError(engine) if verb.changes else UnreachableError(engine)
    return rejection(engine)


def _any_in(fragments: tuple[str, ...], text: str) -> bool:
    return any(fragment in text for fragment in fragments)


def _engine_words(stderr: bytes) -> str:
    """Return the engine's own sentence: the `error` of a JSON answer, else the last line."""
    text = stderr.decode("utf-8", errors="replace").strip()
    start = text.find("{")
    if start >= 0:
        try:
            return str(json.loads(text[start:])["error"])
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
    return text.rsplit("\n", 1)[-1].strip()
