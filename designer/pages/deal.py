"""One deal: where it stands and since when, its way so far, what is to be done about it."""

from __future__ import annotations

from designer.page import page
from designer.runtime import Designer
from designer.sales.choices import choices_for
from designer.sales.deal_room import DealRoom
from designer.sales.words import BOARD
from designer.shell import frame
from designer.visitor import current
from designer.widgets import button_link
from engine.errors import NotFound
from engine.services.actor import may


def register(designer: Designer) -> None:
    @page("/deals/{deal_id}")
    async def deal(deal_id: str) -> None:
        visitor = current()
        if not deal_id.isdecimal() or len(deal_id) > 18:
            raise NotFound(f"There is no deal {deal_id[:60]}.")
        choices = await choices_for(designer, visitor.somebody)
        room = DealRoom(designer, visitor, choices, int(deal_id))
        known = await room.read()
        line, t = known.deal.line, visitor.t
        board = f"{BOARD}?pipeline={line.pipeline}"
        with frame(BOARD, line.name, trail=[(board, t("Board"))], styles=("sales.css",)) as actions:
            with actions:
                if line.contact_id is not None and may(visitor.somebody, "read", "contact"):
                    button_link(f"/contacts/{line.contact_id}", t("Contact"), "person")
            room.draw()
