"""What a view of the API returns; the envelope around it is made in one place for all of them."""

from __future__ import annotations

from collections.abc import Mapping

from rest_framework.response import Response


class Answer(Response):
    """A successful answer: data, perhaps a sentence for a person, perhaps keys beside the data."""

    message: str | None = None
    beside: Mapping[str, object]


def answer(
    data: object,
    *,
    message: str | None = None,
    status: int = 200,
    beside: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Build the answer of a view; `beside` holds keys of the envelope such as `pagination`."""
    response = Answer(data, status=status, headers=headers)
    response.message = message
    response.beside = beside or {}
    return response
