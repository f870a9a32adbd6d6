"""The description of the API: as a document, and as a page served from here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularAPIView):
    """The OpenAPI document. It has one version; a `?version=` of somebody's own is not read."""

    http_method_names = ["get", "head"]

    def _get_version_parameter(self, _request: Any) -> None:
        return None


class DocsView(SpectacularSwaggerSplitView):
    """The document as a page; its script has an address of its own, so nothing is inline."""

    http_method_names = ["get", "head"]
    url_name = "schema"
    template_name = "farmq/api_docs.html"
