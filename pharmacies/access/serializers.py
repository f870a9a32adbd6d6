"""Input of the API: exactly the fields that exist, nothing more."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, so that a misspelt one is never silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(map(str, data)) - set(self.fields))
            if unknown:
                sentence = _("이 요청에는 없는 항목입니다.")
                raise serializers.ValidationError(
                    {_printable(name): [sentence] for name in unknown[:20]}
                )
        return super().to_internal_value(data)


def _printable(name: str) -> str:
    """Shorten a name of the asker's own invention to something that every answer can carry."""
    return name[:60].encode("utf-8", "replace").decode()
