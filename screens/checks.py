"""System checks: the component folders are sound and their defaults are written down."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning

from screens.lock import lock_problems, read_lock
from screens.registry import RegistryError, registry


def components_are_sound(**_kwargs: Any) -> list[CheckMessage]:
    """Report a broken component folder as an error, an unwritten default as a warning."""
    try:
        found = registry()
    except RegistryError as error:
        return [Error(str(error), id="screens.E001")]
    return [CheckWarning(text, id="screens.W001") for text in lock_problems(found, read_lock())]
