"""The page on which a template is written."""

from __future__ import annotations

from designer.page import page
from designer.runtime import Designer
from designer.template_editor.room import EditorRoom
from designer.visitor import current


def register(designer: Designer) -> None:
    @page("/templates/{name}/edit")
    async def template_edit(name: str) -> None:
        await EditorRoom(designer, current(), name).build()
