"""`/api/runs`: where people stand in flows, why, and mending what is held."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from crm_store.lists.runs import RunFilter
from crm_store.run_control import Which
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.run_words import order_of, run_shown
from engine.api.shapes import runs as shapes
from engine.services.run_control import MendedPage, held_places, mend_page, poke_mended
from engine.services.views.runs import run_list, run_page

Number = Annotated[int, Path(ge=1, le=2**53)]
Whose = Annotated[int | None, Query(ge=1, le=2**53)]
Word = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]+$")]


def runs_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/runs", tags=["runs"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_runs", responses=refusals())
    async def list_(
        caller: Calling,
        flow: Word = None,
        state: shapes.State | None = None,
        node: Word = None,
        contact_id: Whose = None,
        code: Word = None,
        q: Word = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.RunPage:
        """Runs, the newest first. `code` is how a run ended or why it is held, `q` a part of a name
        or an address."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        wanted = RunFilter(flow, state, node, q, contact_id, code)
        async with parts.store.transaction() as session:
            found = await run_list(session, caller.actor, wanted, before=before, limit=limit)
        return shapes.RunPage(
            items=[shapes.RunLine.model_validate(one) for one in found.lines],
            next=cursor_of(found.next_before) if found.next_before else None,
        )

    @router.get("/held", operation_id="list_held_runs", responses=refusals())
    async def held(caller: Calling) -> shapes.HeldList:
        """Where runs are held and why, the most first."""
        async with parts.store.transaction() as session:
            found = await held_places(session, caller.actor)
        return shapes.HeldList(items=[shapes.HeldShown.model_validate(one) for one in found])

    @router.post("/mend", operation_id="mend_runs", responses=refusals(409))
    async def mend(given: shapes.MendGiven, caller: Calling) -> shapes.MendedShown:
        """Retry, skip, lead elsewhere or end up to 100 runs, each for itself. Sent again it finds
        nobody: who was mended is not held any more. 409 while the flow is paused."""
        items = []
        for run_id in dict.fromkeys(given.run_ids):
            which = Which(given.flow, given.state, run_ids=(run_id,))
            async with parts.store.transaction() as session:
                page = await mend_page(
                    *(session, caller.actor, which, order_of(given.deed)),
                    plans=parts.shared.plans,
                    ledger=parts.shared.ledger(parts.now()),
                )
            poke_mended(parts.pokes, page)
            items.append(_outcome(run_id, page))
        return shapes.MendedShown(items=items)

    @router.get("/{run_id}", operation_id="get_run", responses=refusals(404))
    async def get(run_id: Number, caller: Calling) -> shapes.RunShown:
        """One run with its whole journal: what it did and why."""
        async with parts.store.transaction() as session:
            return run_shown(await run_page(session, caller.actor, run_id))

    return router


def _outcome(run_id: int, page: MendedPage) -> shapes.MendOutcome:
    if page.refused:
        message = next(iter(page.refused))
        return shapes.MendOutcome(run_id=run_id, outcome="refused", message=message)
    return shapes.MendOutcome(run_id=run_id, outcome="done" if page.mended else "unchanged")
