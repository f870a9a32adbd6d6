"""Ways of looking at the list of machines, kept by a person under a name."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _

from network.models import SavedView
from network.operations.asking import NetworkConflictError, refuse
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.tenancy import tenant_transaction

MOST_VIEWS = 30
NAME_LIMIT = 50
_QUERY_LIMIT = 1000
# The page number is no way of looking, and neither is Django's mark for a wrong address.
_FORGOTTEN = frozenset({"p", "e", "all", "_popup", "_to_field"})


def save_view(*, actor: Actor, at: datetime, name: str, query: str) -> SavedView:
    """Keep the filters of an address under a name; the same name is overwritten.

    Raises PermissionDenied, ValidationError, NetworkConflictError (`too_many_views`).
    """
    require(actor, "machines:read", company_code=_somewhere(actor))
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LIMIT or not name.isprintable():
        refuse("name", _("이름은 1자에서 50자까지입니다."), "invalid")
    pairs = [pair for pair in parse_qsl(query) if pair[0] not in _FORGOTTEN]
    kept = urlencode(sorted(pairs))
    if len(kept) > _QUERY_LIMIT:
        refuse("query", _("조건이 너무 깁니다."), "invalid")
    with tenant_transaction():
        mine = SavedView.objects.filter(user=actor.user)
        if mine.count() >= MOST_VIEWS and not mine.filter(name=name).exists():
            sentence = _("보기는 30개까지 저장할 수 있습니다.")
            raise NetworkConflictError("too_many_views", sentence)
        view, _made = SavedView.objects.update_or_create(
            user=actor.user, name=name, defaults={"query": kept}
        )
        record(actor=actor, action="view.save", target=_target(view), at=at)
    return view


def forget_view(*, actor: Actor, at: datetime, view_id: int) -> None:
    """Delete a person's own view. Raises PermissionDenied, SavedView.DoesNotExist."""
    view = SavedView.objects.get(pk=view_id, user=actor.user)
    require(actor, "machines:read", company_code=_somewhere(actor))
    with tenant_transaction():
        record(actor=actor, action="view.forget", target=_target(view), at=at)
        view.delete()


def _somewhere(actor: Actor) -> str | None:
    """Return a company where the actor may look at machines, or the platform."""
    return next((code for code in actor.grants if actor.may("machines:read", code)), None)


def _target(view: SavedView) -> Target:
    return Target("saved_view", str(view.pk), view.name)
