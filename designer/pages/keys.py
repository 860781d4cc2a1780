"""API keys."""

from __future__ import annotations

from designer.access.keys_room import keys_room
from designer.access.words import KEYS_AT
from designer.page import page
from designer.runtime import Designer
from designer.visitor import current


def register(designer: Designer) -> None:
    @page(KEYS_AT)
    async def keys() -> None:
        await keys_room(designer, current())
