"""How programs and browsers prove who they are to the API, and what a view lets them do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework import authentication, permissions
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, PermissionDenied
from rest_framework.request import Request

from pharmacies.access.actor import Actor, session_actor, token_actor
from pharmacies.access.models import ApiToken, User
from pharmacies.access.permissions import require
from pharmacies.tenancy import activate

if TYPE_CHECKING:
    from rest_framework.views import APIView


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]  # knox ships no types
    """`Authorization: Token …`; wrong, expired and malformed tokens get the same sentence."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        try:
            user, found = super().authenticate_credentials(token)
        except (UnicodeDecodeError, AuthenticationFailed) as error:
            raise AuthenticationFailed(
                _("토큰이 올바르지 않거나 만료되었습니다. 새 토큰을 받으십시오.")
            ) from error
        return cast(User, user), cast(ApiToken, found)


class CsrfFailedError(PermissionDenied):
    """A change asked for in a browser's session came without the token of our own page."""

    code = "csrf_failed"


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the browser; answers 401, not 403, when nobody is signed in."""

    def authenticate_header(self, request: Request) -> str:
        return "Token"

    def enforce_csrf(self, request: Request) -> None:
        """Check the token of the form; which part of it failed is the log's business."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            sentence = _("보안 확인에 실패했습니다. 페이지를 새로 고친 뒤 다시 해 주십시오.")
            raise CsrfFailedError(sentence) from error


def actor_of(request: Request) -> Actor:
    """Return the actor of an authenticated API request."""
    return cast(Actor, cast(Any, request).actor)


class ScopedPermission(permissions.BasePermission):
    """Lets a request through when its actor holds the view's `required_scope` anywhere.

    Denies by default: a view without `required_scope` is closed. Which rows are touched is decided
    by the tenant context that is set here, and by the operation.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        actor = _actor(request)
        cast(Any, request).actor = actor
        activate(actor.tenant)
        scopes = required_scopes(view, request)
        if not scopes:
            return False
        if not any(actor.may_anywhere(scope) for scope in scopes):
            require(actor, scopes[0])
        return True


def required_scopes(view: APIView, request: Request) -> tuple[str, ...]:
    """Return the scopes of a view, one of which is enough; a viewset declares them per action.

    Raises MethodNotAllowed when a viewset has no action for the method.
    """
    declared = getattr(view, "required_scope", None)
    if not isinstance(declared, dict):
        return _several(declared)
    action = getattr(view, "action", None)
    if action is None:
        raise MethodNotAllowed(str(request.method))
    return _several(declared.get(action))


def _several(declared: Any) -> tuple[str, ...]:
    if declared is None:
        return ()
    return (declared,) if isinstance(declared, str) else tuple(declared)


def _actor(request: Request) -> Actor:
    user = cast(User, request.user)
    if isinstance(request.auth, ApiToken):
        return token_actor(user, request.auth)
    return session_actor(user)
