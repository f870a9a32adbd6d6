"""Doors of the API to the facts about pharmacies."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.viewsets import ViewSet

from pharmacies import operations, queries
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.repeating import once
from pharmacies.api.serializers import (
    ORDERINGS,
    PharmacyChangeSerializer,
    PharmacyCreationSerializer,
    PharmacyListSerializer,
    PharmacySerializer,
)
from pharmacies.models import Pharmacy

_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class PharmacyViewSet(ViewSet):
    """Pharmacies: list, one, create, change, delete."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "list": "pharmacies:read",
        "retrieve": "pharmacies:read",
        "create": "pharmacies:write",
        "partial_update": "pharmacies:write",
        "destroy": "pharmacies:write",
    }

    @extend_schema(
        operation_id="pharmacies_list",
        parameters=[PharmacyListSerializer],
        responses=PharmacySerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        rows = _filtered(request)
        pagination: Any = api_settings.DEFAULT_PAGINATION_CLASS
        paginator: PageNumberPagination = pagination()
        page: Any = paginator.paginate_queryset(rows, request, self)
        return paginator.get_paginated_response(PharmacySerializer(page, many=True).data)

    @extend_schema(operation_id="pharmacies_retrieve", responses=PharmacySerializer)
    def retrieve(self, _request: Request, pharmacy_id: str) -> Answer:
        return answer(PharmacySerializer(_found(pharmacy_id)).data)

    @extend_schema(
        operation_id="pharmacies_create",
        request=PharmacyCreationSerializer,
        responses={201: PharmacySerializer},
    )
    def create(self, request: Request) -> Answer:
        def do() -> Answer:
            serializer = PharmacyCreationSerializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            values = serializer.values()
            company_code = values.pop("company_code")
            pharmacy = operations.create_pharmacy(
                actor=actor_of(request), at=timezone.now(), company_code=company_code, values=values
            )
            sentence = _("약국을 등록했습니다.")
            return answer(PharmacySerializer(pharmacy).data, message=sentence, status=201)

        return once(request, at=timezone.now(), do=do)

    @extend_schema(
        operation_id="pharmacies_change",
        request=PharmacyChangeSerializer,
        responses=PharmacySerializer,
    )
    def partial_update(self, request: Request, pharmacy_id: str) -> Answer:
        def do() -> Answer:
            found = _found(pharmacy_id)
            serializer = PharmacyChangeSerializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            pharmacy = operations.update_pharmacy(
                actor=actor_of(request),
                at=timezone.now(),
                pharmacy_id=found.pk,
                values=serializer.values(),
            )
            return answer(PharmacySerializer(pharmacy).data, message=_("약국을 고쳤습니다."))

        return once(request, at=timezone.now(), do=do)

    @extend_schema(operation_id="pharmacies_delete", responses={200: None})
    def destroy(self, request: Request, pharmacy_id: str) -> Answer:
        def do() -> Answer:
            found = _found(pharmacy_id)
            operations.delete_pharmacy(
                actor=actor_of(request), at=timezone.now(), pharmacy_id=found.pk
            )
            return answer({"id": int(pharmacy_id)}, message=_("약국을 삭제했습니다."))

        return once(request, at=timezone.now(), do=do)


def _filtered(request: Request) -> QuerySet[Pharmacy]:
    """Return the pharmacies in the order and by the filters of the address.

    Raises ValidationError.
    """
    asked = PharmacyListSerializer(data=request.query_params.dict())
    asked.is_valid(raise_exception=True)
    values = asked.validated_data
    rows = queries.pharmacies(text=values["search"], company_code=values.get("company_code"))
    return rows.order_by(*ORDERINGS[values["ordering"]])


def _found(pharmacy_id: str) -> Pharmacy:
    if not _NUMBER.fullmatch(pharmacy_id):
        raise Http404
    try:
        return Pharmacy.objects.get(pk=int(pharmacy_id))
    except Pharmacy.DoesNotExist as error:
        raise Http404 from error
