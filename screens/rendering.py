"""Draws the blocks of a screen on the server with the templates of their components."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import cast
from urllib.parse import urlencode

from django.template import engines
from django.template.backends.django import Template
from django.template.loader import get_template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from screens.loading import Block
from screens.registry import Component
from screens.schema import ComponentSettings
from screens.table_view import TableSettings, table_view

logger = logging.getLogger(__name__)

# Published values travel in the page's address under this prefix, so a screen works unscripted.
CONTEXT_PREFIX = "c."


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What all blocks of one page share: published values, language, and who is looking."""

    published: Mapping[str, str] = field(default_factory=dict)
    language: str = "ko"
    company_code: str | None = None
    shows_details: bool = False

    @property
    def company_query(self) -> str:
        """The query that keeps the chosen company, for links to other screens."""
        return f"?{urlencode({'company': self.company_code})}" if self.company_code else ""

    def link(self, key: str, value: str) -> str:
        """Return the address of this page with one published value changed."""
        kept = {"company": self.company_code} if self.company_code else {}
        values = {CONTEXT_PREFIX + name: text for name, text in self.published.items()}
        return "?" + urlencode({**kept, **values, CONTEXT_PREFIX + key: value})


def render_blocks(blocks: Iterable[Block], page: Page) -> SafeString:
    """Draw blocks one after the other; one that fails leaves a neutral box behind."""
    return format_html_join("", "{}", ((render_block(block, page),) for block in blocks))


def render_block(block: Block, page: Page) -> SafeString:
    """Draw one block with everything inside of it."""
    parts = (_face(block, page), render_blocks(block.unplaced, page))
    return format_html_join("", "{}", ((part,) for part in parts))


def _face(block: Block, page: Page) -> SafeString:
    if block.component is None or block.model is None:
        return _neutral(block, page)
    try:
        return _drawn(block, block.component, block.model, page)
    except Exception:
        logger.exception("block cannot be drawn", extra={"component": block.row.component_id})
        return _neutral(block, page)


def _drawn(block: Block, component: Component, model: ComponentSettings, page: Page) -> SafeString:
    slots = component.definition.slots
    text = component.text(page.language)
    values = {
        "component_id": block.row.component_id,
        "title": text["title"],
        "words": text["words"],
        "settings": model,
        "slots": {slot.key: render_blocks(block.children_in(slot.key), page) for slot in slots},
        "page": page,
    }
    if component.definition.reads_table:
        settings = cast(TableSettings, model)
        values["table"] = table_view(settings, page.published, page.link)
    return cast(SafeString, _template(component.template).render(values))


def _neutral(block: Block, page: Page) -> SafeString:
    template = cast(Template, get_template("screens/blocks/neutral.html"))
    html = template.render(
        {
            "component_id": block.row.component_id,
            "component_url": block.row.component_url,
            "is_unknown": block.component is None,
            "shows_details": page.shows_details,
        }
    )
    return cast(SafeString, html)


@cache
def _template(source: str) -> Template:
    return cast(Template, engines["django"].from_string(source))
