"""The texts that somebody edits on a page, and what became of keeping them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from designer.runtime import Designer
from designer.template_editor.parts import languages_in
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in
from engine.errors import CadenzaError, Conflict, NotSignedIn
from engine.services.templates.bundle import META, part_of
from engine.services.templates.drafts import ANYTHING, TemplateDetail, keep_draft, see_template
from engine.services.templates.meta import Meta, read_meta

State: TypeAlias = Literal["as_kept", "changed", "conflict", "refused"]


@dataclass(slots=True)
class TemplateDraft:
    """`files` as they are typed, `kept` as they are in the database under `tag` (None: the template
    is files, and its first change makes a draft). `why` says why they could not be kept."""

    designer: Designer
    visitor: Visitor
    name: str
    files: dict[str, str]
    kept: Mapping[str, str]
    tag: str | None
    why: str = ""
    conflict: bool = False
    earlier: list[dict[str, str]] = field(default_factory=list)

    @property
    def state(self) -> State:
        if self.conflict:
            return "conflict"
        if self.why:
            return "refused"
        return "as_kept" if self.files == self.kept else "changed"

    @property
    def meta(self) -> Meta | None:
        """None while it cannot be read."""
        return read_meta(self.files.get(META, ""), META, [])

    @property
    def own(self) -> str:
        """The language of the files without one in their name."""
        meta = self.meta
        return meta.language.lower() if meta else "en"

    @property
    def languages(self) -> tuple[str, ...]:
        return languages_in(self.files, self.own)

    def write(self, file: str, text: str) -> None:
        found = part_of(file)
        if not text.strip() and found is not None and found.part == "preheader":
            self.files.pop(file, None)
        else:
            self.files[file] = text
        self.why = ""

    def replace(self, files: Mapping[str, str]) -> None:
        """Other texts altogether; `undo` brings these back."""
        self.earlier.append(self.files)
        del self.earlier[:-20]
        self.files = dict(files)
        self.why = ""

    def undo(self) -> bool:
        if not self.earlier:
            return False
        self.files = self.earlier.pop()
        return True

    async def keep(self, *, over_others: bool = False) -> None:
        """Put the texts into the database; what came in between is not overwritten unless asked."""
        if (self.conflict and not over_others) or self.files == self.kept:
            return
        wanted = dict(self.files)
        seen = ANYTHING if over_others else self.tag
        try:
            actor = await self.designer.actor(self.visitor.token)
            async with self.designer.transaction() as session:
                kept = await keep_draft(
                    session, actor, self.name, wanted, now=self.designer.now(), seen=seen
                )
        except NotSignedIn:
            ask_to_sign_in()
        except Conflict:
            self.conflict = True
        except CadenzaError as error:
            self.why = str(error)
        else:
            self.tag, self.kept, self.why, self.conflict = kept.tag, wanted, "", False

    async def others(self) -> TemplateDetail:
        """What is in the database now."""
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            return await see_template(session, actor, self.designer.runtime.templates, self.name)

    def take(self, detail: TemplateDetail) -> None:
        """Go on from what is in the database; `undo` brings one's own texts back."""
        self.replace(detail.files)
        self.tag, self.kept, self.conflict, self.why = detail.tag, dict(detail.files), False, ""
