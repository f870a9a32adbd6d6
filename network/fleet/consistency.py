"""Links that hold only because we say so, and where one of them has broken.

Between our rows and an engine there are no foreign keys: a user may be removed or renamed there, a
machine may log in as somebody else. Each finding says what is so, and what would mend it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from network.models import HeadscaleUser, MachineProfile, PharmacyLink

USER_GONE, USER_RENAMED = "user_gone", "user_renamed"
MACHINE_ELSEWHERE, COMPANY_DIFFERS = "machine_elsewhere", "company_differs"
CODES = (USER_GONE, USER_RENAMED, MACHINE_ELSEWHERE, COMPANY_DIFFERS)


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken link: `number` is the row's (a link's or a machine's), `repair` what mends it."""

    code: str
    number: int
    what: str
    sentence: str
    repair: str


def findings() -> list[Finding]:
    """Return every broken link that the tenant may see; four statements, however many rows."""
    return [*_users_gone(), *_users_renamed(), *_machines_elsewhere(), *_companies_differ()]


def finding(code: str, number: int) -> Finding | None:
    """Return one finding as it is now; None when the link holds (again)."""
    readers = {
        USER_GONE: _users_gone,
        USER_RENAMED: _users_renamed,
        MACHINE_ELSEWHERE: _machines_elsewhere,
        COMPANY_DIFFERS: _companies_differ,
    }
    reader = readers.get(code)
    return next((one for one in reader() if one.number == number), None) if reader else None


def linked_pharmacy() -> Subquery:
    """Say, in a query of machines, which pharmacy the machine's network user belongs to."""
    links = PharmacyLink.objects.filter(
        server=OuterRef("server"), headscale_user_id=OuterRef("headscale_user_id")
    )
    return Subquery(links.values("pharmacy_id")[:1])


def _listed_user() -> QuerySet[HeadscaleUser]:
    return HeadscaleUser.objects.filter(
        server=OuterRef("server"), headscale_user_id=OuterRef("headscale_user_id"), gone_at=None
    )


def _users_gone() -> Iterator[Finding]:
    """Links to a user that was there and is not any more; a server never read accuses nobody."""
    read = Exists(HeadscaleUser.objects.filter(server=OuterRef("server")))
    rows = PharmacyLink.objects.filter(read).exclude(Exists(_listed_user()))
    for link in rows.select_related("pharmacy", "server").order_by("pk"):
        yield Finding(
            USER_GONE,
            link.pk,
            str(link.pharmacy),
            _("이 약국의 네트워크 사용자 %(name)s이(가) 엔진에 없습니다.")
            % {"name": link.headscale_user_name},
            _("연결을 끊습니다. 다음 가입 키를 만들 때 사용자가 새로 생깁니다."),
        )


def _users_renamed() -> Iterator[Finding]:
    name = Subquery(_listed_user().values("name")[:1])
    rows = PharmacyLink.objects.annotate(listed_name=name).exclude(
        Q(listed_name=None) | Q(listed_name=F("headscale_user_name"))
    )
    for link in rows.select_related("pharmacy").order_by("pk"):
        yield Finding(
            USER_RENAMED,
            link.pk,
            str(link.pharmacy),
            _("네트워크 사용자의 이름이 %(ours)s에서 %(engine)s(으)로 바뀌었습니다.")
            % {"ours": link.headscale_user_name, "engine": link.listed_name},
            _("엔진의 이름을 따릅니다."),
        )


def _machines_elsewhere() -> Iterator[Finding]:
    """Machines that log in as one pharmacy's user and stand in another, or in none."""
    rows = MachineProfile.objects.filter(gone_at=None, tags=[])
    rows = rows.annotate(linked=linked_pharmacy()).exclude(linked=None)
    rows = rows.exclude(pharmacy_id=F("linked"), pharmacy__isnull=False)
    for machine in rows.select_related("pharmacy").order_by("pk"):
        place = machine.pharmacy or _("미배정")
        yield Finding(
            MACHINE_ELSEWHERE,
            machine.pk,
            machine.name,
            _("다른 약국의 네트워크 사용자 %(user)s(으)로 들어와 있습니다. 배정된 곳: %(place)s")
            % {"user": machine.user_name, "place": place},
            _("네트워크 사용자의 약국에 배정합니다."),
        )


def _companies_differ() -> Iterator[Finding]:
    rows = MachineProfile.objects.filter(gone_at=None, pharmacy__isnull=False)
    rows = rows.exclude(company_code=F("pharmacy__company_id"), company_code__isnull=False)
    for machine in rows.select_related("pharmacy").order_by("pk"):
        yield Finding(
            COMPANY_DIFFERS,
            machine.pk,
            machine.name,
            _("머신의 회사 코드 %(ours)s이(가) 약국의 회사와 다릅니다.")
            % {"ours": machine.company_code or "–"},
            _("약국의 회사를 따릅니다."),
        )
