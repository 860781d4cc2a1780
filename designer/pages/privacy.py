"""Privacy: what people ask about their data, and how long rows stay."""

from __future__ import annotations

from starlette.requests import Request

from designer.components.filter_tabs import filter_tabs
from designer.page import page
from designer.privacy import archive
from designer.privacy.requests_room import PATH, RequestsRoom
from designer.privacy.retention_room import RetentionRoom
from designer.privacy.wording import STATES
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import current
from designer.widgets import block
from engine.services.actor import allowed


def register(designer: Designer) -> None:
    archive.register(designer)

    @page(PATH)
    async def privacy(request: Request) -> None:
        visitor, t = current(), current().t
        allowed(visitor.somebody, "read", "privacy")
        tab = "retention" if request.query_params.get("tab") == "retention" else None
        asked = request.query_params.get("state", "open")
        with (
            frame(PATH, t("Privacy"), styles=("privacy.css",)) as actions,
            block("cz-stack"),
        ):
            choices = [(None, t("Requests")), ("retention", t("How long rows stay"))]
            filter_tabs(t("About privacy"), PATH, {"tab": tab}, "tab", choices)
            if tab is None:
                state = asked if asked in STATES else "open"
                await RequestsRoom(designer, visitor, state).build(actions)
            else:
                await RetentionRoom(designer, visitor).build()
