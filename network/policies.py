"""What our rows say about a server's policy: who is meant by it, and what a text would do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from network.headscale.errors import sentence_of
from network.headscale.features import release_of
from network.looks import POLICY_WORDS
from network.models import (
    HeadscaleServer,
    HeadscaleUser,
    MachineProfile,
    PharmacyLink,
    PolicyVersion,
    ServerReading,
    StaffGroup,
)
from network.policy.blast import BlastRadius, blast_radius
from network.policy.difference import Line, Meaning, lines, meaning
from network.policy.document import Document
from network.policy.making import Verdict, judge, make_policy
from network.policy.principals import Account, Machine, Tenant
from network.policy.principals import StaffGroup as Group
from network.policy.proof import Proof
from network.policy.reading import read_policy
from network.policy.sayings import PolicyError, Saying
from network.policy.sides import Parties
from network.policy_history import in_force
from network.states import PolicyStanding, ReadingTopic
from pharmacies.tenancy import platform_context, tenant_transaction

# Three readings that failed, one after the other.
_BELIEVED = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Network:
    """A server as its policy sees it: the parties, the accounts, and the machines."""

    parties: Parties
    accounts: tuple[Account, ...]
    machines: tuple[Machine, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a text would do: verdict, difference to what is in force, and what it means."""

    verdict: Verdict
    lines: tuple[Line, ...]
    meaning: Meaning
    blast: BlastRadius


@dataclass(frozen=True, slots=True)
class Standing:
    """What a server's policy is worth: the version in force if it is ours, and how old that is.

    `read_at` is when the engine last told which policy it has, None before the first time;
    `trouble` is why it no longer does.
    """

    standing: PolicyStanding
    version: PolicyVersion | None
    read_at: datetime | None
    trouble: str = ""

    @property
    def words(self) -> str:
        """Say what it means and what to do, in the language of the page."""
        said = sentence_of(self.trouble)
        return _(said) if said else str(POLICY_WORDS[self.standing])


def network_of(server: HeadscaleServer) -> Network:
    """Read a server's network from our rows, in four statements. Call it for the platform."""
    links = list(PharmacyLink.objects.filter(server=server).select_related("pharmacy"))
    users = HeadscaleUser.objects.filter(server=server, gone_at=None).order_by("headscale_user_id")
    labels = {link.headscale_user_id: link.pharmacy.pharmacy_name for link in links}
    names = dict(users.values_list("headscale_user_id", "name"))
    tenants = tuple(
        Tenant(names.get(number, link.headscale_user_name), labels[number])
        for link in sorted(links, key=lambda link: link.headscale_user_id)
        for number in (link.headscale_user_id,)
    )
    accounts = tuple(Account(number, name) for number, name in names.items())
    rows = MachineProfile.objects.filter(server=server, gone_at=None).order_by("node_id")
    machines = tuple(_machine(row, labels) for row in rows)
    return Network(Parties(tenants, _groups(server)), accounts, machines)


def _machine(row: MachineProfile, labels: dict[int, str]) -> Machine:
    number = 0 if row.tags else row.headscale_user_id or 0
    routes = set(row.announced_routes) & set(row.approved_routes)
    return Machine(
        row.node_id,
        number,
        tuple(row.addresses),
        tuple(row.tags),
        tuple(sorted(routes)),
        row.name,
        labels.get(number, ""),
    )


def _groups(server: HeadscaleServer) -> tuple[Group, ...]:
    return tuple(
        Group(row.name, tuple(row.users), tuple(row.ports), None, row.protocol)
        for row in staff_groups(server)
    )


def staff_groups(server: HeadscaleServer) -> list[StaffGroup]:
    """Return who of the platform reaches what on a server's pharmacies, by name."""
    return list(StaffGroup.objects.filter(server=server).order_by("name"))


def generated(server: HeadscaleServer) -> Verdict:
    """Make the policy of the house for a server, proven; raises PolicyError when it cannot be."""
    network = network_of(server)
    return make_policy(
        network.parties,
        release=release_of(server.series),
        accounts=network.accounts,
        machines=network.machines,
    )


