"""Filters, search, order and pages of the machine list."""

from __future__ import annotations

from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from network import queries
from network.engine import now
from network.models import MachineProfile

ORDERINGS = {
    "name": "name",
    "status": "status",
    "expires_at": "expires_at",
    "changed_at": "state_since_at",
    "node_id": "node_id",
}


class MachineFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """The filters of `GET /api/nodes`; an unknown value gives an empty list, a bad one 400."""

    server = django_filters.CharFilter(field_name="server__slug")
    pharmacy = django_filters.NumberFilter(field_name="pharmacy_id")
    status = django_filters.CharFilter(method="by_status")
    role = django_filters.CharFilter()
    os = django_filters.CharFilter(lookup_expr="iexact")
    tag = django_filters.CharFilter(method="by_tag")
    assigned = django_filters.BooleanFilter(
        field_name="pharmacy", lookup_expr="isnull", exclude=True
    )
    expiring = django_filters.NumberFilter(method="by_days_left", min_value=0, max_value=3650)
    search = django_filters.CharFilter(method="by_text")

    class Meta:
        model = MachineProfile
        fields: list[str] = []

    def by_status(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(status=value.upper())

    def by_tag(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(tags__icontains=f'"{value}"')

    def by_days_left(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        return queries.expiring_within(rows, at=now(), days=int(value))

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
    paginator = cast(PageNumberPagination, _pagination_class()())
    page: list[Any] | None = paginator.paginate_queryset(rows, request, view)
    return list(page or []), paginator


def _pagination_class() -> Any:
    """Return the project's pagination, which is known here by its setting only."""
    return api_settings.DEFAULT_PAGINATION_CLASS


def _ordering(request: Request) -> list[str]:
    asked = request.query_params.get("ordering", "name")
    column = ORDERINGS.get(asked.lstrip("-"))
    if column is None:
        raise ValidationError({"ordering": [", ".join(ORDERINGS)]})
    return [f"-{column}" if asked.startswith("-") else column]
