"""Verbs about the policy."""

from __future__ import annotations

from network.headscale.simulator import policies
from network.headscale.simulator.answers import Answer, Raw
from network.headscale.simulator.call import Call
from network.headscale.simulator.errors import EngineError
from network.headscale.simulator.policies import PolicyError
from network.headscale.simulator.policy_tests import failed_tests
from network.headscale.simulator.state import POLICY

_SETTING = "setting ACL policy"


def get_policy(call: Call) -> Answer:
    """This will print the stored text, whatever `-o` says."""
    text = call.roster.policy
    if text is None:
        words = "loading ACL from database: acl policy not found"
        raise call.refused("Unknown", words, during="loading ACL policy", plain=words)
    return Raw(f"{text}\n")


def set_policy(call: Call) -> Answer:
    """This will replace the policy; the empty text is stored and takes effect at a restart."""
    text = _text(call)
    with call.change("policy") as change:
        try:
            _refuse_bad(call, text)
        except PolicyError as error:
            words = f"setting policy: {error}"
            raise call.refused("Unknown", words, during=_SETTING, plain=words) from error
        number = call.store.count("policy")
        call.store.change(POLICY, number, {"text": text, "created_ns": call.at_ns})
        change.effect = {"set": "policy", "id": number}
    return Raw("Policy updated.\n")


def check_policy(call: Call) -> Answer:
    """This will check a text: up to 0.28 by the program alone, later by the server."""
    text = _text(call)
    try:
        _refuse_bad(call, text)
    except PolicyError as error:
        raise _unchecked(call, str(error)) from error
    return Raw("Policy is valid\n")


def _unchecked(call: Call, words: str) -> EngineError:
    if call.release.since(30):
        return EngineError(f"unexpected response status: {words}: {words}")
    if call.release.since(29):
        return EngineError(f"rpc error: code = InvalidArgument desc = {words}")
    return EngineError(f"Error parsing the policy file: {words}")


def _refuse_bad(call: Call, text: str) -> None:
    document = policies.read(call.release, text)
    roster = call.roster
    failed = failed_tests(call.release, document, roster.users.values(), roster.nodes.values())
    if failed:
        raise PolicyError(failed)


def _text(call: Call) -> str:
    path = call.options.text("file")
    try:
        return call.host.read_file(path).decode("utf-8", "replace")
    except OSError as error:
        prefix = "reading policy file: " if call.release.since(29) else ""
        raise EngineError(f"{prefix}open {path}: no such file or directory") from error
