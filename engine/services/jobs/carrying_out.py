"""Taking up the next job and carrying it out, with a lease that shows we are alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import jobs as rows
from crm_store.models import Job
from engine.errors import CadenzaError, NotAllowed, Problem, Refused, Unavailable
from engine.services.actor import Actor
from engine.services.api_keys.scopes import permissions_of
from engine.services.jobs.change_contacts import change_contacts
from engine.services.jobs.erase_person import erase_person
from engine.services.jobs.importing import check_import, import_records
from engine.services.jobs.kinds import Carrier, Hand, JobKind, JobMeans, JobStopped
from engine.services.jobs.mend_runs import mend_runs
from engine.services.jobs.replay_letters import replay_letters
from engine.services.roles.acting import actor_of

_log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=60)
SECONDS_BETWEEN: Final = 1.0
MOST_ATTEMPTS: Final = 5
REMEMBERED_FOR: Final = timedelta(days=30)
FORGOTTEN_AT_ONCE: Final = 100
MOST_PROBLEMS: Final = 50
CARRIERS: Final[Mapping[str, Carrier]] = {
    JobKind.IMPORT: import_records,
    JobKind.CHECK_IMPORT: check_import,
    JobKind.CHANGE_CONTACTS: change_contacts,
    JobKind.MEND_RUNS: mend_runs,
    JobKind.REPLAY_LETTERS: replay_letters,
    JobKind.ERASE_PERSON: erase_person,
}


@dataclass(frozen=True, slots=True)
class Passed:
    """`did`: a job was carried out, so there may be another; `next_look`: when a lease runs out."""

    did: bool
    next_look: datetime | None = None


async def carry_out_next(means: JobMeans) -> Passed:
    """The next job to its end. What goes wrong is written into its row; what may go better later
    (the database, Temporal) is raised, and the job taken up again when its lease is over."""
    async with means.store.transaction() as session:
        job = await rows.take_up(session, means.now(), LEASE)
        if job is None:
            await rows.forget_jobs(session, means.now() - REMEMBERED_FOR, FORGOTTEN_AT_ONCE)
            return Passed(did=False, next_look=await rows.next_lease_end(session))
        session.expunge(job)
    if job.attempts > MOST_ATTEMPTS:
        await _end(means, job, "failed", problem=_GAVE_UP)
        return Passed(did=True)
    try:
        async with means.store.transaction() as session:
            actor = await _actor(session, job, means.now())
        hand = Hand(means, actor, job.id, job.given, dict(job.progress))
        async with _alive(hand, job):
            result = await CARRIERS[job.kind](hand)
        await _end(means, job, "done", result=result, progress=hand.so_far)
    except JobStopped:
        _log.info("job_stopped", job=job.id)
    except Unavailable:
        raise
    except CadenzaError as error:
        await _end(means, job, "failed", problem=_told(error))
    return Passed(did=True)


async def _actor(session: AsyncSession, job: Job, now: datetime) -> Actor:
    """Whoever asked for it, as the key and its person are now. Raises NotAllowed."""
    found = await rows.key_with_person(session, job.key_id, now)
    if found is None:
        raise NotAllowed("The key that asked for this, or its person, has ended.")
    key, user = found
    name = f"{user.name} (API key {key.name}, job {job.id})"
    return await actor_of(session, user, name=name, scopes=permissions_of(key.scopes))


@asynccontextmanager
async def _alive(hand: Hand, job: Job) -> AsyncIterator[None]:
    """Writes how far it is each second, which holds the lease, and hears of a cancellation."""

    async def write() -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN)
            if not await still_allowed(hand, job):
                hand.stopped = True
                return

    task = asyncio.create_task(write())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def still_allowed(hand: Hand, job: Job) -> bool:
    """Write how far it is. False when it was cancelled or is somebody else's, and when the key that
    asked, or its person, has ended: then it has failed. A role that was changed counts from the
    next page on."""
    means = hand.means
    async with means.store.transaction() as session:
        until = means.now() + LEASE
        if not await rows.still_held(session, job.id, job.attempts, hand.so_far, until):
            return False
        try:
            hand.actor = await _actor(session, job, means.now())
        except NotAllowed as error:
            ended = {"state": "failed", "ended_at": means.now(), "problem": _told(error)}
            await rows.end_job(session, job.id, ended, attempt=job.attempts)
            return False
    return True


async def _end(means: JobMeans, job: Job, state: str, **values: Any) -> None:
    async with means.store.transaction() as session:
        ended = {"state": state, "ended_at": means.now(), **values}
        await rows.end_job(session, job.id, ended, attempt=job.attempts)
    _log.info("job_ended", job=job.id, kind=job.kind, state=state)


_GAVE_UP: Final = {
    "code": "gave_up",
    "message": f"It was begun {MOST_ATTEMPTS} times and never came to its end.",
    "problems": [],
}


def _told(error: CadenzaError) -> dict[str, Any]:
    problems = error.problems[:MOST_PROBLEMS] if isinstance(error, Refused) else ()
    return {
        "code": error.code,
        "message": error.message,
        "problems": [_item(one) for one in problems],
    }


def _item(one: Problem) -> dict[str, str]:
    return {"place": one.place, "code": one.code, "message": one.message}
