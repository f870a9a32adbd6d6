"""Shapes of the API of facts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pharmacies.access.serializers import StrictSerializer
from pharmacies.identifiers import format_business_number
from pharmacies.models import Pharmacy

_COLUMNS = ("pharmacy_name", "business_number", "created_at")
ORDERINGS = {
    f"{sign}{column}": (f"{sign}{column}", "pk") for column in _COLUMNS for sign in ("", "-")
}


class PharmacySerializer(serializers.Serializer[Pharmacy]):
    """A pharmacy; `business_number` is shown with hyphens."""

    id = serializers.IntegerField(source="pk")
    company_code = serializers.CharField(source="company_id")
    pharmacy_name = serializers.CharField()
    business_number = serializers.SerializerMethodField()
    manager_name = serializers.CharField()
    phone = serializers.CharField()
    headscale_user_name = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_business_number(self, pharmacy: Pharmacy) -> str | None:
        number = pharmacy.business_number
        return format_business_number(number) if number else None


class PharmacyListSerializer(serializers.Serializer[Any]):
    """What the address of the list may ask for, besides the page."""

    search = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    company_code = serializers.CharField(required=False, max_length=20)
    ordering = serializers.ChoiceField(list(ORDERINGS), required=False, default="pharmacy_name")


class PharmacyChangeSerializer(StrictSerializer):
    """The facts that may be changed; each is optional."""

    pharmacy_name = serializers.CharField(max_length=100, required=False)
    business_number = serializers.CharField(max_length=20, required=False, allow_null=True)
    manager_name = serializers.CharField(max_length=50, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True)

    def values(self) -> dict[str, Any]:
        return dict(self.validated_data)


class PharmacyCreationSerializer(PharmacyChangeSerializer):
    company_code = serializers.CharField(max_length=20)
    pharmacy_name = serializers.CharField(max_length=100)
