"""What a call prints: answers by `-o`, errors by release, help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from network.headscale.simulator import clock
from network.headscale.simulator.answers import Answer, One, Outcome, Plain, Raw, Records, Waiting
from network.headscale.simulator.call import Call
from network.headscale.simulator.grammar.command import Command
from network.headscale.simulator.records import ApiKey, Key, Node, User
from network.headscale.simulator.releases import Release
from network.headscale.simulator.rendering import Dialect, Json, go_json
from network.headscale.simulator.tables import table
from network.headscale.simulator.usage import help_text, usage_text

JSON, JSON_LINE, YAML = "json", "json-line", "yaml"
_CONFIG_LINE = {26: 50, 27: 51, 28: 51, 29: 49, 30: 50}


def answered(call: Call, answer: Answer, output: str) -> Outcome:
    """This will be the end of a call that succeeded, or at least says so."""
    if isinstance(answer, Raw):
        return Outcome(0, answer.stdout.encode(), answer.stderr.encode())
    note = answer.note if isinstance(answer, Plain) else ""
    return Outcome(0, _written(call, answer, output).encode(), note.encode())


def _written(call: Call, answer: Records | One | Plain | Waiting, output: str) -> str:
    if not output:
        return _for_people(call, answer)
    if output not in (JSON, JSON_LINE, YAML):
        return "\n"
    value = _value(call, answer)
    if output == YAML:
        # JSON is YAML too; the real field names differ and nobody should rely on them.
        return ("[]" if value is None else go_json(value, one_line=True)) + "\n\n"
    return go_json(value, one_line=output == JSON_LINE) + "\n"


def _value(call: Call, answer: Records | One | Plain | Waiting) -> Json:
    if isinstance(answer, Plain):
        return answer.value
    dialect = Dialect(call.release, call.roster.users, call.roster.keys)
    if isinstance(answer, Waiting):
        return dialect.pending(answer.item, answer.user)
    if isinstance(answer, One):
        return _record(dialect, answer.record, answer.secret)
    items = [
        dialect.node(item, listed=True) if isinstance(item, Node) else _record(dialect, item, None)
        for item in answer.items
    ]
    return items if answer.never_null else dialect.listed(items)


def _record(dialect: Dialect, record: User | Node | Key | ApiKey, secret: str | None) -> Json:
    if isinstance(record, Node):
        return dialect.node(record)
    if isinstance(record, ApiKey):
        return dialect.api_key(record)
    return dialect.user(record) if isinstance(record, User) else dialect.key(record, secret)


def _for_people(call: Call, answer: Records | One | Plain | Waiting) -> str:
    if isinstance(answer, Records):
        return table(call, answer)
    if isinstance(answer, Waiting):
        return "Node created\n"
    return answer.text if isinstance(answer, Plain) else f"{answer.text}\n"


def failed(release: Release, text: str, output: str, *, note: str = "") -> Outcome:
    """This will be the end of a call that failed with a text."""
    if output in (JSON, JSON_LINE):
        words = go_json({"error": text}, one_line=output == JSON_LINE)
    else:
        words = f"Error: {text}" if release.since(29) else text
    return Outcome(1, b"", f"{note}{words}\n".encode())


def misused(
    release: Release, path: Sequence[Command], text: str, output: str, *, at_root: bool
) -> Outcome:
    """This will be the end of a call whose words are wrong."""
    if at_root:
        hint = "" if release.since(29) else f"Run 'headscale --help' for usage.\n{text}\n"
        return Outcome(1, b"", f"Error: {text}\n{hint}".encode())
    if release.since(29):
        return failed(release, text, output)
    return Outcome(1, b"", f"Error: {text}\n{usage_text(path)}\n{text}\n".encode())


def helped(path: Sequence[Command]) -> Outcome:
    """This will be help, which is a success whatever was meant."""
    return Outcome(0, help_text(path).encode())


def broken_config(release: Release, path: Path, reason: str) -> Outcome:
    """This will be the end of a call that could not read its configuration."""
    word = "error" if release.since(29) else "Error"
    source = f"cmd/headscale/cli/root.go:{_CONFIG_LINE[release.minor]}"
    message = f"{word} loading config file {path}"
    detail = f'error="fatal error reading config file: open {path}: {reason}"'
    return Outcome(1, b"", f"{log_time()} FTL {source} > {message} {detail}\n".encode())


def unreachable(call: Call, text: str, output: str) -> Outcome:
    """This will be the end of a call to a server that did not answer in time."""
    if call.release.since(29):
        return failed(call.release, text, output)
    environment = call.environment
    if environment.get("HEADSCALE_LOG_LEVEL") == "disabled":
        return Outcome(1)
    cause = "context deadline exceeded"
    if environment.get("HEADSCALE_LOG_FORMAT") == "json":
        line = go_json(
            {"level": "fatal", "error": cause, "message": f"Could not connect: {cause}"},
            one_line=True,
        )
        return Outcome(1, f"{line}\n".encode())
    source = "cmd/headscale/cli/utils.go:124"
    line = f'{log_time()} FTL {source} > Could not connect: {cause} error="{cause}"\n'
    return Outcome(1, b"", line.encode())


def log_time() -> str:
    """This will be the time as text logs show it."""
    seconds = clock.wall_clock() // clock.SECOND
    return clock.to_text(seconds * clock.SECOND)


def with_debug_lines(
    outcome: Outcome, environment: Mapping[str, str], socket: str, timeout_s: float
) -> Outcome:
    """This will put the program's own log lines before its answer, as level debug does.

    They go to stdout with the format json, to stderr otherwise.
    """
    if environment.get("HEADSCALE_LOG_LEVEL") not in ("debug", "trace"):
        return outcome
    lines = [("Setting timeout", "timeout", round(timeout_s * 1000))]
    socket_line = (
        "HEADSCALE_CLI_ADDRESS environment is not set, connecting to unix socket.",
        "socket",
        socket,
    )
    logged = [*lines, socket_line]
    if environment.get("HEADSCALE_LOG_FORMAT") == "json":
        text = "".join(_json_line(message, name, value) for message, name, value in logged)
        return Outcome(outcome.exit_status, text.encode() + outcome.stdout, outcome.stderr)
    text = "".join(f"{log_time()} DBG {m} {name}={value}\n" for m, name, value in logged)
    return Outcome(outcome.exit_status, outcome.stdout, text.encode() + outcome.stderr)


def _json_line(message: str, name: str, value: object) -> str:
    at = clock.wall_clock() // clock.SECOND
    document = {"level": "debug", name: value, "time": at, "message": message}
    return go_json(document, one_line=True) + "\n"
