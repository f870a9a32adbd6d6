"""People, tokens and the audit trail in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from pharmacies.access import operations
from pharmacies.access.deeds import DEEDS, TARGETS
from pharmacies.access.models import ApiToken, AuditEvent, Membership, User
from pharmacies.access.staff import ReadOnlyAdmin, StaffAdmin, staff_actor
from pharmacies.models import Company

admin.site.unregister(Group)

PLATFORM = "*"


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[misc]  # Unfold ships no types
    """Sets the password on the row only; the page stores it through the operation."""

    def save(self, commit: bool = True) -> Any:
        return super().save(commit=False)


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A role and where it holds; the whole platform has to be chosen, never left empty."""

    company_code = forms.ChoiceField(label=_("회사"))

    class Meta:
        model = Membership
        fields = ["role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["company_code"]
        assert isinstance(place, forms.ChoiceField)
        companies = Company.objects.order_by("company_code").values_list("company_code", "name")
        place.choices = [("", "---------"), (PLATFORM, _("플랫폼 전체")), *companies]
        if self.instance.pk:
            self.initial["company_code"] = self.instance.company_code or PLATFORM

    def clean_company_code(self) -> str | None:
        chosen: str = self.cleaned_data["company_code"]
        return None if chosen == PLATFORM else chosen


class MembershipFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # not generic at run time
    def clean(self) -> None:
        """Refuse two roles in one place."""
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data and not self._gone(form)]
        places = [form.cleaned_data.get("company_code") for form in kept]
        if len(places) != len(set(places)):
            raise forms.ValidationError(_("한 곳에는 역할을 하나만 줄 수 있습니다."))

    def _gone(self, form: Any) -> bool:
        return bool(form.cleaned_data.get("DELETE"))


class MembershipInline(TabularInline):  # type: ignore[misc]  # Unfold ships no types
    """A person's roles, one line a company; an empty company is the platform."""

    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    fields = ["company_code", "role"]
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_actor(request).may("people:write")

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(User)
class UserAdmin(DjangoUserAdmin, StaffAdmin):  # type: ignore[misc,type-arg]  # Unfold ships no types
    """People who sign in. Only administrators of the platform see and change them."""

    read_permission = "people:write"
    write_permission = "people:write"
    platform_only = True
    actions = None
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = PasswordForm
    list_display = ["username", "last_name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active"]
    list_select_related = False
    filter_horizontal: ClassVar[list[str]] = []
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("사람"), {"fields": ["last_name", "first_name", "email"]}),
        (_("권한"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are made inactive, never deleted: the record keeps naming them."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        operations.store_user(
            actor=staff_actor(request),
            at=timezone.now(),
            user=obj,
            changed=[name for name in form.changed_data if not name.startswith("password")],
        )

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:
        """Store a new password: this is the only step that Django takes after setting one."""
        if User.objects.filter(pk=obj.pk).exclude(password=obj.password).exists():
            operations.store_password(actor=staff_actor(request), at=timezone.now(), user=obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Store the roles one by one through their operations."""
        actor, at = staff_actor(request), timezone.now()
        for membership in formset.save(commit=False):
            operations.grant_role(actor=actor, at=at, membership=membership)
        for membership in formset.deleted_objects:
            operations.revoke_role(actor=actor, at=at, membership=membership)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens of programs; they are made on the command line, and end here."""

    read_permission = "tokens:write"
    write_permission = "tokens:write"
    platform_only = True
    list_display = ["name", "owner", "company_code", "made_at", "ends_at"]
    search_fields = ["name", "user__username"]
    ordering = ["-created"]
    list_select_related = ["user"]
    fields = ["name", "owner", "scopes", "company_code", "made_at", "ends_at"]
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.fields

    @admin.display(description=_("주인"), ordering="user__username")
    def owner(self, token: ApiToken) -> str:
        return str(token.user)

    @admin.display(description=_("만든 시각"), ordering="created")
    def made_at(self, token: ApiToken) -> Any:
        return token.created

    @admin.display(description=_("만료"), ordering="expiry")
    def ends_at(self, token: ApiToken) -> Any:
        return token.expiry

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request)

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        operations.revoke_token(actor=staff_actor(request), at=timezone.now(), token=obj)


class DeedFilter(admin.SimpleListFilter):
    """Keeps the events of one deed, by its words."""

    title = _("무엇을")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(DEEDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what to whom; read only."""

    read_permission = "audit:read"
    list_display = ["at", "actor_label", "deed", "kind", "target_label", "company_code"]
    list_filter = [DeedFilter]
    search_fields = ["actor_label", "target_label", "target_id"]
    ordering = ["-at", "-pk"]
    list_select_related = False
    actions = None

    @admin.display(description=_("무엇을"), ordering="action")
    def deed(self, event: AuditEvent) -> str:
        return str(DEEDS.get(event.action, event.action))

    @admin.display(description=_("대상 종류"), ordering="target_type")
    def kind(self, event: AuditEvent) -> str:
        return str(TARGETS.get(event.target_type, event.target_type))
