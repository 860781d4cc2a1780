"""Trying a flow: what it would do with somebody, before it does."""

from __future__ import annotations

from starlette.requests import Request

from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.try_it.panel import named
from designer.try_it.room import TryRoom
from designer.visitor import Visitor, current
from designer.widgets import button_link
from engine.services.actor import allowed, may
from engine.services.segments.looking import list_segments
from engine.services.views.flows import flow_page


def register(designer: Designer) -> None:
    @page("/flows/{name}/try")
    async def try_flow(request: Request, name: str) -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "contact")
        async with designer.transaction() as session:
            flow = await flow_page(session, visitor.somebody, name)
        segments = await _segments(designer, visitor)
        contact = await _contact(request, designer, visitor)
        t = visitor.t
        trail = [("/flows", t("Flows")), (f"/flows/{name}", flow.label)]
        with frame("/flows", t("Try it"), trail=trail, flush=True, styles=("try_it.css",)) as bar:
            with bar:
                button_link(f"/flows/{name}", t("Flow"), "account_tree")
            await TryRoom(designer, visitor, flow, segments, contact).build()


async def _segments(designer: Designer, visitor: Visitor) -> dict[str, str]:
    if not may(visitor.somebody, "read", "segment"):
        return {}
    async with designer.transaction() as session:
        found = await list_segments(session, visitor.somebody)
    chinese = visitor.t.short == "zh"
    return {one.name: (one.label_zh if chinese else None) or one.label for one in found}


async def _contact(
    request: Request, designer: Designer, visitor: Visitor
) -> tuple[int, str] | None:
    """Who is named in the address, so that a trial can be linked to from a contact."""
    asked = request.query_params.get("contact", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    name = await named(designer, visitor, int(asked))
    return (int(asked), name) if name else None
