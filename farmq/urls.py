"""Every address of the system in one place."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from farmq.api_docs import DocsView, SchemaView
from farmq.gallery import gallery
from farmq.health import healthz, readyz
from farmq.metrics import metrics
from farmq.pages import NoSuchAddressView, front_door

api: list[URLPattern | URLResolver] = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    path("", include("network.api.urls")),
    path("", include("network.fleet.api.urls")),
    path("", include("pharmacies.api.urls")),
    path("screen-management/", include("screens.api.urls")),
    re_path(r"^", NoSuchAddressView.as_view()),
]
urlpatterns = [
    path("", front_door, name="front-door"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/", include(api)),
    path("accounts/", include("farmq.accounts")),
    path("screens/", include("screens.urls")),
    path("admin/blocks/", admin.site.admin_view(gallery), name="blocks"),
    path("admin/", admin.site.urls),
]
