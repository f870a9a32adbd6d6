"""What each kind of command does with the engine: look, call, settle by reading, record."""

from network.kinds.api_keys import API_KEY_KINDS
from network.kinds.checking import CHECKING_KINDS
from network.kinds.joining import JOINING_KINDS
from network.kinds.keys import KEY_KINDS
from network.kinds.machines import MACHINE_KINDS
from network.kinds.policy import POLICY_KINDS
from network.kinds.steps import Found, Kind, Outcome, TargetChangedError
from network.kinds.users import USER_KINDS

KINDS: dict[str, Kind] = {
    **MACHINE_KINDS,
    **JOINING_KINDS,
    **USER_KINDS,
    **KEY_KINDS,
    **API_KEY_KINDS,
    **CHECKING_KINDS,
    **POLICY_KINDS,
}

__all__ = ["KINDS", "Found", "Kind", "Outcome", "TargetChangedError"]
