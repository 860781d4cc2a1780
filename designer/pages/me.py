"""One's own way in: where one is signed in, and the second factor."""

from __future__ import annotations

from designer.access.own_room import own_room
from designer.access.words import ME_AT
from designer.page import page
from designer.runtime import Designer
from designer.visitor import current


def register(designer: Designer) -> None:
    @page(ME_AT)
    async def me() -> None:
        await own_room(designer, current())
