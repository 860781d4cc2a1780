"""A contact's life, merging and erasing: what is done to one contact as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, get_args

from fastapi import APIRouter, Path, Query

from crm_store.giving_way import again_and_again
from crm_store.lists.life import KINDS, Happened, LifeMark
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import records as shapes
from engine.errors import Problem, Refused
from engine.services.erasing import erase_contact, preview_erasure
from engine.services.erasing.erase import Erased
from engine.services.merging import FieldPolicy
from engine.services.merging.doors import merge_two
from engine.services.records.seeing import see_record
from engine.services.views.life import life_of

Number = Annotated[int, Path(ge=1, le=2**53)]
ATTEMPTS: Final = 10
Kinds = Annotated[
    str | None,
    Query(max_length=200, description=f"Of these, apart by commas: {', '.join(KINDS)}."),
]


def contact_deeds_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/contacts", tags=["contacts"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get(
        "/{contact_id}/timeline", operation_id="list_contact_timeline", responses=refusals(404)
    )
    async def timeline(
        contact_id: Number,
        caller: Calling,
        kinds: Kinds = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.LifePage:
        """All that happened with a contact in one line of time, the newest first; kinds that the
        key may not read are left out."""
        after = None if cursor is None else _mark(cursor)
        wanted = _kinds(kinds)
        async with parts.store.transaction() as session:
            await see_record(session, caller.actor, "contact", contact_id)
            found = await life_of(
                session, caller.actor, contact_id, wanted, after=after, limit=limit
            )
        last = found.last
        return shapes.LifePage(
            items=[shapes.LifeLine.model_validate(one) for one in found.lines],
            next=cursor_of(last.at.isoformat(), last.kind, last.id) if last else None,
        )

    @router.post(
        "/{contact_id}/merge",
        operation_id="merge_contact",
        responses=refusals(404, 409),
    )
    async def merge(
        contact_id: Number, given: shapes.MergeGiven, caller: Calling
    ) -> shapes.MergedShown:
        """Make another contact part of this one, with its runs, events and agreements. It cannot be
        undone; `dry_run` only says what it would come to."""
        merged = await merge_two(
            *(parts.store, parts.shared, parts.pokes, caller.actor, contact_id, given.lose),
            FieldPolicy(frozenset(given.take)),
            parts.now(),
            only_look=given.dry_run,
        )
        return shapes.MergedShown(
            keep=merged.keep,
            lose=merged.lose,
            fields=list(merged.fields),
            rows=dict(merged.rows),
            runs_moved=merged.runs.moved,
            runs_ended=merged.runs.ended,
            dry_run=given.dry_run,
        )

    @router.post("/{contact_id}/erase", operation_id="erase_contact", responses=refusals(404))
    async def erase(
        contact_id: Number, given: shapes.EraseGiven, caller: Calling
    ) -> shapes.ErasedShown:
        """End everything under way for a contact and remove all that says who it is; figures stay.
        It cannot be undone; `dry_run` only says what it would come to."""
        erased = await _erased(parts, caller, contact_id, only_look=given.dry_run)
        return shapes.ErasedShown(
            contact_id=erased.contact_id,
            runs_ended=erased.runs_ended,
            rows=dict(erased.rows),
            dry_run=given.dry_run,
        )

    return router


async def _erased(parts: Parts, caller: Calling, contact_id: int, *, only_look: bool) -> Erased:
    deed = preview_erasure if only_look else erase_contact
    zone = parts.settings.company.default_zone

    async def once() -> Erased:
        async with parts.store.transaction() as session:
            return await deed(session, caller.actor, contact_id, now=parts.now(), zone=zone)

    return await again_and_again(once, ATTEMPTS)


def _kinds(text: str | None) -> list[Happened]:
    if text is None:
        return list(KINDS)
    names = [one.strip() for one in text.split(",")]
    known = set(get_args(Happened))
    if unknown := [one for one in names if one not in known]:
        offered = ", ".join(KINDS)
        problem = Problem("?kinds", "unknown_kind", f'"{unknown[0][:40]}" is none of {offered}')
        raise Refused("There is nothing of this kind.", [problem])
    return [one for one in KINDS if one in names]


def _mark(cursor: str) -> LifeMark:
    at, kind, number = read_cursor(cursor, str, str, int)
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError as error:
        problem = Problem("?cursor", "bad_cursor", 'send the "next" of a page, unchanged')
        raise Refused("The cursor is none of ours.", [problem]) from error
    if moment.tzinfo is None or kind not in KINDS:
        problem = Problem("?cursor", "bad_cursor", 'send the "next" of a page, unchanged')
        raise Refused("The cursor is none of ours.", [problem])
    return LifeMark(moment, str(kind), int(number))
