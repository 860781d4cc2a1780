"""A new flow: empty, from a ready one, or as a copy of another."""

from __future__ import annotations

from starlette.requests import Request

from designer.flow_editor.beginning import BeginningRoom
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import current
from engine.runtime import templates_folder
from engine.services.actor import allowed
from engine.services.flow_drafts.ready import ready_flows
from engine.services.views.flows import flow_list


def register(designer: Designer) -> None:
    @page("/new-flow")
    async def new_flow(request: Request) -> None:
        visitor = current()
        allowed(visitor.somebody, "create", "flow")
        async with designer.transaction() as session:
            lines = await flow_list(session, visitor.somebody)
        t = visitor.t
        styles = ("flow_editor.css",)
        with frame("/flows", t("New flow"), trail=[("/flows", t("Flows"))], styles=styles):
            room = BeginningRoom(designer, visitor, ready_flows(templates_folder()), lines)
            room.build(request.query_params.get("copy", ""))
