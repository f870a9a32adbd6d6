"""The admin's frame: navigation, the dashboard's numbers, the mark of the environment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    return context


def environment(request: HttpRequest) -> None:
    return None
