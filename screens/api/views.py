"""The API of screens."""

from __future__ import annotations

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from pharmacies.access.answers import answer
from pharmacies.access.authentication import actor_of
from screens.api.representation import etag_of, screen_json
from screens.api.serializers import LayoutSerializer
from screens.queries import company_choice, screen
from screens.registry import registry


class LayoutView(APIView):
    """A screen's rows and merged settings, for the caller's company."""

    required_scope = "screens:read"

    @extend_schema(
        operation_id="screen_layout",
        summary="화면 구성",
        parameters=[
            OpenApiParameter("screen_id", OpenApiTypes.STR, OpenApiParameter.PATH),
            OpenApiParameter(
                "company",
                OpenApiTypes.STR,
                description="회사 코드. 여러 회사를 볼 수 있을 때 필요합니다.",
            ),
        ],
        responses=LayoutSerializer,
    )
    def get(self, request: Request, screen_id: str) -> HttpResponseBase:
        """Answer the layout with an ETag, or 304 when the caller has it already."""
        actor = actor_of(request)
        company_code = company_choice(actor=actor, wanted=request.query_params.get("company"))
        found = None
        if company_code is not None:
            found = screen(actor=actor, company_code=company_code, screen_id=screen_id)
        if found is None:
            raise Http404(_("이 회사에는 이 화면이 없습니다."))
        data = screen_json(found, registry())
        etag = etag_of(data)
        response = answer(data, headers={"ETag": etag, "Cache-Control": "private, no-cache"})
        # The request of Django itself: DRF's wrapper has no conditional headers of its own.
        return get_conditional_response(request._request, etag=etag, response=response) or response  # noqa: SLF001 -- no public name
