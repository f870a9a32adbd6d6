"""How a screen is written in JSON: its rows as stored, with the merged settings beside them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from screens.loading import Block, LoadedScreen
from screens.registry import Registry


def screen_json(screen: LoadedScreen, registry: Registry) -> dict[str, Any]:
    """Return the layout: components in the order of the page, parents before their children.

    `custom_config` is what the row holds; `settings` is that merged with the defaults of today, and
    null where the code is unknown. Keys that this code does not know stand in `unknown` alone.
    """
    return {
        "screen_id": screen.screen_id,
        "company_code": screen.company_code,
        "registry": registry.digest,
        "components": [_component_json(block) for block in screen.blocks()],
        "findings": [
            {"code": one.code, "component_id": one.component_id} for one in screen.findings
        ],
    }


def etag_of(data: dict[str, Any]) -> str:
    """Return a strong ETag that changes exactly when the answer does."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _component_json(block: Block) -> dict[str, Any]:
    row = block.row
    return {
        "component_id": row.component_id,
        "component_url": row.component_url,
        "parent_id": row.parent_id,
        "slot": block.slot,
        "position_x": row.position_x,
        "position_y": row.position_y,
        "width": row.width,
        "height": row.height,
        "display_order": row.display_order,
        "custom_config": row.custom_config,
        "settings": block.settings if block.component else None,
        "can_be_drawn": block.model is not None,
        "unknown": block.unknown,
    }
