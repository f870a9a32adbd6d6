"""Reads docker-compose.yml as Docker would: merged, interpolated, by service."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<default>[^}]*))?\}")


def example() -> dict[str, str]:
    """The variables of .env.example."""
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def composition(variables: Mapping[str, str]) -> dict[str, Any]:
    """The file with its variables filled in."""
    raw = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    filled: dict[str, Any] = _filled(raw, variables)
    return filled


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    return VARIABLE.sub(lambda found: _value(found, variables), value) if _text(value) else value


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found[0] == "$$":
        return "$"
    value = variables.get(found["name"], "")
    if not value and found["kind"] == "?":
        raise KeyError(found["name"])
    return value or found["default"] or ""
