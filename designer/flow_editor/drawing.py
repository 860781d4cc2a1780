"""The draft that somebody has before their eyes, and what they do to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from designer.flow_editor.kinds import STARTS
from designer.runtime import Designer
from designer.visitor import Visitor
from engine.flows.editing import (
    FlowDocument,
    OperationRefused,
    Paste,
    apply,
    placed,
    read_asked,
    read_operations,
    steps_written,
)
from engine.rules import Catalogue
from engine.services import flow_drafts
from engine.services.flow_drafts import Done, DraftProblem, OpenDraft
from engine.services.flow_drafts.changing import written_by_hand
from engine.services.flow_drafts.choices import Choices, form_choices
from engine.services.plans import current_catalogue
from engine.steps import STEP_KINDS

# What a browser may hand us at once to paste.
LONGEST_PASTE: Final = 500_000
_BESIDE: Final = 40.0


@dataclass(slots=True)
class Drawing:
    """`draft` is the newest that this page has seen. One deed is done at a time."""

    designer: Designer
    visitor: Visitor
    draft: OpenDraft
    catalogue: Catalogue
    choices: Choices
    problems: tuple[DraftProblem, ...] = ()
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def document(self) -> FlowDocument:
        return self.draft.document

    @property
    def name(self) -> str:
        return self.draft.name

    async def ask(self, asked: Any, revision: int | None = None, batch: str | None = None) -> Done:
        """What the canvas or a form asks for, as one step of undo."""

        def deed(document: FlowDocument) -> FlowDocument:
            return read_asked(asked, document, STEP_KINDS, STARTS)[1]

        return await self._change(deed, revision, batch)

    async def paste(
        self, text: str, at: tuple[float, float] | None, batch: str | None = None
    ) -> Done:
        """Steps that were copied here or in another flow."""
        paste = read_paste(text)

        def deed(document: FlowDocument) -> FlowDocument:
            there = at if document.positions or not document.nodes else None
            return apply(document, placed(paste, there), STEP_KINDS)

        return await self._change(deed, None, batch)

    async def duplicate(self, ids: Sequence[str], batch: str | None = None) -> Done:
        found = steps_written(self.document, ids, STEP_KINDS)
        places = found["positions"].values()
        at = None
        if places:
            at = (min(x for x, _ in places) + _BESIDE, min(y for _, y in places) + _BESIDE)
        return await self.paste(json.dumps(found), at, batch)

    async def write(self, source: str) -> Done:
        """The whole flow as somebody wrote it by hand; comments stay."""
        written = written_by_hand(source, self.name)
        [operation] = read_operations([{"op": "set_written", "document": written}])

        def deed(document: FlowDocument) -> FlowDocument:
            return apply(document, operation, STEP_KINDS)

        return await self._change(deed, None, None, source=source)

    async def _change(
        self,
        deed: flow_drafts.changing.Deed,
        revision: int | None,
        batch: str | None,
        *,
        source: str | None = None,
    ) -> Done:
        async with self._lock:
            designer = self.designer
            actor = await designer.actor(self.visitor.token)
            seen = self.draft.revision if revision is None else revision
            async with designer.transaction() as session:
                done = await flow_drafts.change(
                    session,
                    actor,
                    self.name,
                    revision=seen,
                    deed=deed,
                    now=designer.now(),
                    source=source,
                    batch=batch,
                )
            await self._took(done.draft)
            return done

    async def go(self, way: Any, **more: Any) -> None:
        """`way` is `undo`, `redo` or `restore` of `engine.services.flow_drafts`."""
        async with self._lock:
            designer = self.designer
            actor = await designer.actor(self.visitor.token)
            async with designer.transaction() as session:
                draft = await way(session, actor, self.name, now=designer.now(), **more)
            await self._took(draft)

    async def look(self) -> bool:
        """Whether there is something newer than what this page has seen; then it has it."""
        actor = await self.designer.actor(self.visitor.token)

        async def newest() -> int:
            async with self.designer.transaction() as session:
                return await flow_drafts.newest_revision(session, actor, self.name)

        found = await self.designer.pulses.ask(("flow_draft", self.name, actor.sight), newest)
        if found <= self.draft.revision:
            return False
        async with self._lock:
            await self.reload()
        return True

    async def reload(self) -> None:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            draft = await flow_drafts.open_draft(session, actor, self.name)
        await self._took(draft)

    async def _took(self, draft: OpenDraft) -> None:
        is_another = draft.source != self.draft.source
        self.draft = draft
        if is_another:
            await self.check()

    async def check(self) -> None:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            self.problems = await flow_drafts.check_draft(
                session, actor, self.draft, self.designer.runtime.templates
            )


async def begin_drawing(designer: Designer, visitor: Visitor, name: str) -> Drawing:
    """Raises NotFound, and Conflict for a text that cannot be drawn."""
    actor = visitor.somebody
    async with designer.transaction() as session:
        draft = await flow_drafts.open_draft(session, actor, name)
        catalogue = await current_catalogue(session)
        choices = await form_choices(
            session,
            actor,
            catalogue=catalogue,
            library=designer.runtime.templates,
            language=visitor.t.short,
        )
    drawing = Drawing(designer, visitor, draft, catalogue, choices)
    await drawing.check()
    return drawing


def read_paste(text: Any) -> Paste:
    """Raises OperationRefused for a text that holds no steps."""
    if not isinstance(text, str) or len(text) > LONGEST_PASTE:
        raise OperationRefused("bad_paste", "What was copied is no step, or too much.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OperationRefused("bad_paste", "What was copied is no step.") from error
    if not isinstance(found, dict) or not isinstance(found.get("steps"), dict):
        raise OperationRefused("bad_paste", "What was copied is no step.")
    [paste] = read_operations(
        [{"op": "paste", "steps": found["steps"], "positions": found.get("positions", {})}]
    )
    assert isinstance(paste, Paste)
    return paste
