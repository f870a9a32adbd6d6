"""One call of the engine: its words, its environment, and what its end means."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from network.headscale import dialects
from network.headscale.errors import (
    HeadscaleError,
    TimedOutError,
    UnavailableError,
    UnreachableError,
    UnreadableError,
    rejection,
)
from network.headscale.features import Release, lacks, release_of
from network.headscale.grammar import Verb
from network.headscale.process import Completed, Runner
from network.headscale.process import run as run_process
from network.headscale.texts import TEXT_READERS

T = TypeVar("T")

# What the process inherits; everything else of our environment stays ours.
# The certificates are for a distant engine that is signed by an authority of one's own.
_INHERITED = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONTEXT", "SSL_CERT_FILE", "SSL_CERT_DIR")
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
# Their answers hold what the list never shows again.
_ONCE_ONLY = frozenset({"preauth_key", "secret"})
CLOCK_TOLERANCE = timedelta(minutes=5)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Calls:
    """Asks the command line and understands its end; the verbs stand in the classes below it.

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
        self._release: Release | None = number[:2] if number else release_of(release or "")

    def _ask(self, verb: Verb, **arguments: object) -> object:
        return interpret(verb, self._call(verb, arguments, self._read_timeout_s))

    def _change(self, verb: Verb, **arguments: object) -> object:
        """Send a change; an answer that cannot be read leaves the outcome to the read-back."""
        try:
            return interpret(verb, self._call(verb, arguments, self._change_timeout_s))
        except UnreadableError as error:
            if verb.answer in _ONCE_ONLY:
                raise TimedOutError(error.engine) from error
            return None

    def _require(self, feature: str) -> None:
        """Refuse what the release is known not to be able to do; nothing is sent."""
        missing = lacks(self._release, feature)
        if missing is not None:
            raise UnavailableError(missing)

    def _call(self, verb: Verb, arguments: Mapping[str, object], timeout_s: float) -> Completed:
        if verb.feature:
            self._require(verb.feature)
        words, stdin = verb.argv(arguments), verb.input(arguments)
        env = self._environment(timeout_s)
        command = self._command
        if verb.bare:
            command, config = _without_config(command)
            env |= {"HEADSCALE_CONFIG": config} if config else {}
        argv = (*_into_container(command, env, reads=stdin is not None), *words)
        return self._run(argv, env=env, stdin=stdin, timeout_s=timeout_s)

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

    def _read_back(self, read: Callable[[], T]) -> T:
        """Read after a change; not being able to is not knowing."""
        try:
            return read()
        except HeadscaleError as error:
            raise TimedOutError(error.engine) from error


def is_over(moment: datetime | None, now: datetime) -> bool:
    """Say whether an end set by the engine has come, allowing for its clock."""
    return moment is not None and moment <= now + CLOCK_TOLERANCE


def only(found: Iterator[T]) -> T:
    """Return what a change should have made; not finding it means not knowing."""
    made = next(found, None)
    if made is None:
        raise not_shown()
    return made


def not_shown() -> TimedOutError:
    """Return the error of a change that the list does not show: not knowing, and not failure."""
    return TimedOutError("the list does not show the change")


def _without_config(command: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Part `-c FILE` from the command, for a verb that takes it by the environment only."""
    for flag in ("-c", "--config"):
        if flag in command[:-1]:
            place = command.index(flag)
            return (*command[:place], *command[place + 2 :]), command[place + 1]
    return command, ""


def _into_container(
    command: tuple[str, ...], env: Mapping[str, str], *, reads: bool
) -> tuple[str, ...]:
    """Name our variables to `docker exec`, which hands them into the container by name only."""
    if command[:2] != ("docker", "exec"):
        return command
    names = [word for name in env if name.startswith("HEADSCALE_") for word in ("-e", name)]
    return (*command[:2], *(["-i"] if reads else []), *names, *command[2:])


def interpret(verb: Verb, completed: Completed) -> object:
    """Turn what one call left behind into the verb's value, or raise the kind of failure.

    Exit 0 alone is not success: the answer must have the verb's shape.
    """
    if completed.exit_status != 0 or completed.timed_out:
        raise _failure(verb, completed)
    try:
        return _read(verb.answer, completed.stdout)
    except dialects.ShapeError as error:
        shown = completed.stdout[:500].decode("utf-8", "replace")
        raise UnreadableError(f"{error}: {shown}") from error


def _read(answer: str, output: bytes) -> object:
    """Read an answer by the name of its reader, JSON or text."""
    if answer not in TEXT_READERS:
        return dialects.READERS[answer](dialects.parse_json(output))
    try:
        return TEXT_READERS[answer](output.decode())
    except UnicodeDecodeError as error:
        raise dialects.ShapeError("not UTF-8") from error


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
    """Return the engine's own sentence: the `error` of a JSON answer, else the last line.

    What a policy up to 0.28 is refused with has several lines, and the first says most.
    """
    text = stderr.decode("utf-8", errors="replace").strip()
    start = text.find("{")
    if start >= 0:
        try:
            return str(json.loads(text[start:])["error"])
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
    of_policy = text.find("Error parsing the policy")
    return text[of_policy:] if of_policy >= 0 else text.rsplit("\n", 1)[-1].strip()
