"""What the faults do to a call: before it, to its answer, and to its output."""

from __future__ import annotations

from dataclasses import replace

from network.headscale.simulator import faults, journal
from network.headscale.simulator.answers import Answer, Outcome, Records
from network.headscale.simulator.call import Call
from network.headscale.simulator.durations import go_seconds
from network.headscale.simulator.errors import timed_out
from network.headscale.simulator.output import log_time, unreachable
from network.headscale.simulator.records import Node

_DEFAULT_TIMEOUT_S = 5.0
_HUGE_BYTES = 65 * 1024 * 1024
_SECRET_WORDS = ("KEY", "SECRET", "TOKEN", "PASSWORD", "URL")
# What 0.30 says it was doing when no answer came: operation, then method and path.
_REQUESTS = {
    "health": ("checking health", "GET health"),
    "nodes list": ("listing nodes", "GET node"),
    "nodes rename": ("renaming node", "POST node/{id}/rename/{word}"),
    "nodes expire": ("expiring node", "POST node/{id}/expire"),
    "nodes delete": ("getting node", "GET node/{id}"),
    "users list": ("listing users", "GET user"),
    "users create": ("creating user", "POST user"),
    "preauthkeys list": ("listing preauthkeys", "GET preauthkey"),
    "preauthkeys create": ("creating preauthkey", "POST preauthkey"),
    "preauthkeys expire": ("expiring preauthkey", "POST preauthkey/expire"),
}
OFFLINE_VERBS = frozenset({"version"})


def is_offline(call: Call) -> bool:
    """This will say whether the program answers by itself, server or not."""
    alone = call.verb == "policy check" and not call.release.since(29)
    return alone or call.verb in OFFLINE_VERBS


def timeout_s(call: Call) -> float:
    """This will be how long the program waits for its server."""
    return go_seconds(call.environment.get("HEADSCALE_CLI_TIMEOUT", ""), _DEFAULT_TIMEOUT_S)


def before(call: Call, output: str) -> Outcome | None:
    """This will do what happens before the server is asked; an outcome ends the call."""
    met = call.faults
    if met.get(faults.ENVIRONMENT):
        call.record(journal.START, extra={"environment": _harmless(call)})
    if met.get(faults.EXIT1):
        return Outcome(1)
    if met.get(faults.HANG):
        call.host.hang()
    if is_offline(call):
        return None
    if met.get(faults.DOWN, faults.FROZEN):
        return no_answer(call, output)
    return None


def is_kept_until_thaw(call: Call) -> bool:
    """This will say whether a frozen server does later what it is asked: 0.30 does, by HTTP."""
    return call.release.since(30) and call.faults.get(faults.FROZEN) is not None


def delay(call: Call) -> None:
    """This will let a slow server take its time over a question that changes nothing."""
    slow = call.faults.get(faults.SLOW)
    if slow is not None:
        call.host.sleep(slow.seconds + slow.after_s)


def hold_back(call: Call) -> None:
    """This will bring what has been read late, so that it is old when it comes."""
    old = call.faults.get(faults.OLD_ANSWER)
    if old is not None:
        call.host.sleep(old.seconds)


def no_answer(call: Call, output: str) -> Outcome:
    """This will wait for a server that does not answer, and give up."""
    call.host.sleep(timeout_s(call))
    during, request = _REQUESTS.get(call.verb, (call.verb, "GET node"))
    values = call.options.values
    word = call.options.arguments[0] if call.options.arguments else ""
    path = request.format(id=values.get("identifier", 0), word=word)
    error = timed_out(call.release, str(call.config.socket), during, path)
    return unreachable(call, error.text, output)


def _harmless(call: Call) -> dict[str, str]:
    return {
        name: "***" if any(word in name for word in _SECRET_WORDS) else value
        for name, value in sorted(call.environment.items())
    }


def bent(call: Call, answer: Answer) -> Answer:
    """This will change what the server says without breaking its form."""
    if not isinstance(answer, Records):
        return answer
    items = list(answer.items)
    if call.faults.get(faults.PARTIAL):
        items = items[: len(items) // 2]
    if call.restarting or call.faults.get(faults.ALL_OFFLINE):
        items = [replace(i, online=False) if isinstance(i, Node) else i for i in items]
    if call.faults.get(faults.DUPLICATE_IDS) and len(items) > 1:
        items[1] = replace(items[1], id=items[0].id)
    return replace(answer, items=items)


def spoilt(call: Call, outcome: Outcome) -> Outcome:
    """This will break the bytes that come out."""
    met = call.faults
    stdout = outcome.stdout
    if met.get(faults.EMPTY):
        stdout = b""
    if fault := met.get(faults.TRUNCATE):
        stdout = stdout[: fault.size or len(stdout) // 2]
    if fault := met.get(faults.GARBAGE):
        stdout = fault.text.encode() or b'\x00\xff{"nodes": [\n<html>'
    if fault := met.get(faults.NOISE):
        line = fault.text or f"{log_time()} WRN An update is available"
        stdout = line.encode() + b"\n" + stdout
    if fault := met.get(faults.HUGE):
        stdout = b"[" + b" " * (fault.size or _HUGE_BYTES)
    return replace(outcome, stdout=stdout)
