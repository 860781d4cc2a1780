"""`/api/jobs`: work that takes longer than a request, and how far it is."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of, answer_once
from engine.api.run_words import order_of
from engine.api.shapes import jobs as shapes
from engine.api.shapes.records import ChangeManyGiven
from engine.api.shapes.runs import MendManyGiven
from engine.rules import parse
from engine.services import jobs
from engine.services.actor import allowed, allowed_some
from engine.services.idempotency import Answer
from engine.services.jobs import JobKind, JobSeen
from engine.services.jobs.change_contacts import order_in, selection_in
from engine.services.jobs.mend_runs import mending_in
from engine.services.records import check_order
from engine.services.rules import vocabulary
from engine.services.work import Work

Number = Annotated[int, Path(ge=1, le=2**53)]
InState = Annotated[shapes.State | None, Query(description="Only in this state.")]
STARTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "description": "Begun; the address of the job is in Location",
        "model": shapes.JobShown,
    }
}
_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The lines, each with its reasons", "content": {"text/csv": {}}}
}


def jobs_router(parts: Parts) -> APIRouter:
    router = APIRouter(prefix="/api", route_class=JsonRoute, dependencies=ASKS_FOR_KEY)

    @router.get("/jobs", tags=["jobs"], operation_id="list_jobs", responses=refusals())
    async def list_(
        caller: Calling, state: InState = None, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.JobPage:
        """One's own jobs, the newest first; they are remembered for 30 days. Those that another key
        of yours asked for are listed to a key that may ask for such."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await jobs.list_jobs(
                *(session, caller.actor, caller.key_id),
                state=state,
                before=before,
                limit=limit + 1,
            )
        return shapes.JobPage(
            items=[job_shown(one) for one in found[:limit]],
            next=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        )

    @router.get("/jobs/{job_id}", tags=["jobs"], operation_id="get_job", responses=refusals(404))
    async def get(job_id: Number, caller: Calling) -> shapes.JobShown:
        """How far a job is, or what came of it."""
        async with parts.store.transaction() as session:
            return job_shown(await jobs.show_job(session, caller.actor, job_id, caller.key_id))

    @router.post(
        "/jobs/{job_id}/cancel",
        tags=["jobs"],
        operation_id="cancel_job",
        responses=refusals(404, 409),
    )
    async def cancel(job_id: Number, caller: Calling) -> shapes.JobShown:
        """Stop a job at its next step; what it did stays. 409 for one that is over."""
        async with parts.store.transaction() as session:
            ended = await jobs.cancel_job(session, caller.actor, job_id, parts.now(), caller.key_id)
        return job_shown(ended)

    @router.get(
        "/jobs/{job_id}/rejected",
        tags=["jobs"],
        operation_id="get_job_rejected",
        response_class=Response,
        responses=refusals(404) | _CSV,
    )
    async def rejected(job_id: Number, caller: Calling) -> Response:
        """The lines that an import could not take, to be mended and imported again."""
        async with parts.store.transaction() as session:
            content = await jobs.rejected_lines(session, caller.actor, job_id, caller.key_id)
        headers = {"Content-Disposition": 'attachment; filename="rejected.csv"'}
        return Response(content, headers=headers, media_type="text/csv")

    @router.post(
        "/contacts/changes",
        tags=["contacts"],
        operation_id="change_contacts",
        status_code=202,
        response_model=shapes.JobShown,
        responses=refusals(409) | STARTED,
    )
    async def change_contacts(
        given: ChangeManyGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Do the same to many contacts, as a job: to those named, or to all for whom a rule
        holds."""
        document = given.model_dump(exclude_unset=True)

        async def effect(session: AsyncSession) -> Answer:
            selection = selection_in(document)
            order = order_in(document["order"])
            work = Work(session, parts.now(), parts.shared)
            await check_order(work, caller.actor, selection, order)
            if selection.state.rule is not None:
                catalogue = await vocabulary(session, caller.actor, "contact")
                parse(selection.state.rule, catalogue, event_rule=False)
            return await begun(session, caller, parts, JobKind.CHANGE_CONTACTS, document)

        return await _start(request, caller, parts, key, effect)

    @router.post(
        "/runs/mend-all",
        tags=["runs"],
        operation_id="mend_all_runs",
        status_code=202,
        response_model=shapes.JobShown,
        responses=refusals(409) | STARTED,
    )
    async def mend_all(
        given: MendManyGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Retry, skip, lead elsewhere or end all runs that stand in one place, as a job."""
        document = given.model_dump(exclude_none=True)
        order_of(given.deed)

        async def effect(session: AsyncSession) -> Answer:
            allowed(caller.actor, "edit", "run")
            allowed_some(caller.actor, "read", "run")
            mending_in(document["deed"])
            return await begun(session, caller, parts, JobKind.MEND_RUNS, document)

        return await _start(request, caller, parts, key, effect)

    return router


async def begun(
    session: AsyncSession,
    caller: Calling,
    parts: Parts,
    kind: JobKind,
    given: dict[str, Any],
    *,
    file: bytes | None = None,
) -> Answer:
    """A job that was written down, and where to look for it. Poke `jobs` after the commit."""
    job = await jobs.start_job(
        session, caller.actor, caller.key_id, kind, given, parts.now(), file=file
    )
    return answer_of(202, job_shown(job), {"Location": f"/api/jobs/{job.id}"})


async def _start(
    request: Request, caller: Calling, parts: Parts, key: str | None, effect: Any
) -> Response:
    answer = await answer_once(request, caller, parts, key, effect)
    parts.pokes.jobs()
    return answer


def job_shown(job: JobSeen) -> shapes.JobShown:
    return shapes.JobShown.model_validate(job)
