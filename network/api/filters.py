"""Filters, search, order and pages of the machine list."""

from __future__ import annotations

from typing import Any, cast

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from network import queries
from network.engine import now
from network.models import MachineProfile
from network.states import MachineRole, MachineStatus

ORDERINGS = {
    "name": "name",
    "status": "status",
    "expires_at": "expires_at",
    "changed_at": "state_since_at",
    "node_id": "node_id",
}

NO_ROLE = "none"
ROLES = (*(role.lower() for role in MachineRole.values), NO_ROLE)

LIST_PARAMETERS = [
    OpenApiParameter("search", str, description=_("이름, 주소, 약국, 사업자등록번호")),
    OpenApiParameter("ordering", str, enum=[f"{s}{name}" for name in ORDERINGS for s in ("", "-")]),
    OpenApiParameter("status", str, enum=[status.lower() for status in MachineStatus.values]),
    OpenApiParameter("role", str, enum=ROLES),
    OpenApiParameter("assigned", bool),
    OpenApiParameter("pharmacy", int),
    OpenApiParameter("expiring", int, description=_("며칠 안에 만료되는지")),
    *(OpenApiParameter(name, str) for name in ("server", "os", "client_version", "tag")),
]


class WholeNumberFilter(django_filters.Filter):  # type: ignore[misc]  # ships no types
    """A number that a row can have; django-filter's own takes fractions and numbers of any size."""

    field_class = forms.IntegerField


class YesNoFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]  # ships no types
    """`true` or `false`; django-filter's own takes any other word for no filter at all."""

    def __init__(self, **options: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce=lambda word: word == "true", **options)


class MachineFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """The filters of `GET /api/nodes`; a value that no row can have is refused."""

    server = django_filters.CharFilter(field_name="server__slug")
    pharmacy = WholeNumberFilter(field_name="pharmacy_id", min_value=1, max_value=2**63 - 1)
    status = django_filters.ChoiceFilter(
        choices=[(status.lower(), status) for status in MachineStatus.values], method="by_status"
    )
    role = django_filters.ChoiceFilter(choices=[(role, role) for role in ROLES], method="by_role")
    client_version = django_filters.CharFilter()
    os = django_filters.CharFilter(lookup_expr="iexact")
    tag = django_filters.CharFilter(method="by_tag")
    assigned = YesNoFilter(field_name="pharmacy", lookup_expr="isnull", exclude=True)
    expiring = WholeNumberFilter(method="by_days_left", min_value=0, max_value=3650)
    search = django_filters.CharFilter(method="by_text")

    class Meta:
        model = MachineProfile
        fields: list[str] = []

    def by_status(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(status=value.upper())

    def by_role(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(role="" if value == NO_ROLE else value.upper())

    def by_tag(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(tags__icontains=f'"{value}"')

    def by_days_left(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        return queries.expiring_within(rows, at=now(), days=value)

    def by_text(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return queries.matching(rows, text=value)


def filtered_machines(request: Request, view: APIView) -> tuple[Any, PageNumberPagination]:
    """Return one page of machines in the order and by the filters of the address.

    Raises ValidationError for a filter value of the wrong form.
    """
    filters = MachineFilter(request.query_params, queryset=queries.machines(at=now()))
    if not filters.is_valid():
        raise ValidationError(dict(filters.errors))
    rows = filters.qs.order_by(*_ordering(request), "server_id", "node_id")
    paginator = cast(PageNumberPagination, pagination_class()())
    page: list[Any] | None = paginator.paginate_queryset(rows, request, view)
    return list(page or []), paginator


def pagination_class() -> Any:
    """Return the project's pagination, which is known here by its setting only."""
    return api_settings.DEFAULT_PAGINATION_CLASS


def _ordering(request: Request) -> list[str]:
    asked = request.query_params.get("ordering", "name")
    column = ORDERINGS.get(asked.removeprefix("-"))
    if column is None:
        raise ValidationError({"ordering": [", ".join(ORDERINGS)]})
    return [f"-{column}" if asked.startswith("-") else column]
