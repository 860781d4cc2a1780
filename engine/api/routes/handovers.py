"""`/api/handovers`: one person's work going to others, and coming back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of
from engine.api.shapes import assignments as shapes
from engine.api.working_once import work_once
from engine.services import handover
from engine.services.handover import HandoverSeen, KindPreview, Plan
from engine.services.idempotency import Answer
from engine.services.work import Work, working

Number = Annotated[int, Path(ge=1, le=2**53)]
_STARTED: Final[dict[int | str, Any]] = {
    201: {"model": shapes.HandoverShown, "description": "Begun"}
}


def handovers_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/handovers",
        tags=["handovers"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_handovers", responses=refusals())
    async def list_(
        caller: Calling, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.HandoverPage:
        """Handovers, the newest first."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await handover.recent_handovers(
                session, caller.actor, before=before, limit=limit + 1
            )
        return shapes.HandoverPage(
            items=[_shown(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.post("/preview", operation_id="preview_handover", responses=refusals(404))
    async def preview(given: shapes.HandoverAsked, caller: Calling) -> shapes.HandoverPreview:
        """Counts and samples of what would change hands now. Nothing is changed."""
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            found = await handover.preview(work, caller.actor, given.from_id, given.shares)
        return shapes.HandoverPreview(
            from_id=found.from_id,
            kinds=[_kind(one) for one in found.kinds],
            following_runs=found.following_runs,
            absent=list(found.absent),
        )

    @router.post(
        "",
        operation_id="start_handover",
        status_code=201,
        response_model=shapes.HandoverShown,
        responses=refusals(404, 409) | _STARTED,
    )
    async def start(
        given: shapes.HandoverGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Begin to hand over; it is carried out in the background. 409: another handover of this
        person is under way."""
        plan = Plan(given.from_id, given.shares, given.return_on, given.note)

        async def act(work: Work) -> Answer:
            number = await handover.start(work, caller.actor, plan)
            seen = await handover.look(work.session, caller.actor, number)
            return answer_of(201, _shown(seen), {"Location": f"/api/handovers/{number}"})

        answer = await work_once(request, caller, parts, key, act)
        parts.pokes.assignments()
        return answer

    @router.get("/{handover_id}", operation_id="get_handover", responses=refusals(404))
    async def get(handover_id: Number, caller: Calling) -> shapes.HandoverShown:
        """One handover, and how far it is."""
        async with parts.store.transaction() as session:
            return _shown(await handover.look(session, caller.actor, handover_id))

    @router.get(
        "/{handover_id}/return", operation_id="preview_handover_return", responses=refusals(404)
    )
    async def preview_return(handover_id: Number, caller: Calling) -> shapes.ReturnPreview:
        """What giving back would do now."""
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            found = await handover.preview_return(work, caller.actor, handover_id)
        return shapes.ReturnPreview(
            handover_id=found.handover_id,
            kinds=[_back(kind, counts) for kind, counts in found.kinds.items()],
        )

    @router.post(
        "/{handover_id}/return", operation_id="return_handover", responses=refusals(404, 409)
    )
    async def give_back(handover_id: Number, caller: Calling) -> shapes.HandoverShown:
        """Give back now what the takers still have, in the background. Twice is harmless."""
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            await handover.give_back(work, caller.actor, handover_id)
            shown = _shown(await handover.look(work.session, caller.actor, handover_id))
        parts.pokes.assignments()
        return shown

    @router.post(
        "/{handover_id}/cancel", operation_id="cancel_handover", responses=refusals(404, 409)
    )
    async def cancel(handover_id: Number, caller: Calling) -> shapes.HandoverShown:
        """Give, or give back, nothing more. What changed hands stays where it is."""
        async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            await handover.cancel(work, caller.actor, handover_id)
            return _shown(await handover.look(work.session, caller.actor, handover_id))

    return router


def _kind(one: KindPreview) -> shapes.KindShown:
    return shapes.KindShown(
        kind=one.kind,
        way=one.way,
        count=one.count,
        takers=_takers(one.takers),
        samples=[shapes.SampleShown.model_validate(sample) for sample in one.samples],
    )


def _takers(counts: Mapping[int, int]) -> list[shapes.TakerShown]:
    return [
        shapes.TakerShown(user_id=taker, count=count) for taker, count in sorted(counts.items())
    ]


def _back(kind: str, counts: Mapping[Any, int]) -> shapes.BackShown:
    return shapes.BackShown(kind=handover.Handed(kind), **{str(k): n for k, n in counts.items()})


def _shown(one: HandoverSeen) -> shapes.HandoverShown:
    return shapes.HandoverShown(
        id=one.id,
        from_id=one.from_id,
        state=one.state,
        given=[
            shapes.GivenShown(kind=kind, takers=_takers(takers))
            for kind, takers in one.given.items()
        ],
        returned=[_back(kind, counts) for kind, counts in one.returned.items()],
        note=one.note,
        return_at=one.return_at,
        created_by=one.created_by,
        created_at=one.created_at,
        ended_at=one.ended_at,
    )
