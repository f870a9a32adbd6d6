"""The two ways to a policy that may be set: made by us and proven, or written by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from network.headscale.features import Release, gettext_noop
from network.policy.danger import Danger, dangers, refused
from network.policy.document import Document
from network.policy.generate import Shape, generate, shape_for
from network.policy.principals import Account, Machine
from network.policy.proof import Proof, prove, require
from network.policy.reading import read_policy
from network.policy.sayings import PolicyError, Saying
from network.policy.sides import Parties

_NOT_ALLOWED = gettext_noop("이 정책은 설정하지 않습니다. %(reason)s")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A text, what it says, what is dangerous about it, and whether it isolates."""

    text: str
    document: Document
    dangers: tuple[Danger, ...]
    proof: Proof

    @property
    def is_refused(self) -> bool:
        """Say whether it is not set: refused by its dangers, or isolation is not proven."""
        return bool(refused(self.dangers)) or not self.proof.is_proven


def judge(
    text: str,
    parties: Parties,
    *,
    release: Release | None,
    accounts: Sequence[Account],
    machines: Sequence[Machine],
    own: bool = False,
) -> Verdict:
    """Return all there is to say about a text; raises PolicyError when it cannot be read."""
    document = read_policy(text, release)
    found = dangers(document, accounts=accounts, machines=machines)
    proof = prove(document, parties, accounts=accounts, machines=machines, own=own)
    return Verdict(text, document, found, proof)


def allow(verdict: Verdict) -> None:
    """Raise PolicyError, with the first reason, for a text that is not set."""
    found = refused(verdict.dangers)
    if found:
        reason = found[0].saying.text
        raise PolicyError(Saying(found[0].code, _NOT_ALLOWED, {"reason": reason}))
    require(verdict.proof)


def make_policy(
    parties: Parties,
    *,
    release: Release | None,
    accounts: Sequence[Account],
    machines: Sequence[Machine],
    shape: Shape | None = None,
) -> Verdict:
    """Make the policy of the house and prove it; raises PolicyError for one that does not hold.

    Accounts that have an untagged machine now are named in the engine's own tests (0.29 and later).
    """
    names = {account.id: account.name for account in accounts}
    has_machines = {names.get(one.account_id, "") for one in machines if not one.tags}
    text = generate(
        parties.pharmacies,
        parties.staff,
        release=release,
        shape=shape,
        has_machines=has_machines - {""},
    )
    own = (shape or shape_for(release)) != "HUB"
    verdict = judge(text, parties, release=release, accounts=accounts, machines=machines, own=own)
    allow(verdict)
    return verdict
