"""How the envelope and the errors appear in the OpenAPI document."""

from __future__ import annotations

from drf_spectacular.openapi import AutoSchema


class EnvelopeAutoSchema(AutoSchema):
    """Describes each operation with the envelope that the renderer puts around it."""
