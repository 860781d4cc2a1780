"""Changing a draft: operations, undo and redo, by several people at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import flow_drafts as rows
from engine.errors import Conflict
from engine.flows.editing import (
    FlowDocument,
    OperationRefused,
    from_stored,
    touched,
)
from engine.flows.written import TextRefused, read_text
from engine.services.actor import Actor, allowed
from engine.services.flow_drafts.keeping import by_of, held, keep, keep_at
from engine.services.flow_drafts.opening import OpenDraft, opened
from engine.steps import STEP_KINDS

# From the newest drawing to the one after the deed; raises OperationRefused.
Deed = Callable[[FlowDocument], FlowDocument]


class DraftConflict(Conflict):
    """Somebody else changed the same places meanwhile. `by` is None where it was a file."""

    code = "draft_conflict"

    def __init__(self, by: str | None, at: datetime, places: Sequence[str]) -> None:
        self.by, self.at, self.places = by, at, tuple(places)
        who = by or "Somebody who saved a file"
        names = ", ".join(place.removeprefix("$") for place in self.places)
        super().__init__(
            f"{who} changed {names} meanwhile, so yours was not kept. Look at it and do it again."
        )


@dataclass(frozen=True, slots=True)
class Done:
    """The draft afterwards, and the steps that are new in it. `others` changed it since the
    revision that was known to whoever asked."""

    draft: OpenDraft
    new: tuple[str, ...]
    others: tuple[str, ...]


async def change(
    session: AsyncSession,
    actor: Actor,
    name: str,
    *,
    revision: int,
    deed: Deed,
    now: datetime,
    source: str | None = None,
    batch: str | None = None,
) -> Done:
    """Do something to the newest draft and keep it: one step of undo.

    `revision` is what the person had before their eyes. What others changed since stays, as long
    as the deed touches other steps; else DraftConflict. Raises OperationRefused when it is not
    possible; in both cases nothing is kept. `source` is the text that somebody wrote by hand. A
    `batch` that was done already is not done twice: a browser sends it again after a lost answer.
    """
    allowed(actor, "edit", "flow")
    record, draft, before = await held(session, name, now)
    if batch is not None and await rows.was_done(session, record.id, batch):
        return Done(await opened(session, record), (), ())
    since = [
        one
        for one in await rows.changes_since(session, record.id, revision)
        if one.by_id is None or one.by_id != by_of(actor)
    ]
    theirs = {place: one for one in since for place in one.touched}
    try:
        after = deed(before)
    except OperationRefused as refused:
        if refused.node in theirs:
            raise _conflict(theirs, {refused.node}) from refused
        raise
    if after.name != name:
        raise OperationRefused("name_stays", "The short name of a flow never changes.")
    met = touched(before, after) & theirs.keys()
    if met:
        raise _conflict(theirs, met)
    if after != before:
        await keep(session, actor, record, draft, before, after, now, source=source, batch=batch)
        await session.flush()
    return Done(
        await opened(session, record),
        tuple(one for one in after.nodes if one not in before.nodes),
        tuple(dict.fromkeys(one.by or "" for one in since)),
    )


def _conflict(theirs: dict[str, rows.Change], met: set[str] | frozenset[str]) -> DraftConflict:
    last = max((theirs[place] for place in met), key=lambda one: one.revision)
    return DraftConflict(last.by, last.at, sorted(met))


async def undo(
    session: AsyncSession, actor: Actor, name: str, *, now: datetime, batch: str | None = None
) -> OpenDraft:
    """Take the last change back, whoever made it; nothing where there is none."""
    return await _go(session, actor, name, -1, now, batch)


async def redo(
    session: AsyncSession, actor: Actor, name: str, *, now: datetime, batch: str | None = None
) -> OpenDraft:
    return await _go(session, actor, name, 1, now, batch)


async def _go(
    session: AsyncSession, actor: Actor, name: str, by: int, now: datetime, batch: str | None
) -> OpenDraft:
    allowed(actor, "edit", "flow")
    record, draft, before = await held(session, name, now)
    if batch is not None and await rows.was_done(session, record.id, batch):
        return await opened(session, record)
    there = await rows.document_at(session, record.id, draft.position + by)
    if there is not None:
        after = from_stored(there, STEP_KINDS)
        position = draft.position + by
        await keep_at(session, actor, record, draft, before, after, position, now, batch)
        await session.flush()
    return await opened(session, record)


def written_by_hand(source: str, name: str) -> dict[str, Any]:
    """What a text says, for `set_written`. Raises OperationRefused with the first mistake where it
    is no document."""
    try:
        read = read_text(source, f"{name}.yaml")
    except TextRefused as refused:
        raise OperationRefused("no_text", str(refused.problems[0])) from refused
    if read.problems:
        raise OperationRefused("no_text", str(read.problems[0]))
    if not isinstance(read.data, dict):
        raise OperationRefused("no_text", "A flow is a mapping of keys to values.")
    _steps_can_be_drawn(read.data)
    return read.data


def _steps_can_be_drawn(data: dict[str, Any]) -> None:
    """A step that has no kind has no place in the drawing and would be lost."""
    steps = data.get("steps", {})
    if not isinstance(steps, dict):
        raise OperationRefused("no_text", '"steps" is a mapping of names to steps.')
    for name, step in steps.items():
        if not isinstance(step, dict) or not isinstance(step.get("do"), str):
            message = f'Step "{name}" does not say what it does: write "do: <kind>".'
            raise OperationRefused("no_text", message, name)
