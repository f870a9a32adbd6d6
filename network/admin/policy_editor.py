"""The editor of a server's policy: written, checked, seen in its effects, and only then set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from network import operations, policies, queries
from network.admin.acting import LEVELS, Subject, Told, tell
from network.admin.policy_buttons import ACTIONS, buttons
from network.looks import POLICY_LOOKS
from network.models import HeadscaleServer
from network.operations import NetworkConflictError
from network.policies import Preview
from network.policy.sayings import PolicyError
from network.waiting import may_wait, wait_for
from pharmacies.access.actor import Actor
from pharmacies.access.staff import staff_actor

_MOST_LINES = 400
_LF, _CRLF = "lf", "crlf"
_KINDS = {"+": "added", "-": "gone", "@": "head", " ": "same"}


class PolicyForm(forms.Form):
    """The text byte for byte, and the fingerprint of the one that it shall replace."""

    text = forms.CharField(
        label=gettext_lazy("정책"),
        max_length=1_000_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "data-policy": ""}),
    )
    comment = forms.CharField(label=gettext_lazy("설명"), max_length=200, required=False)
    base_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    line_ends = forms.ChoiceField(
        widget=forms.HiddenInput, choices=[(_LF, _LF), (_CRLF, _CRLF)], required=False
    )

    def clean(self) -> dict[str, Any]:
        """Undo what browsers do to the ends of lines: they send CRLF, whatever they were given."""
        cleaned = self.cleaned_data
        ends = cleaned.pop("line_ends", _LF)
        text = str(cleaned.get("text", "")).replace("\r\n", "\n")
        return cleaned | {"text": text.replace("\n", "\r\n") if ends == _CRLF else text}


class Shown(NamedTuple):
    """A line of the difference; `kind` is a class of the style sheet."""

    kind: str
    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a checked text would do, in the language of the page."""

    refused: bool
    proof: dict[str, Any]
    dangers: tuple[tuple[str, str], ...]
    holes: tuple[str, ...]
    missing: tuple[str, ...]
    remarks: tuple[str, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    changed_machines: int
    cut_off_machines: int
    lines: tuple[Shown, ...]
    more_lines: int


def server_of(request: HttpRequest, number: int) -> HeadscaleServer:
    """Return the server of an address; raises PermissionDenied or Http404."""
    if not staff_actor(request).may("policy:read"):
        raise PermissionDenied
    server = queries.servers().filter(pk=number).first()
    if server is None:
        raise Http404
    return server


def subject_of(actor: Actor, server: HeadscaleServer) -> Subject:
    """Return the changes of a server's policy that have a button."""
    here = reverse("admin:network_policy_editor", args=[server.pk])
    return Subject(
        server_id=server.pk,
        buttons=tuple(buttons(actor, server)),
        known=ACTIONS,
        here=here,
        list_url=here,
    )


def editor_page(request: HttpRequest, server: HeadscaleServer, site: AdminSite) -> HttpResponse:
    """Show the policy (GET), or check or set what was written (POST); a text is never lost."""
    actor = staff_actor(request)
    if request.method != "POST":
        return _shown(request, server, site, form=_first_form(server))
    form = PolicyForm(request.POST)
    if not form.is_valid():
        sentences = [str(text) for errors in form.errors.values() for text in errors]
        return _shown(request, server, site, form=form, problem=" ".join(sentences))
    if "go" not in request.POST:
        return _checked(request, server, site, form)
    if not actor.may("policy:write"):
        raise PermissionDenied
    told = _set(actor, server, form.cleaned_data)
    if told.level == "failure":
        return _checked(request, server, site, form, problem=told.message)
    messages.add_message(request, LEVELS[told.level], told.message)
    return HttpResponseRedirect(request.path)


def _first_form(server: HeadscaleServer) -> PolicyForm:
    """Begin with what is in force, or else with what would be made of our pharmacies."""
    version = policies.standing_of(server, at=timezone.now()).version
    try:
        text = version.text if version else policies.generated(server).text
    except PolicyError:
        text = ""
    initial = {
        "text": text,
        "base_sha256": policies.base_of(server),
        "line_ends": _CRLF if "\r\n" in text and "\n" not in text.replace("\r\n", "") else _LF,
    }
    return PolicyForm(initial=initial)


def _checked(
    request: HttpRequest,
    server: HeadscaleServer,
    site: AdminSite,
    form: PolicyForm,
    problem: str = "",
) -> HttpResponse:
    try:
        found = effect_of(policies.preview(server, form.cleaned_data["text"]))
    except PolicyError as error:
        sentence = policies.told(error.saying)
        if error.line:
            place = {"line": error.line, "column": error.column}
            _mark(form, {**place, "sentence": sentence})
            sentence = _("%(line)d줄 %(column)d칸: ") % place + sentence
        return _shown(request, server, site, form=form, problem=sentence)
    return _shown(request, server, site, form=form, effect=found, problem=problem)


def _mark(form: PolicyForm, fault: dict[str, Any]) -> None:
    """Tell the editor's script where a text cannot be read."""
    form.fields["text"].widget.attrs |= {
        "data-fault-line": fault["line"],
        "data-fault-column": fault["column"],
        "data-fault": fault["sentence"],
    }


def _shown(
    request: HttpRequest,
    server: HeadscaleServer,
    site: AdminSite,
    *,
    form: PolicyForm,
    effect: Effect | None = None,
    problem: str = "",
) -> HttpResponse:
    found, actor = policies.standing_of(server, at=timezone.now()), staff_actor(request)
    context = {
        **site.each_context(request),
        "title": _("%(server)s의 정책") % {"server": server},
        "server": server,
        "look": POLICY_LOOKS[found.standing],
        "words": found.words,
        "standing": found,
        "form": form,
        "effect": effect,
        "problem": problem,
        "may_write": actor.may("policy:write"),
        "buttons": buttons(actor, server),
        "groups": policies.staff_groups(server),
        "versions": queries.policy_versions().filter(server=server).defer("text")[:10],
    }
    return TemplateResponse(request, "network/policy.html", context)


def _set(actor: Actor, server: HeadscaleServer, values: dict[str, Any]) -> Told:
    patient = may_wait(server_id=server.pk)
    try:
        command = operations.set_policy(
            actor=actor, at=timezone.now(), server_id=server.pk, **values
        )
    except NetworkConflictError as error:
        return Told("failure", error.sentence)
    except ValidationError as error:
        return Told("failure", " ".join(error.messages))
    return tell(wait_for(command) if patient else command, _("적용했습니다."))


def effect_of(found: Preview) -> Effect:
    """Say what a text would do."""
    verdict = found.verdict
    return Effect(
        refused=verdict.is_refused,
        proof=policies.proof_data(verdict.proof),
        dangers=tuple((one.severity, policies.told(one.saying)) for one in verdict.dangers),
        holes=tuple(policies.told(one) for one in verdict.proof.holes),
        missing=tuple(policies.told(one) for one in verdict.proof.missing),
        remarks=tuple(policies.told(one) for one in verdict.proof.remarks),
        gained=tuple(policies.told(one) for one in found.meaning.gained),
        lost=tuple(policies.told(one) for one in found.meaning.lost),
        changed_machines=found.blast.changed_machines,
        cut_off_machines=found.blast.cut_off_machines,
        lines=tuple(
            Shown(_KINDS[line.sign], line.sign, line.text) for line in found.lines[:_MOST_LINES]
        ),
        more_lines=max(0, len(found.lines) - _MOST_LINES),
    )
