"""The list of contacts: any page of a million of them at once."""

from __future__ import annotations

from starlette.requests import Request

from designer.page import page
from designer.records import export
from designer.records.actions import list_actions
from designer.records.room import RecordRoom
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import current


def register(designer: Designer) -> None:
    export.register(designer)

    @page("/contacts")
    async def contacts(request: Request) -> None:
        visitor = current()
        room = RecordRoom(designer, visitor, "contact")
        with frame(
            "/contacts", visitor.t("Contacts"), styles=("records.css", "rule_builder.css")
        ) as actions:
            list_actions(actions, visitor, "contact")
            await room.build(dict(request.query_params))
