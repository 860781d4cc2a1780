"""Drawing a flow."""

from __future__ import annotations

from designer.flow_editor.drawing import begin_drawing
from designer.flow_editor.room import EditorRoom
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import current
from engine.services.views.flows import flow_counts


def register(designer: Designer) -> None:
    @page("/flows/{name}/edit")
    async def flow_edit(name: str) -> None:
        visitor = current()
        drawing = await begin_drawing(designer, visitor, name)
        async with designer.transaction() as session:
            counts = await flow_counts(session, visitor.somebody, name, None)
        trail = [("/flows", visitor.t("Flows"))]
        styles = ("flow_editor.css", "rule_builder.css")
        label = drawing.draft.label
        with frame("/flows", label, trail=trail, flush=True, styles=styles) as actions:
            EditorRoom(drawing, counts.numbers.here).build(actions)
