"""One change as a button, whatever it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from network.headscale.features import lacks, release_of
from network.models import HeadscaleCommand, HeadscaleServer
from pharmacies.access.actor import Actor


class NoForm(forms.Form):
    """A change that asks nothing."""


@dataclass(frozen=True, slots=True)
class Button:
    """One change as a button: what is said before it, how it is asked for, what is said after.

    `has_page` asks on a page of its own instead of in a dialog; `leaves` when the thing is gone
    afterwards. `makes_secret` when what comes of it is shown once, sealed for `public_key` among
    the values. `unavailable` is why it cannot be done here, and is said before it is tried.
    """

    action: str
    verb: str
    title: str
    consequence: str
    done: str
    ask: Callable[[Actor, datetime, dict[str, Any]], HeadscaleCommand | None]
    form: Callable[..., forms.Form] = NoForm
    initial: dict[str, Any] = field(default_factory=dict)
    question: str = ""
    danger: bool = False
    leaves: bool = False
    has_page: bool = False
    makes_secret: bool = False
    unavailable: str = ""
    url: str = ""

    @property
    def fields(self) -> forms.Form:
        return self.form(initial=self.initial)


def delete_question(kind: str, name: str) -> str:
    """Return the fixed question before a deletion: a sentence, a blank line, a warning."""
    question = _('정말로 %(kind)s "%(name)s"를 삭제하시겠습니까?') % {"kind": kind, "name": name}
    warning = _("삭제된 항목은 복구할 수 없습니다.")
    return f"{question}\n\n{warning}"


def lacking(server: HeadscaleServer, feature: str) -> str:
    """Return why the release of a server cannot do something; empty when it can."""
    missing = lacks(release_of(server.series), feature)
    return _(missing.sentence) if missing else ""
