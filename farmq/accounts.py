"""Signing in and out for people who are not staff; staff have the administration's own door."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from farmq.admin_site import banners


class SignInView(LoginView):
    """A page with two fields; leads on to where the person wanted to go."""

    template_name = "farmq/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"banners": banners(signed_in=False)}


urlpatterns = [
    path("login/", SignInView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(next_page="/accounts/login/"), name="logout"),
]
