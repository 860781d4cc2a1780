"""The room of stored files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.runtime import Designer
from designer.shell import frame
from designer.template_editor.file_dialog import picture_address
from designer.template_editor.uploading import FileUpload
from designer.visitor import Visitor
from designer.widgets import anchor, block, button_link, empty_state, facts, icon, words
from engine.services.actor import may
from engine.services.files import Added, FileRow, list_files, prune_file, remove_file, show_file
from engine.services.files.kinds import INLINE_TYPES, KINDS
from engine.services.files.using import files_in_use

A_PAGE: Final = 48
KEPT_WHEN_PRUNED: Final = 1


class ShelfRoom:
    def __init__(self, designer: Designer, visitor: Visitor, after: str) -> None:
        self.designer = designer
        self.visitor = visitor
        self.after = after

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        somebody, library = visitor.somebody, self.designer.runtime.templates
        async with self.designer.transaction() as session:
            found = await list_files(session, somebody, after=self.after, limit=A_PAGE + 1)
            uses = await files_in_use(session, library)
        files, more = found[:A_PAGE], len(found) > A_PAGE
        with (
            frame("/files", t("Files"), styles=("template_editor.css",)),
            block("cz-stack cz-narrow"),
        ):
            if may(somebody, "create", "file"):
                FileUpload(self.designer, visitor, self._added)
            said = t(
                "Letters carry the newest version of a file: beside them, or as a picture in them."
            )
            words(said, "cz-soft", tag="p")
            if not files:
                with block("cz-card"):
                    empty_state(
                        "attach_file",
                        t("No files yet"),
                        t("Price lists, terms and pictures that templates name stand here."),
                    )
            with block("te-shelf"):
                for one in files:
                    self._file(one, uses.get(one.name, ()))
            if more:
                button_link(f"/files?after={quote(files[-1].name)}", t("More files"))

    async def _added(self, _added: Added) -> None:
        ui.timer(0.8, lambda: ui.navigate.to("/files"), once=True)

    def _file(self, one: FileRow, uses: Sequence[str]) -> None:
        t, formats = self.visitor.t, self.visitor.formats
        name, is_picture = one.name, one.content_type in INLINE_TYPES
        with block("cz-card te-file", tag="section") as place:
            place.mark(f"file-{name}")
            place.props["aria-label"] = name
            with block("te-file__look"):
                if is_picture:
                    image = ui.element("img")
                    image.props["src"] = picture_address(name, one.version)
                    image.props["alt"] = ""
                    image.props["loading"] = "lazy"
                else:
                    icon("description")
            with block("te-file__words"):
                words(name, "cz-strong")
                words(one.file_name, "cz-soft cz-small")
                size = formats.number(round(one.size_bytes / 1024, 1))
                kind = KINDS[one.content_type].word
                about = f"{kind} · {size} KB · v{one.version}"
                words(about, "cz-soft cz-small")
                used = sorted({use.split(":")[0] for use in uses})
                if used:
                    with block("cz-row cz-small"):
                        words(t("Used by"), "cz-soft")
                        for template in used[:5]:
                            anchor(f"/templates/{template}", template)
                else:
                    words(t("No template that is sent names it"), "cz-soft cz-small")
            with block("te-file__deeds"):
                self._deeds(name, used)

    def _deeds(self, name: str, used: Sequence[str]) -> None:
        t, somebody = self.visitor.t, self.visitor.somebody
        plain_button(t("Versions"), lambda: self._versions(name), symbol="history").mark(
            f"versions-{name}"
        )
        with anchor(f"/files/{name}/content", classes="cz-button") as link:
            link.props["download"] = ""
            icon("download", "18px")
            words(t("Download"))
        if may(somebody, "delete", "file") and not used:

            async def remove() -> None:
                actor = await self.designer.actor(self.visitor.token)
                library = self.designer.runtime.templates
                async with self.designer.transaction() as session:
                    await remove_file(session, actor, name, library)
                ui.navigate.to("/files")

            asking_button(
                t,
                "delete",
                t("Remove"),
                t("Remove “{name}”?", name=name),
                t("All its versions go. Mails that were sent keep what they carried."),
                remove,
            )

    async def _versions(self, name: str) -> None:
        t, formats, visitor = self.visitor.t, self.visitor.formats, self.visitor
        actor = await self.designer.actor(visitor.token)
        library = self.designer.runtime.templates
        async with self.designer.transaction() as session:
            detail = await show_file(session, actor, name, library)
        with ui.dialog() as dialog, ui.card().classes("cz-dialog te-files"):
            words(name, "cz-h2", tag="h2")
            facts(
                [
                    (
                        t("In a letter"),
                        f"cid:{name}" if detail.newest.content_type in INLINE_TYPES else "",
                    ),
                    (t("Named by"), ", ".join(detail.used_by)),
                ]
            )
            with block("te-files__list"):
                for one in detail.versions:
                    with block("cz-row"):
                        words(f"v{one.version}", "cz-strong")
                        words(one.file_name, "cz-grow")
                        words(
                            f"{formats.moment(one.created_at)} · {one.created_by}",
                            "cz-soft cz-small",
                        )
                        anchor(f"/files/{name}/content?version={one.version}", t("Download"))
            if may(visitor.somebody, "create", "file"):
                words(t("A new version of it"), "cz-strong")
                FileUpload(self.designer, visitor, self._added, name)
            with block("cz-row cz-dialog__buttons"):
                older = len(detail.versions) - KEPT_WHEN_PRUNED
                if older > 0 and may(visitor.somebody, "delete", "file"):
                    self._prune_button(name, older)
                plain_button(t("Close"), dialog.close)
        dialog.on_value_change(lambda event: None if event.value else dialog.delete())
        dialog.open()

    def _prune_button(self, name: str, older: int) -> None:
        t = self.visitor.t

        async def prune() -> None:
            actor = await self.designer.actor(self.visitor.token)
            async with self.designer.transaction() as session:
                await prune_file(session, actor, name, KEPT_WHEN_PRUNED)
            ui.navigate.to("/files")

        asking_button(
            t,
            "auto_delete",
            t("Remove older versions"),
            t.n("Remove {count} older version?", "Remove {count} older versions?", older),
            t("Letters carry the newest; it stays."),
            prune,
        )