def preview(server: HeadscaleServer, text: str) -> Preview:
    """Say what a text would do on a server; raises PolicyError when it cannot be read."""
    network, release = network_of(server), release_of(server.series)
    verdict = judge(
        text,
        network.parties,
        release=release,
        accounts=network.accounts,
        machines=network.machines,
    )
    present = in_force(server_id=server.pk)
    old = _document(present, server)
    return Preview(
        verdict,
        lines(present.text if present else "", text),
        meaning(
            old,
            verdict.document,
            network.parties,
            accounts=network.accounts,
            machines=network.machines,
        ),
        blast_radius(old, verdict.document, accounts=network.accounts, machines=network.machines),
    )


def _document(version: PolicyVersion | None, server: HeadscaleServer) -> Document | None:
    """Read the version in force; a foreign text that we cannot read counts as none."""
    if version is None:
        return None
    try:
        return read_policy(version.text, release_of(server.series))
    except PolicyError:
        return None


def base_of(server: HeadscaleServer) -> str:
    """Return the fingerprint of what the engine had when it was last read; empty for none."""
    reading = ServerReading.objects.filter(server=server, topic=ReadingTopic.POLICY).first()
    found = reading.value.get("sha256", "") if reading else ""
    return str(found or "")


def told(saying: Saying) -> str:
    """Say a sentence of the policy's package in the language of the page."""
    return _(saying.sentence) % saying.values


def standings(server_ids: Iterable[int], *, at: datetime) -> dict[int, Standing]:
    """Return server number → what its policy is worth as of `at`, in two statements."""
    rows = PolicyVersion.objects.filter(in_force_at__isnull=False, replaced_at=None)
    versions = {version.server_id: version for version in rows.defer("text")}
    readings = ServerReading.objects.filter(topic=ReadingTopic.POLICY)
    read = {reading.server_id: reading for reading in readings}
    return {number: _standing(versions.get(number), read.get(number), at) for number in server_ids}


def standing_of(server: HeadscaleServer, *, at: datetime) -> Standing:
    """Return what the policy of one server is worth as of `at`."""
    reading = ServerReading.objects.filter(server=server, topic=ReadingTopic.POLICY).first()
    return _standing(in_force(server_id=server.pk), reading, at)


def _standing(
    version: PolicyVersion | None, reading: ServerReading | None, at: datetime
) -> Standing:
    if reading is None:
        return Standing(PolicyStanding.UNREAD, None, None)
    since_at = reading.failing_since_at
    if reading.read_at is None or (since_at is not None and at - since_at > _BELIEVED):
        return Standing(PolicyStanding.UNREAD, version, reading.read_at, reading.error_code)
    sha256 = reading.value.get("sha256", "")
    if not sha256:
        return Standing(PolicyStanding.NONE, None, reading.read_at)
    if version is None or version.sha256 != sha256:
        return Standing(PolicyStanding.FOREIGN, None, reading.read_at)
    proven = bool(version.proof.get("proven"))
    standing = PolicyStanding.ISOLATED if proven else PolicyStanding.UNPROVEN
    return Standing(standing, version, reading.read_at)


def prove_again(*, server_id: int) -> None:
    """Prove the version in force for the network as it is now; a proof ages as machines come.

    Writes nothing while the proof says the same. A text that cannot be read proves nothing.
    """
    with platform_context():
        version = in_force(server_id=server_id)
        if version is None:
            return
        found = _proof_of(version)
        if found != version.proof:
            with tenant_transaction():
                PolicyVersion.objects.filter(pk=version.pk).update(proof=found)


def _proof_of(version: PolicyVersion) -> dict[str, Any]:
    server = version.server
    network = network_of(server)
    try:
        verdict = judge(
            version.text,
            network.parties,
            release=release_of(server.series),
            accounts=network.accounts,
            machines=network.machines,
        )
    except PolicyError as error:
        return {"proven": False, "unreadable": error.code}
    return proof_data(verdict.proof) | {"proven": not verdict.is_refused}


def proof_data(proof: Proof) -> dict[str, Any]:
    """Return a proof as a version keeps it."""
    return {
        "pairs": proof.pairs,
        "denied": proof.denied,
        "holes": proof.hole_count,
        "machines": proof.machines,
        "imagined": proof.imagined,
        "proven": proof.is_proven,
    }
