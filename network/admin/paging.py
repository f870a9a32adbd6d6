"""Pages of a list that read the first one only once."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList


class FirstPageList(ChangeList):  # type: ignore[misc]  # Unfold ships no types
    """A list that shows the rows of its paginator; Django's would ask for a short list again."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.multi_page:
            self.result_list = self.paginator.page(1).object_list


class FirstPagePaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Counts by reading the first page: what fits on it needs no counting of its own.

    A search reads the whole table, and so does its count; most searches find little.
    """

    @cached_property
    def _first(self) -> list[Any]:
        return list(self.object_list[: self.per_page + 1])

    @cached_property
    def count(self) -> int:
        """Return the number of rows on all pages."""
        if len(self._first) <= self.per_page:
            return len(self._first)
        return super().count

    def page(self, number: int | str) -> Page[Any]:
        """Return one page; the first one is read already."""
        if self.validate_number(number) == 1:
            return Page(self._first[: self.per_page], 1, self)
        return super().page(number)
