"""Jobs: asked for, taken up, carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ApiKey, Job, JobFile, User

WAITING: Final = "waiting"
RUNNING: Final = "running"
OPEN: Final = (WAITING, RUNNING)
# The file that a job works on, which goes when it ends.
GIVEN: Final = "given"


async def add_job(session: AsyncSession, values: Mapping[str, Any]) -> int:
    made: int = (await session.execute(insert(Job).values(**values).returning(Job.id))).scalar_one()
    return made


async def keep_file(session: AsyncSession, job_id: int, name: str, content: bytes) -> None:
    kept = upsert(JobFile).values(job_id=job_id, name=name, content=content)
    await session.execute(
        kept.on_conflict_do_update(
            index_elements=[JobFile.job_id, JobFile.name], set_={"content": kept.excluded.content}
        )
    )


async def file_of(session: AsyncSession, job_id: int, name: str) -> bytes | None:
    found: bytes | None = await session.scalar(
        select(JobFile.content).where(JobFile.job_id == job_id, JobFile.name == name)
    )
    return found


async def has_file(session: AsyncSession, job_id: int, name: str) -> bool:
    found = await session.scalar(
        select(1).where(JobFile.job_id == job_id, JobFile.name == name).limit(1)
    )
    return found is not None


async def job_row(session: AsyncSession, job_id: int, *, lock: bool = False) -> Job | None:
    query = select(Job).where(Job.id == job_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


class Seen(NamedTuple):
    """The jobs of one person: those of a key of theirs, those of these `kinds`, and of the kinds
    with a file those that import one of `imports`. What was cleared is seen, whatever it was."""

    user_id: int
    key_id: int | None
    kinds: Sequence[str]
    with_file: Sequence[str]
    imports: Sequence[str]


async def jobs_page(
    session: AsyncSession,
    seen: Seen | None,
    *,
    state: str | None,
    before: int | None,
    limit: int,
) -> list[Job]:
    """The newest first; without `seen` all there are."""
    query = select(Job).order_by(Job.id.desc()).limit(limit)
    if seen is not None:
        of_file = Job.kind.in_(seen.with_file) & Job.given["kind"].astext.in_(seen.imports)
        query = query.where(
            Job.user_id == seen.user_id,
            or_(Job.key_id == seen.key_id, Job.kind.in_(seen.kinds), of_file, Job.given == {}),
        )
    if state is not None:
        query = query.where(Job.state == state)
    if before is not None:
        query = query.where(Job.id < before)
    return list(await session.scalars(query))


async def open_jobs_of(session: AsyncSession, user_id: int) -> int:
    found = await session.scalar(
        select(func.count()).where(Job.user_id == user_id, Job.state.in_(OPEN))
    )
    return int(found or 0)


async def take_up(session: AsyncSession, now: datetime, lease: timedelta) -> Job | None:
    """The first job that nobody carries out, or whose holder is silent; it is the caller's now."""
    found = await session.scalars(
        select(Job)
        .where(
            or_(
                Job.state == WAITING,
                (Job.state == RUNNING) & (Job.lease_until < now),
            )
        )
        .order_by(Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    job = found.one_or_none()
    if job is not None:
        job.state, job.lease_until = RUNNING, now + lease
        job.started_at = job.started_at or now
        job.attempts += 1
        await session.flush()
    return job


async def still_held(
    session: AsyncSession,
    job_id: int,
    attempt: int,
    progress: Mapping[str, Any],
    lease_until: datetime,
) -> bool:
    """Write how far it is. False: it was cancelled, or is somebody else's."""
    found = await session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == RUNNING, Job.attempts == attempt)
        .values(progress=dict(progress), lease_until=lease_until)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return found.one_or_none() is not None


async def end_job(
    session: AsyncSession, job_id: int, values: Mapping[str, Any], *, attempt: int | None = None
) -> bool:
    """False: it had ended already, or is somebody else's. What it worked on goes."""
    query = update(Job).where(Job.id == job_id, Job.state.in_(OPEN))
    if attempt is not None:
        query = query.where(Job.attempts == attempt)
    found = await session.execute(
        query.values(**values, lease_until=None)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    if found.one_or_none() is None:
        return False
    await session.execute(
        delete(JobFile)
        .where(JobFile.job_id == job_id, JobFile.name == GIVEN)
        .execution_options(synchronize_session=False)
    )
    return True


async def next_lease_end(session: AsyncSession) -> datetime | None:
    found: datetime | None = await session.scalar(
        select(func.min(Job.lease_until)).where(Job.state == RUNNING)
    )
    return found


async def forget_jobs(session: AsyncSession, ended_before: datetime, limit: int) -> int:
    """Remove old ones with their files, so many at most."""
    old = select(Job.id).where(Job.ended_at < ended_before).limit(limit)
    found = await session.execute(
        delete(Job)
        .where(Job.id.in_(old.scalar_subquery()))
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


async def key_with_person(
    session: AsyncSession, key_id: int, now: datetime
) -> tuple[ApiKey, User] | None:
    """The key and its person, when neither has ended."""
    found = await session.execute(
        select(ApiKey, User)
        .join(User, User.id == ApiKey.user_id)
        .where(
            ApiKey.id == key_id,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
            User.active,
        )
    )
    row = found.one_or_none()
    return None if row is None else (row[0], row[1])
