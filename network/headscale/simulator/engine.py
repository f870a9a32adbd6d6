"""One call from its words to its outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from network.headscale.simulator import costs, faults, journal, policies, trouble
from network.headscale.simulator.answers import Answer, Outcome
from network.headscale.simulator.call import Call, deliver
from network.headscale.simulator.commandline import CommandLine, find
from network.headscale.simulator.config import Config, load
from network.headscale.simulator.errors import EngineError, UsageError
from network.headscale.simulator.grammar.tree import checks_alone
from network.headscale.simulator.host import Host
from network.headscale.simulator.masking import without_secrets
from network.headscale.simulator.output import (
    answered,
    broken_config,
    failed,
    helped,
    misused,
    with_debug_lines,
)
from network.headscale.simulator.releases import DEFAULT_RELEASE, RELEASES, Release, release_named
from network.headscale.simulator.state import Store
from network.headscale.simulator.verbs import (
    apikeys,
    nodes,
    oauth,
    policy,
    preauthkeys,
    registration,
    server,
    sets,
    users,
)

Verb = Callable[[Call], Answer]
VERBS: dict[str, Verb] = {
    "apikeys create": apikeys.create_key,
    "apikeys delete": apikeys.delete_key,
    "apikeys expire": apikeys.expire_key,
    "apikeys list": apikeys.list_keys,
    "auth approve": registration.approve_request,
    "auth register": registration.register_request,
    "auth reject": registration.reject_request,
    "debug create-node": registration.create_pending,
    "health": server.health,
    "nodes approve-routes": sets.approve_routes,
    "nodes backfillips": sets.backfill_ips,
    "nodes delete": nodes.delete_node,
    "nodes expire": nodes.expire_node,
    "nodes list": nodes.list_nodes,
    "nodes list-routes": sets.list_routes,
    "nodes move": sets.move_node,
    "nodes register": registration.register_node,
    "nodes rename": nodes.rename_node,
    "nodes tag": sets.set_tags,
    "oauth-clients create": oauth.create_client,
    "oauth-clients list": oauth.list_clients,
    "policy check": policy.check_policy,
    "policy get": policy.get_policy,
    "policy set": policy.set_policy,
    "preauthkeys create": preauthkeys.create_key,
    "preauthkeys delete": preauthkeys.delete_key,
    "preauthkeys expire": preauthkeys.expire_key,
    "preauthkeys list": preauthkeys.list_keys,
    "users create": users.create_user,
    "users destroy": users.destroy_user,
    "users list": users.list_users,
    "users rename": users.rename_user,
    "version": server.version,
}
_READS = ("list", "health", "version", "get", "check", "list-routes")
READING = frozenset(verb for verb in VERBS if verb.split()[-1] in _READS)
_RELEASE_VARIABLE = "HEADSCALE_SIMULATOR_RELEASE"


def run(argv: tuple[str, ...], environment: Mapping[str, str], host: Host) -> Outcome:
    """This will run one command line against the engine that its `-c` names."""
    path = config_path(argv, environment)
    try:
        config = load(path)
    except (OSError, ValueError, KeyError) as error:
        release = _release_of(environment)
        reason = "no such file or directory" if isinstance(error, OSError) else str(error)
        return broken_config(release, path, reason)
    with closing(Store(config.state)) as store:
        deliver(config, store)
        return _run_on(config, store, argv, environment, host)


def config_path(argv: tuple[str, ...], environment: Mapping[str, str]) -> Path:
    """This will find the configuration: by `-c`, else by the environment, else the system's."""
    for position, word in enumerate(argv):
        if word in ("-c", "--config") and position + 1 < len(argv):
            return Path(argv[position + 1])
        if word.startswith("--config="):
            return Path(word.removeprefix("--config="))
    return Path(environment.get("HEADSCALE_CONFIG", "/etc/headscale/simulator.json"))


def _release_of(environment: Mapping[str, str]) -> Release:
    name = environment.get(_RELEASE_VARIABLE, DEFAULT_RELEASE)
    return release_named(name if name in RELEASES else DEFAULT_RELEASE)


