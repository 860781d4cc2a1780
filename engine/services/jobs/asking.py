"""Asking for jobs, looking how far they are, and cancelling them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import jobs as rows
from crm_store.models import Job
from engine.errors import Conflict, NotAllowed, NotFound
from engine.services import audit
from engine.services.actor import Actor
from engine.services.jobs.kinds import JobKind
from engine.services.jobs.permissions import IMPORTS, imports_seen, kinds_seen, sees_job

MOST_OPEN: Final = 10
REJECTED: Final = "rejected"


class TooManyJobs(Conflict):
    """The person has as many open jobs as one may have."""

    code = "too_many_jobs"


@dataclass(frozen=True, slots=True)
class JobSeen:
    """`progress` has `done` and `total` where they are known; `problem` says why it failed."""

    id: int
    kind: str
    state: str
    progress: Mapping[str, Any]
    result: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    has_rejected: bool = False


async def start_job(
    session: AsyncSession,
    actor: Actor,
    key_id: int,
    kind: JobKind,
    given: Mapping[str, Any],
    now: datetime,
    *,
    file: bytes | None = None,
) -> JobSeen:
    """Write a job down. Whoever asks for it has made sure that the actor may do it; that is asked
    again while it is carried out. Poke `jobs` after the commit. Raises TooManyJobs."""
    user_id = _person(actor)
    if await rows.open_jobs_of(session, user_id) >= MOST_OPEN:
        raise TooManyJobs(f"{MOST_OPEN} of your jobs are open already. Wait until one is done.")
    values = {
        "kind": kind.value,
        "user_id": user_id,
        "key_id": key_id,
        "given": dict(given),
        "created_at": now,
    }
    made = await rows.add_job(session, values)
    if file is not None:
        await rows.keep_file(session, made, rows.GIVEN, file)
    await audit.record(session, actor, "start", "job", made, after={"kind": kind.value})
    return await show_job(session, actor, made, key_id)


async def list_jobs(
    session: AsyncSession,
    actor: Actor,
    key_id: int | None = None,
    *,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[JobSeen]:
    """One's own, the newest first: those that the key asked for, and of others those that it might
    ask for. Raises NotAllowed."""
    seen = None
    if not _sees_all(actor):
        seen = rows.Seen(_person(actor), key_id, kinds_seen(actor), IMPORTS, imports_seen(actor))
    found = await rows.jobs_page(session, seen, state=state, before=before, limit=limit)
    return [_seen(one) for one in found]


async def show_job(
    session: AsyncSession, actor: Actor, job_id: int, key_id: int | None = None
) -> JobSeen:
    """Raises NotFound, also for somebody else's, and for one that another key asked for and this
    one could not."""
    job = await _own(session, actor, job_id, key_id)
    has_rejected = await rows.has_file(session, job_id, REJECTED)
    return _seen(job, has_rejected=has_rejected)


async def cancel_job(
    session: AsyncSession, actor: Actor, job_id: int, now: datetime, key_id: int | None = None
) -> JobSeen:
    """What was done stays. Raises NotFound, and Conflict for one that is over."""
    job = await _own(session, actor, job_id, key_id, lock=True)
    values = {"state": "cancelled", "ended_at": now}
    if not await rows.end_job(session, job_id, values):
        raise Conflict(f"Job {job_id} is {job.state} already.")
    await audit.record(session, actor, "cancel", "job", job_id)
    session.expire(job)
    return await show_job(session, actor, job_id, key_id)


async def rejected_lines(
    session: AsyncSession, actor: Actor, job_id: int, key_id: int | None = None
) -> bytes:
    """The lines to mend of an import, as CSV. Raises NotFound."""
    await _own(session, actor, job_id, key_id)
    found = await rows.file_of(session, job_id, REJECTED)
    if found is None:
        raise NotFound(f"Job {job_id} has rejected no lines.")
    return found


async def _own(
    session: AsyncSession, actor: Actor, job_id: int, key_id: int | None, *, lock: bool = False
) -> Job:
    job = await rows.job_row(session, job_id, lock=lock)
    if job is None or not (_is_own(actor, job, key_id) or _sees_all(actor)):
        raise NotFound(f"There is no job {job_id}.")
    return job


def _is_own(actor: Actor, job: Job, key_id: int | None) -> bool:
    if job.user_id != actor.id:
        return False
    return job.key_id == key_id or sees_job(actor, job.kind, job.given)


def _sees_all(actor: Actor) -> bool:
    return actor.kind == "system"


def _person(actor: Actor) -> int:
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("Jobs are asked for by people.")
    return actor.id


def _seen(job: Job, *, has_rejected: bool = False) -> JobSeen:
    progress = {name: value for name, value in job.progress.items() if name != "cursor"}
    return JobSeen(
        job.id,
        job.kind,
        job.state,
        progress,
        job.result,
        job.problem,
        job.attempts,
        job.created_at,
        job.started_at,
        job.ended_at,
        has_rejected,
    )
