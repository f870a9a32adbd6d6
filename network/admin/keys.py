"""Keys in the administration: those with which machines join, and those of programs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from network import operations, queries
from network.admin.buttons import Button, delete_question
from network.admin.detail import DetailAdmin, Panel, Shown
from network.admin.machine_page import Attribute
from network.headscale.features import lacks, release_of
from network.looks import KEY_LOOKS, Look
from network.models import HeadscaleApiKey, HeadscalePreAuthKey
from network.states import KeyState
from pharmacies.access.actor import Actor
from pharmacies.templatetags.blocks import until


class KeyStateFilter(admin.SimpleListFilter):
    """Keeps the keys of one state."""

    title = gettext_lazy("상태")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value.lower(), state.label) for state in KeyState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(state=value.upper()) if value else queryset


@admin.register(HeadscalePreAuthKey)
class HeadscalePreAuthKeyAdmin(DetailAdmin):
    """What each key is for, how it is, and who joined with it. The secret is nowhere."""

    read_permission = "keys:read"
    list_display = ["look", "key", "pharmacy", "purpose", "owner", "expiry", "requested_by"]
    list_display_links = ["key"]
    list_filter = [KeyStateFilter, "reusable", "server"]
    search_fields = ["purpose", "user_name", "requested_by", "pharmacy__pharmacy_name"]
    ordering = ["-pk"]
    list_select_related = ["server", "pharmacy"]
    action_names = frozenset({"expire", "remove"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return queries.preauth_keys(at=timezone.now())

    def shown(self, actor: Actor, row: Any) -> Shown:
        kind = _("여러 번 사용") if row.reusable else _("한 번 사용")
        attributes = [
            Attribute(_("용도"), _("만든 사람이 적은 이유"), row.purpose),
            Attribute(_("약국"), _("이 키로 가입하는 머신의 약국"), row.pharmacy),
            Attribute(_("네트워크 사용자"), _("엔진에서의 주인"), row.user_name, mono=True),
            Attribute(_("종류"), _("몇 번 쓸 수 있는지"), kind),
            Attribute(_("태그"), _("가입한 머신에 붙는 태그"), ", ".join(row.tags), mono=True),
            Attribute(_("만료"), _("이때부터 가입할 수 없습니다"), until(row.expires_at)),
            Attribute(_("요청한 사람"), _("키를 만들게 한 사람"), row.requested_by),
            Attribute(_("표시"), _("비밀은 만들 때 한 번만 보입니다"), row.shown, mono=True),
            Attribute(_("서버"), _("이 키를 아는 엔진"), row.server),
        ]
        joined = Panel(
            _("이 키로 가입한 머신"),
            (_("머신"), _("상태"), _("참여")),
            tuple(_joined(row)),
            _("아직 아무 머신도 이 키로 가입하지 않았습니다."),
        )
        look = KEY_LOOKS[row.state]
        return Shown(str(row), look, attributes, row.confirmed_at, panels=(joined,))

    def buttons(self, actor: Actor, row: Any) -> list[Button]:
        if not actor.may("keys:expire", row.company_code):
            return []
        offered = []
        if row.state == KeyState.VALID:
            offered.append(self._expire(row))
        if lacks(release_of(row.server.series), "preauthkeys.delete") is None:
            offered.append(self._delete(row))
        return offered

    def _expire(self, row: Any) -> Button:
        return Button(
            action="expire",
            verb=_("폐기"),
            title=_("%(name)s 폐기") % {"name": row},
            consequence=_("이 키로는 더 가입할 수 없습니다. 이미 가입한 머신은 그대로입니다."),
            done=_("폐기했습니다."),
            ask=lambda actor, at, _values: operations.expire_preauth_key(
                actor=actor, at=at, key_number=row.pk
            ),
            danger=True,
            url=self.action_url(row, "expire"),
        )

    def _delete(self, row: Any) -> Button:
        return Button(
            action="remove",
            verb=_("삭제"),
            title=_("%(name)s 삭제") % {"name": row},
            question=delete_question(_("가입 키"), str(row)),
            consequence=_("엔진의 목록에서 사라집니다. 이미 가입한 머신은 그대로입니다."),
            done=_("삭제했습니다."),
            ask=lambda actor, at, _values: operations.delete_preauth_key(
                actor=actor, at=at, key_number=row.pk
            ),
            danger=True,
            leaves=True,
            url=self.action_url(row, "remove"),
        )

    @admin.display(description=gettext_lazy("상태"), ordering="state")
    def look(self, key: Any) -> SafeString:
        look = KEY_LOOKS[key.state]
        return render_to_string(
            "blocks/status_chip.html",
            {"state": look.state, "word": look.word, "age_at": key.confirmed_at},
        )

    @admin.display(description=gettext_lazy("키 번호"), ordering="key_id")
    def key(self, key: HeadscalePreAuthKey) -> str:
        return f"#{key.key_id}"

    @admin.display(description=gettext_lazy("네트워크 사용자"))
    def owner(self, key: HeadscalePreAuthKey) -> str:
        return key.user_name or ", ".join(key.tags) or "–"

    @admin.display(description=gettext_lazy("만료"), ordering="expires_at")
    def expiry(self, key: HeadscalePreAuthKey) -> SafeString:
        return render_to_string("network/expiry.html", {"moment": key.expires_at})


def _joined(key: HeadscalePreAuthKey) -> list[tuple[Any, ...]]:
    """List the tenant's machines that joined with a key, newest first."""
    at = timezone.now()
    rows = queries.machines(at=at).filter(server_id=key.server_id, preauth_key_id=key.key_id)
    return [
        (machine.name, queries.look_of(machine, at=at).word, until(machine.joined_at))
        for machine in rows.order_by("-joined_at", "-pk")[:50]
    ]


