"""Input of the API: exactly the fields that exist, nothing more."""

from __future__ import annotations

import re
from datetime import datetime
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


def require_offset(asked: serializers.Serializer[Any], name: str, value: datetime) -> datetime:
    """Refuse a time whose text has no offset; Django would silently take the local one."""
    text = str(asked.initial_data.get(name, ""))
    if not re.search(r"(Z|[+-][0-9]{2}:?[0-9]{2})$", text):
        raise serializers.ValidationError(
            _("시각에 시간대를 함께 적어 주십시오. 예: 2027-01-01T09:00:00+09:00")
        )
    return value


def _printable(name: str) -> str:
    """Shorten a name of the asker's own invention to something that every answer can carry."""
    return name[:60].encode("utf-8", "replace").decode()
