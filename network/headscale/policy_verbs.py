"""What can be asked of the policy: read it, have it checked, set it."""

from __future__ import annotations

from typing import cast

from network.headscale import commands
from network.headscale.calls import Calls, not_shown
from network.headscale.errors import RejectedError
from network.headscale.features import lacks
from network.headscale.types import Policy


class PolicyVerbs(Calls):
    """The policy as text; it travels as input, never on the argument list."""

    def policy(self) -> Policy | None:
        """Return the stored policy, byte for byte; None when the engine has none."""
        try:
            return cast(Policy, self._ask(commands.GET_POLICY))
        except RejectedError as error:
            if error.reason == "no_policy":
                return None
            raise

    def check_policy(self, text: str) -> None:
        """Let the engine check a text; raises RejectedError with its words when it refuses.

        Up to 0.28 the program checks alone and sees neither users nor machines. A program whose
        release is not known is asked as a new one, and as an old one when it does not understand.
        """
        if lacks(self._release, "policy.server_check") is None:
            try:
                self._ask(commands.CHECK_POLICY, policy_text=text)
            except RejectedError as error:
                if self._release is not None or error.reason != "usage":
                    raise
            else:
                return
        self._ask(commands.CHECK_POLICY_LOCALLY, policy_text=text)

    def set_policy(self, text: str) -> Policy:
        """Replace the policy; returns it as stored afterwards, which is the text byte for byte."""
        self._change(commands.SET_POLICY, policy_text=text)
        stored = self._read_back(self.policy)
        if stored is None or stored.text != text:
            raise not_shown()
        return stored
