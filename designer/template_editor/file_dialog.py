"""Choosing a stored file, or putting a new one there on the way."""

from __future__ import annotations

from functools import partial
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.runtime import Designer
from designer.template_editor.uploading import FileUpload
from designer.visitor import Visitor
from designer.widgets import block, icon, words
from engine.services.actor import may
from engine.services.files import Added, list_files
from engine.services.files.kinds import INLINE_TYPES

MOST_SHOWN: Final = 200


async def pick_file(designer: Designer, visitor: Visitor, *, pictures: bool) -> str | None:
    """The name of a stored file, with `pictures` of one that can stand in a letter."""
    t = visitor.t
    actor = await designer.actor(visitor.token)
    async with designer.transaction() as session:
        found = await list_files(session, actor, limit=MOST_SHOWN)
    files = [one for one in found if not pictures or one.content_type in INLINE_TYPES]
    with ui.dialog() as dialog, ui.card().classes("cz-dialog te-files"):
        title = t("Put a picture into the letter") if pictures else t("Attach a file")
        words(title, "cz-h2", tag="h2")
        with block("te-files__list"):
            for one in files:
                with block("te-files__line", tag="button") as line:
                    line.props["type"] = "button"
                    line.on("click", partial(dialog.submit, one.name), args=[])
                    line.mark(f"file-{one.name}")
                    if one.content_type in INLINE_TYPES:
                        image = ui.element("img").classes("te-thumb")
                        image.props["src"] = picture_address(one.name, one.version)
                        image.props["alt"] = ""
                        image.props["loading"] = "lazy"
                    else:
                        icon("description")
                    words(one.name, "cz-strong")
                    words(one.file_name, "cz-soft cz-small cz-clip")
            if not files:
                none = t("There is no picture yet.") if pictures else t("There is no file yet.")
                words(none, "cz-soft")
        if may(visitor.somebody, "create", "file"):

            async def taken(added: Added) -> None:
                if not pictures or added.file.content_type in INLINE_TYPES:
                    dialog.submit(added.file.name)

            FileUpload(designer, visitor, taken)
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close)
    chosen = await dialog
    dialog.clear()
    dialog.delete()
    return chosen if isinstance(chosen, str) else None


def picture_address(name: str, version: int) -> str:
    """Where the designer shows a stored picture to who is signed in."""
    return f"/files/{name}/picture?version={version}"
