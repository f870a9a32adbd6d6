"""Which companies the running code may see. Every tenant row is read through this door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import TypeVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

COMPANY_CODE_LENGTH = 20
ModelT = TypeVar("ModelT", bound=models.Model)


class UnscopedAccessError(RuntimeError):
    """A tenant table was read while nobody had said for which company."""


@dataclass(frozen=True, slots=True)
class TenantContext:
    """The companies visible to the running code; `None` is the platform, which sees every row."""

    company_codes: frozenset[str] | None

    @property
    def is_platform(self) -> bool:
        return self.company_codes is None

    def allows(self, company_code: str | None) -> bool:
        """Say whether a row of this company may be seen; rows of nobody are the platform's."""
        return self.company_codes is None or company_code in self.company_codes


PLATFORM = TenantContext(company_codes=None)

_current: ContextVar[TenantContext | None] = ContextVar("farmq_tenant", default=None)


def current_tenant() -> TenantContext | None:
    return _current.get()


def activate(context: TenantContext | None) -> Token[TenantContext | None]:
    """Set the context until `restore`; the middleware restores it at the end of each request."""
    return _current.set(context)


def restore(token: Token[TenantContext | None]) -> None:
    _current.reset(token)


@contextmanager
def tenant_context(context: TenantContext) -> Iterator[TenantContext]:
    """Run a block for the given companies."""
    token = activate(context)
    try:
        yield context
    finally:
        restore(token)


@contextmanager
def platform_context() -> Iterator[TenantContext]:
    """Run a block for the platform itself: workers, synchronisation, commands of the operator."""
    with tenant_context(PLATFORM) as context:
        yield context


@contextmanager
def tenant_transaction(*, durable: bool = False) -> Iterator[TenantContext]:
    """Open the one short transaction of an operation, for the companies of the current context.

    Raises UnscopedAccessError when no context is set.
    """
    context = required_tenant()
    with transaction.atomic(durable=durable):
        yield context


def required_tenant() -> TenantContext:
    """Return the current context; raises UnscopedAccessError when nobody has set one."""
    context = current_tenant()
    if context is None:
        raise UnscopedAccessError("A tenant table was used outside of any tenant context.")
    return context


def platform_company_code() -> models.CharField[str | None, str | None]:
    """Make the tenant column of a table that also holds rows of the platform (NULL, staff only)."""
    return models.CharField(_("회사 코드"), max_length=COMPANY_CODE_LENGTH, null=True, blank=True)


class TenantManager(models.Manager[ModelT]):
    """Rows of the companies in the current context; without a context every query is refused."""

    def __init__(self, column: str = "company_code") -> None:
        super().__init__()
        self.column = column

    def get_queryset(self) -> models.QuerySet[ModelT]:
        context = required_tenant()
        rows = super().get_queryset()
        if context.company_codes is None:
            return rows
        return rows.filter(**{f"{self.column}__in": sorted(context.company_codes)})

    def for_company(self, company_code: str) -> models.QuerySet[ModelT]:
        """Rows of one company; raises UnscopedAccessError when the context does not allow it."""
        if not required_tenant().allows(company_code):
            raise UnscopedAccessError(f"Company {company_code!r} is outside of the tenant context.")
        return super().get_queryset().filter(**{self.column: company_code})