def _run_on(
    config: Config, store: Store, argv: tuple[str, ...], environment: Mapping[str, str], host: Host
) -> Outcome:
    """Find the command and the faults that it meets, then run it under journal."""
    # Where the program checks a policy alone, `-c` is a flag that it does not know.
    words = argv if checks_alone(config.release, argv) else _without_config(argv)
    verb = _verb(config.release, words)
    met = faults.meet(config.faults, verb, store)
    if other := met.get(faults.OTHER_RELEASE):
        config = replace(config, release=release_named(other.release))
    call = Call(
        config, store, host, argv=without_secrets(words), verb=verb, environment=environment
    )
    call.faults = met
    call.record(journal.START)
    outcome = _outcome(call, words)
    call.record(journal.EXIT, exit=outcome.exit_status)
    return outcome


def _without_config(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Take a leading `-c FILE` away: as for the real engine, it is no part of what is asked."""
    return argv[2:] if argv[:1] in (("-c",), ("--config",)) else argv


def _verb(release: Release, words: tuple[str, ...]) -> str:
    try:
        return find(release, words).verb
    except UsageError:
        return ""


def _outcome(call: Call, words: tuple[str, ...]) -> Outcome:
    try:
        line = find(call.release, words)
    except UsageError as error:
        return misused(call.release, (), error.text, "", at_root=True)
    output = ""
    try:
        line.parsed.read(line.words)
        output = _output(line)
        if line.parsed.switch("help") or not line.command.verb:
            return helped(line.path)
        _check_required(line)
    except UsageError as error:
        return misused(call.release, line.path, error.text, _output(line), at_root=False)
    call.options = line.parsed
    return _asked(call, line, output)


def _output(line: CommandLine) -> str:
    return str(line.parsed.values.get("output", ""))


def _check_required(line: CommandLine) -> None:
    missing = ", ".join(f'"{name}"' for name in line.parsed.missing())
    if missing:
        raise UsageError(f"required flag(s) {missing} not set")


def _asked(call: Call, line: CommandLine, output: str) -> Outcome:
    """Ask the server, through whatever is wrong with it today."""
    note = _deprecation(line)
    if trouble.is_kept_until_thaw(call) and call.verb not in READING:
        _leave_for_later(call, 0.0)
    ended = trouble.before(call, output)
    if ended is not None:
        return ended
    late = call.faults.get(faults.LATE_EFFECT)
    if late is not None and call.verb not in READING:
        _leave_for_later(call, late.seconds)
        return trouble.no_answer(call, output)
    cost_s = _cost_s(call)
    if cost_s > trouble.timeout_s(call):
        _leave_for_later(call, cost_s)
        return trouble.no_answer(call, output)
    call.host.sleep(cost_s)
    try:
        answer = trouble.bent(call, _answer(call))
    except EngineError as error:
        return failed(call.release, error.text, output, note=note)
    outcome = _noted(answered(call, answer, output), note)
    return trouble.spoilt(call, _logged(call, outcome))


def _answer(call: Call) -> Answer:
    if call.verb not in READING:
        return VERBS[call.verb](call)
    trouble.delay(call)
    answer = VERBS[call.verb](call)
    trouble.hold_back(call)
    return answer


def _cost_s(call: Call) -> float:
    """This will be how long the server works on a change; a refused one costs as much here."""
    if not call.config.costs or call.verb in READING or not costs.is_costly(call.verb):
        return 0.0
    document = policies.live(call.release, call.roster.live_policy)
    return costs.change_s(call.release, len(call.roster.nodes), document)


def _noted(outcome: Outcome, note: str) -> Outcome:
    return replace(outcome, stderr=note.encode() + outcome.stderr)


def _deprecation(line: CommandLine) -> str:
    command = line.command
    if not command.deprecated:
        return ""
    return f'Command "{command.name}" is deprecated, {command.deprecated}\n'


def _logged(call: Call, outcome: Outcome) -> Outcome:
    if trouble.is_offline(call):
        return outcome
    socket = str(call.config.socket)
    return with_debug_lines(outcome, call.environment, socket, trouble.timeout_s(call))


def _leave_for_later(call: Call, seconds: float) -> None:
    """Make the change after the caller was told that no answer came; it asks nothing more here.

    The state file is let go first: an open SQLite connection that is carried across a fork believes
    in locks that are its parent's, and what others write meanwhile is lost.
    """
    call.store.close()
    call.host.later(seconds, lambda: apply_late(call))


def apply_late(call: Call) -> None:
    """This will make a change after its caller has been told that no answer came."""
    config = load(call.config.path)
    with closing(Store(config.state)) as store:
        late = Call(
            config, store, call.host, argv=call.argv, verb=call.verb, environment=call.environment
        )
        late.options = call.options
        late.id = call.id
        try:
            VERBS[late.verb](late)
        except EngineError:
            return
