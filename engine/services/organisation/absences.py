"""When people are away, and who acts for them meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import organisation as rows
from crm_store.models import Absence, User
from engine.errors import Conflict, NotAllowed, NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed, may
from engine.services.looking_again import people_changed
from engine.services.organisation.teams import person_problems
from engine.services.people_shelf import PeopleShelf

# Parental leave of several years is entered year by year.
LONGEST: Final = timedelta(days=731)
LONGEST_NOTE: Final = 500


@dataclass(frozen=True, slots=True)
class AbsenceGiven:
    """Away from `starts_at` until just before `ends_at`."""

    user_id: int
    starts_at: datetime
    ends_at: datetime
    deputy_id: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class AbsenceSaved:
    """`warnings` do not stand in the way."""

    id: int
    warnings: tuple[Problem, ...] = ()


async def list_absences(
    session: AsyncSession,
    actor: Actor,
    *,
    since: datetime,
    user_id: int | None = None,
    after_id: int = 0,
    limit: int = 200,
) -> list[rows.AbsenceLine]:
    """Absences that end after `since`. Notes are shown to the person and to those who enter
    anybody's absences, for they may say why."""
    allowed(actor, "read", "absence")
    found = await rows.absence_lines(
        session, since=since, user_id=user_id, after_id=after_id, limit=limit
    )
    return [line if _theirs(actor, line.user_id) else line._replace(note=None) for line in found]


async def add_absence(
    session: AsyncSession, actor: Actor, given: AbsenceGiven, now: datetime
) -> AbsenceSaved:
    """Whatever waits for people is looked at again: `pokes.clocks` after the commit.

    Raises NotAllowed for somebody else's, NotFound, Refused, and Conflict where they are away
    already.
    """
    user, warnings = await _checked(session, actor, given, None)
    values = _values(given) | {
        "user_id": user.id,
        "note": given.note,
        "created_by": actor.id if actor.kind == "user" else None,
    }
    absence = await rows.add_absence(session, values)
    await audit.record(session, actor, "create", "absence", absence.id, after=_said(absence))
    await people_changed(session, max(now, given.starts_at), [given.user_id])
    return AbsenceSaved(absence.id, warnings)


async def change_absence(
    session: AsyncSession, actor: Actor, absence_id: int, given: AbsenceGiven, now: datetime
) -> AbsenceSaved:
    """Whose it is stays. Poke as for `add_absence`, which raises the same."""
    absence = await _absence(session, actor, absence_id)
    if absence.user_id != given.user_id:
        words = "an absence stays with its person; cancel it and enter another."
        raise Refused("The absence was not changed.", [Problem("/user_id", "fixed", words)])
    _, warnings = await _checked(session, actor, given, absence_id)
    before, was_from = _said(absence), absence.starts_at
    absence.starts_at, absence.ends_at = given.starts_at, given.ends_at
    absence.deputy_id, absence.note = given.deputy_id, given.note
    await session.flush()
    if _said(absence) != before:
        await audit.record(session, actor, "edit", "absence", absence_id, before, _said(absence))
        await people_changed(session, max(now, min(was_from, given.starts_at)), [given.user_id])
    return AbsenceSaved(absence_id, warnings)


async def cancel_absence(
    session: AsyncSession, actor: Actor, absence_id: int, now: datetime
) -> None:
    """They are there after all; the audit keeps what was entered. Poke as for `add_absence`. Raises
    NotFound."""
    absence = await _absence(session, actor, absence_id)
    await audit.record(session, actor, "delete", "absence", absence_id, before=_said(absence))
    await session.delete(absence)
    await session.flush()
    if absence.starts_at <= now:
        await people_changed(session, now, [absence.user_id])


async def _checked(
    session: AsyncSession, actor: Actor, given: AbsenceGiven, absence_id: int | None
) -> tuple[User, tuple[Problem, ...]]:
    _may_enter(actor, given.user_id)
    user = await rows.lock_user(session, given.user_id)
    problems: list[Problem] = []
    if user is None:
        problems.append(Problem("/user_id", "unknown_person", f"there is no user {given.user_id}."))
    problems += _time_problems(given)
    if given.note is not None and len(given.note) > LONGEST_NOTE:
        problems.append(Problem("/note", "too_long", f"at most {LONGEST_NOTE} characters."))
    if given.deputy_id == given.user_id:
        words = "nobody stands in for themselves; name somebody else."
        problems.append(Problem("/deputy_id", "own_deputy", words))
    elif given.deputy_id is not None:
        problems += await person_problems(session, "/deputy_id", given.deputy_id)
    if problems or user is None:
        raise Refused("The absence was not entered.", problems)
    others = await rows.overlapping(
        session, given.user_id, given.starts_at, given.ends_at, but=absence_id
    )
    if others:
        words = f"{user.name} is away already from {_told(others[0].starts_at)} to "
        words += f"{_told(others[0].ends_at)}; change that absence instead."
        raise Conflict(words)
    return user, await _warnings(session, given)


def _time_problems(given: AbsenceGiven) -> list[Problem]:
    if given.ends_at <= given.starts_at:
        return [Problem("/ends_at", "order", "an absence ends after it begins.")]
    if given.ends_at - given.starts_at > LONGEST:
        return [Problem("/ends_at", "too_long", f"an absence is {LONGEST.days} days at most.")]
    return []


async def _warnings(session: AsyncSession, given: AbsenceGiven) -> tuple[Problem, ...]:
    if given.deputy_id is None:
        words = "there is no deputy: what they have to decide waits or goes by its own rules."
        return (Problem("/deputy_id", "no_deputy", words),)
    who = await PeopleShelf().directory(session)
    reached, name = given.starts_at, who.people[given.deputy_id].name
    for away in sorted(who.absences.get(given.deputy_id, ()), key=lambda one: one.starts_at):
        if away.starts_at <= reached < away.ends_at:
            reached = away.ends_at
    if reached < given.ends_at:
        return ()
    words = f"{name} is away for all of that time."
    return (Problem("/deputy_id", "deputy_away", words),)


async def _absence(session: AsyncSession, actor: Actor, absence_id: int) -> Absence:
    allowed(actor, "read", "absence")
    absence = await rows.absence_by_id(session, absence_id)
    if absence is None:
        raise NotFound(f"There is no absence {absence_id}.")
    _may_enter(actor, absence.user_id)
    return absence


def _may_enter(actor: Actor, user_id: int) -> None:
    allowed(actor, "edit", "absence")
    if not _theirs(actor, user_id):
        raise NotAllowed(
            f"{actor.name} may enter their own absences only. Ask a sales manager or an admin."
        )


def _theirs(actor: Actor, user_id: int) -> bool:
    return (actor.kind == "user" and actor.id == user_id) or may(actor, "create", "absence")


def _values(given: AbsenceGiven) -> dict[str, Any]:
    return {
        "starts_at": given.starts_at,
        "ends_at": given.ends_at,
        "deputy_id": given.deputy_id,
    }


def _said(absence: Absence) -> dict[str, Any]:
    """Without the note, which may say more than everybody who reads the audit should know."""
    return {
        "user_id": absence.user_id,
        "starts_at": absence.starts_at.astimezone(UTC).isoformat(),
        "ends_at": absence.ends_at.astimezone(UTC).isoformat(),
        "deputy_id": absence.deputy_id,
    }


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
