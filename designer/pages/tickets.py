"""The list of tickets."""

from __future__ import annotations

from starlette.requests import Request

from designer.page import page
from designer.records.actions import list_actions
from designer.records.room import RecordRoom
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import current


def register(designer: Designer) -> None:
    @page("/tickets")
    async def tickets(request: Request) -> None:
        visitor = current()
        room = RecordRoom(designer, visitor, "ticket")
        with frame("/tickets", visitor.t("Tickets"), styles=("records.css",)) as actions:
            list_actions(actions, visitor, "ticket")
            await room.build(dict(request.query_params))
