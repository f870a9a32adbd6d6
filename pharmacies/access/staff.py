"""What every page of the administration shares: rights by role, and doors that never save."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from pharmacies.access.actor import Actor, session_actor
from pharmacies.access.models import User


def staff_actor(request: HttpRequest) -> Actor:
    """Return the actor of an admin request; worked out once per request."""
    known = getattr(request, "farmq_actor", None)
    if known is None:
        known = session_actor(cast(User, request.user))
        cast(Any, request).farmq_actor = known
    return cast(Actor, known)


class StaffAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """An admin whose pages open by role; without `write_permission` nothing can be changed.

    `platform_only` is for rows that belong to no company: they open for staff of the platform.
    """

    read_permission = ""
    write_permission = ""
    platform_only = False
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    list_select_related: ClassVar[bool | list[str]] = True
    compressed_fields = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.read_permission)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, self.read_permission)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_write(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_write(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_write(request)

    def _may_write(self, request: HttpRequest) -> bool:
        return bool(self.write_permission) and self._may(request, self.write_permission)

    def _may(self, request: HttpRequest, permission: str) -> bool:
        actor = staff_actor(request)
        return actor.may(permission) if self.platform_only else actor.may_anywhere(permission)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under the name of what it lists."""
        title = {"title": self.opts.verbose_name_plural}
        try:
            page = super().changelist_view(request, {**title, **(extra_context or {})})
        except (OverflowError, ValueError):
            # A number in the address that no database holds; Django's own mark for "incorrect".
            return HttpResponseRedirect(f"{self.list_url()}?e=1")
        return cast(HttpResponse, page)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Django's own log stays empty: operations write audit events."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """See `log_addition`."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """See `log_addition`."""

    def refused_page(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Tell why an operation refused, and lead back to the list."""
        sentence = getattr(error, "sentence", None) or " ".join(getattr(error, "messages", ()))
        self.message_user(request, sentence or str(error), messages.ERROR)
        return HttpResponseRedirect(self.list_url())

    def list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


class ReadOnlyAdmin(StaffAdmin):
    """Rows that are looked at only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
