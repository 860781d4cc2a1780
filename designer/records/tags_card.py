"""The tags of a contact: given and taken in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from designer.problem_words import all_words
from designer.records.words import choice_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, chip, icon, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.actor import may
from engine.services.records import edit_tags
from engine.services.records.editing import LONGEST_TAG
from engine.services.work import working


class TagsRow:
    """With the stage before them."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        contact_id: int,
        tags: Sequence[str],
        stage: str,
        known: Sequence[str],
    ) -> None:
        self._designer, self._visitor, self._id = designer, visitor, contact_id
        self._tags, self._known = list(tags), known
        self._edits = may(visitor.somebody, "edit", "contact")
        with block("cz-card is-padded cz-row"):
            chip(*choice_words("lifecycle_stage", stage, visitor.t))
            self._place = block("cz-row cz-tags")
        self._draw()

    def _draw(self) -> None:
        t = self._visitor.t
        self._place.clear()
        with self._place:
            for tag in self._tags:
                with block("cz-chip"):
                    words(tag)
                    if self._edits:
                        with block("cz-tags__drop", tag="button").props("type=button") as button:
                            button.props["aria-label"] = t("Take away: {what}", what=tag)
                            button.on("click", self._dropping(tag), args=[]).mark("drop-tag")
                            icon("close", "13px")
            if self._edits:
                self._field = ui.select(
                    [one for one in self._known if one not in self._tags],
                    with_input=True,
                    new_value_mode="add-unique",
                    on_change=self._add,
                )
                self._field.props(f"borderless dense options-dense maxlength={LONGEST_TAG}")
                self._field.props["placeholder"] = t("Add a tag")
                self._field.props["aria-label"] = t("Add a tag")
                self._field.classes("cz-tags__add").mark("add-tag")

    async def _add(self) -> None:
        tag = self._field.value
        if isinstance(tag, str) and tag.strip() and await self._do(add=[tag]):
            self._tags = sorted({*self._tags, " ".join(tag.split())})
            self._draw()

    def _dropping(self, tag: str) -> Callable[[], Awaitable[None]]:
        async def drop() -> None:
            if await self._do(remove=[tag]):
                self._tags.remove(tag)
                self._draw()

        return drop

    async def _do(self, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> bool:
        runtime = self._designer.runtime
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with working(
                runtime.store, runtime.shared, runtime.pokes, self._designer.now()
            ) as work:
                await edit_tags(work, actor, self._id, add=list(add), remove=list(remove))
        except NotSignedIn:
            ask_to_sign_in()
            return False
        except CadenzaError as error:
            ui.notify(all_words(error, self._visitor.t), type="negative")
            return False
        return True
