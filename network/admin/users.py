"""Users of the engine in the administration, and which pharmacy each belongs to."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from network import queries
from network.admin.buttons import Button
from network.admin.detail import DetailAdmin, Panel, Shown
from network.admin.machine_page import Attribute
from network.admin.user_buttons import destroy, new_key, rename
from network.fleet import operations
from network.looks import KEY_LOOKS, Look
from network.models import HeadscaleUser, PharmacyLink
from network.operations import NetworkConflictError
from pharmacies.access.actor import Actor
from pharmacies.access.staff import StaffAdmin, staff_actor
from pharmacies.templatetags.blocks import until

_MOST_ROWS = 50


def _links_of_user() -> QuerySet[PharmacyLink]:
    return PharmacyLink.objects.filter(
        server=OuterRef("server"), headscale_user_id=OuterRef("headscale_user_id")
    )


class LinkFilter(admin.SimpleListFilter):
    """Keeps the users that belong to a pharmacy, or the strangers."""

    title = _("연결")
    parameter_name = "linked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("연결 안 됨")), ("yes", _("연결됨"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        linked = Exists(_links_of_user())
        return queryset.filter(linked if self.value() == "yes" else ~linked)


@admin.register(HeadscaleUser)
class HeadscaleUserAdmin(DetailAdmin):
    """What the engine has, read once a minute, and what can be done with each."""

    read_permission = "machines:read"
    platform_only = True
    list_display = ["name", "display_name", "headscale_user_id", "server", "confirmed_at"]
    list_filter = [LinkFilter, "server"]
    search_fields = ["name", "display_name"]
    ordering = ["server", "headscale_user_id"]
    list_select_related = ["server"]
    action_names = frozenset({"key", "rename", "remove"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeadscaleUser]:
        return queries.headscale_users()

    def shown(self, actor: Actor, row: HeadscaleUser) -> Shown:
        link = queries.link_of(row)
        look = Look("ok", gettext("연결됨")) if link else Look("closed", gettext("연결 안 됨"))
        number = row.headscale_user_id
        attributes = [
            Attribute(gettext("표시 이름"), gettext("엔진에 적힌 이름"), row.display_name),
            Attribute(gettext("번호"), gettext("엔진이 붙인 번호"), number, mono=True),
            Attribute(gettext("약국"), gettext("이 사용자의 약국"), link.pharmacy if link else ""),
            Attribute(gettext("서버"), gettext("이 사용자를 아는 엔진"), row.server),
        ]
        panels = (_machines_of(row), _keys_of(row))
        return Shown(row.name, look, attributes, row.confirmed_at, panels=panels)

    def buttons(self, actor: Actor, row: HeadscaleUser) -> list[Button]:
        offered = [
            ("keys:create", new_key(row, self.action_url(row, "key"))),
            ("users:write", rename(row, self.action_url(row, "rename"))),
            ("users:write", destroy(row, self.action_url(row, "remove"))),
        ]
        return [button for permission, button in offered if actor.may(permission)]


def _machines_of(user: HeadscaleUser) -> Panel:
    """List the user's machines as the engine counts them."""
    at = timezone.now()
    rows = queries.machines(at=at).filter(
        server_id=user.server_id, headscale_user_id=user.headscale_user_id
    )
    cells = tuple(
        (machine.name, queries.look_of(machine, at=at).word, until(machine.joined_at))
        for machine in rows.order_by("name", "pk")[:_MOST_ROWS]
    )
    head = (gettext("머신"), gettext("상태"), gettext("참여"))
    return Panel(gettext("머신"), head, cells, gettext("머신이 없습니다."))


def _keys_of(user: HeadscaleUser) -> Panel:
    rows = queries.preauth_keys(at=timezone.now()).filter(
        server_id=user.server_id, headscale_user_id=user.headscale_user_id
    )
    cells = tuple(
        (f"#{key.key_id}", KEY_LOOKS[key.state].word, key.purpose or "–", until(key.expires_at))
        for key in rows[:_MOST_ROWS]
    )
    head = (gettext("키 번호"), gettext("상태"), gettext("용도"), gettext("만료"))
    return Panel(gettext("가입 키"), head, cells, gettext("가입 키가 없습니다."))


class LinkForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A pharmacy and a user that belongs to nobody yet."""

    user = forms.ModelChoiceField(
        label=_("네트워크 사용자"), queryset=HeadscaleUser.objects.filter(gone_at=None)
    )

    class Meta:
        model = PharmacyLink
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["user"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = choice.queryset.exclude(Exists(_links_of_user()))  # type: ignore[union-attr]  # set above


@admin.register(PharmacyLink)
class PharmacyLinkAdmin(StaffAdmin):
    """Which user of the engine is whose; made by staff of the platform, strays follow."""

    read_permission = "machines:assign"
    write_permission = "machines:assign"
    platform_only = True
    form = LinkForm
    fields = ["pharmacy", "user"]
    list_display = ["pharmacy", "headscale_user_name", "server", "company_code"]
    search_fields = ["pharmacy__pharmacy_name", "headscale_user_name"]
    ordering = ["pharmacy__pharmacy_name"]
    list_select_related = ["pharmacy", "server"]
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: PharmacyLink) -> None:
        operations.unlink_pharmacy(actor=staff_actor(request), at=timezone.now(), link_id=obj.pk)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return cast(HttpResponse, super().add_view(request, form_url, extra_context))
        except NetworkConflictError as error:
            return self.refused_page(request, error)

    def save_model(self, request: HttpRequest, obj: PharmacyLink, form: Any, change: bool) -> None:
        user: HeadscaleUser = form.cleaned_data["user"]
        made = operations.link_pharmacy(
            actor=staff_actor(request),
            at=timezone.now(),
            pharmacy_id=obj.pharmacy_id,
            server_id=user.server_id,
            headscale_user=(user.headscale_user_id, user.name),
        )
        obj.pk, obj.headscale_user_name = made.pk, made.headscale_user_name