@admin.register(HeadscaleApiKey)
class HeadscaleApiKeyAdmin(DetailAdmin):
    """Keys with which programs ask an engine from afar."""

    read_permission = "servers:read"
    platform_only = True
    list_display = ["prefix", "purpose", "expires_at", "created_at", "server", "confirmed_at"]
    list_filter = ["server"]
    search_fields = ["prefix", "purpose"]
    ordering = ["-pk"]
    list_select_related = ["server"]
    action_names = frozenset({"expire", "remove"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeadscaleApiKey]:
        return queries.api_keys()

    def shown(self, actor: Actor, row: Any) -> Shown:
        over = row.expires_at is not None and row.expires_at <= timezone.now()
        look = Look("ended", _("만료됨")) if over else Look("ok", _("사용 가능"))
        attributes = [
            Attribute(_("용도"), _("만든 사람이 적은 이유"), row.purpose),
            Attribute(_("앞부분"), _("비밀은 만들 때 한 번만 보입니다"), row.prefix, mono=True),
            Attribute(_("만료"), _("이때부터 쓸 수 없습니다"), until(row.expires_at)),
            Attribute(_("서버"), _("이 키를 아는 엔진"), row.server),
        ]
        return Shown(row.prefix, look, attributes, row.confirmed_at)

    def buttons(self, actor: Actor, row: Any) -> list[Button]:
        if not actor.may("apikeys:write"):
            return []
        return [self._end(row, "expire"), self._end(row, "remove")]

    def _end(self, row: Any, action: str) -> Button:
        expire = action == "expire"
        operation = operations.expire_api_key if expire else operations.delete_api_key
        return Button(
            action=action,
            verb=_("폐기") if expire else _("삭제"),
            title=(_("%(name)s 폐기") if expire else _("%(name)s 삭제")) % {"name": row.prefix},
            question="" if expire else delete_question(_("엔진 API 키"), row.prefix),
            consequence=_("이 키를 쓰는 프로그램은 더 이상 엔진에 물을 수 없습니다."),
            done=_("폐기했습니다.") if expire else _("삭제했습니다."),
            ask=lambda actor, at, _values: operation(actor=actor, at=at, key_number=row.pk),
            danger=True,
            leaves=not expire,
            url=self.action_url(row, action),
        )
