"""Who reports to whom, where and when people work, and what they can do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import organisation as rows
from crm_store.calendars import calendar_named
from crm_store.people import change_user
from engine.errors import NotFound, Problem, Refused
from engine.local_time import is_zone
from engine.people import (
    Directory,
    Person,
    circle_above,
    circle_words,
    organisation_problems,
)
from engine.services import audit
from engine.services.actor import Actor, allowed, may
from engine.services.looking_again import owners_changed, people_changed
from engine.services.organisation.teams import person_problems
from engine.services.people_shelf import PeopleShelf
from engine.services.roles.acting import refuse_wider_sight

MOST_WORDS: Final = 50
# Words that rules compare: countries, regions, languages, products.
_WORD: Final = re.compile(r"[^\W_][\w .&/+-]{0,39}")


@dataclass(frozen=True, slots=True)
class Profile:
    """None for a zone is the company's, None for a calendar the team's. Words are kept in small
    letters, each once."""

    zone: str | None = None
    calendar: str | None = None
    skills: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Colleague:
    """`email` is None for those who may not see it. `acting_id` is who acts for them now."""

    person: Person
    email: str | None
    absent_until: datetime | None
    acting_id: int | None


async def list_people(session: AsyncSession, actor: Actor, now: datetime) -> list[Colleague]:
    """Everybody by name, those who have left last."""
    allowed(actor, "read", "team")
    who = await PeopleShelf().directory(session)
    sees_addresses = may(actor, "read", "user")
    ordered = sorted(
        who.people.values(), key=lambda one: (not one.active, one.name.casefold(), one.id)
    )
    return [
        Colleague(
            one,
            one.email if sees_addresses else None,
            max((a.ends_at for a in who.absences.get(one.id, ()) if a.covers(now)), default=None),
            who.stands_in(one.id, now),
        )
        for one in ordered
    ]


async def organisation_findings(session: AsyncSession, actor: Actor) -> list[Problem]:
    """What approvals and escalations would stumble over; an import may have brought it."""
    allowed(actor, "read", "team")
    return list(organisation_problems(await PeopleShelf().directory(session)))


async def set_manager(
    session: AsyncSession,
    actor: Actor,
    user_id: int,
    manager_id: int | None,
    now: datetime | None = None,
) -> None:
    """Raises NotFound, and Refused for a line that would go round in a circle. Who reports to whom
    decides who approves, so only those who manage users say it. `pokes.clocks` after the commit."""
    allowed(actor, "manage", "user")
    await rows.one_line_changer_at_a_time(session)
    who = await PeopleShelf().directory(session)
    person = who.people.get(user_id)
    if person is None:
        raise NotFound(f"There is no user {user_id}.")
    if person.manager_id == manager_id:
        return
    if manager_id is not None:
        _refuse_circle(who, person, manager_id, await _manager(session, manager_id))
    await change_user(session, user_id, {"manager_id": manager_id})
    await refuse_wider_sight(session, actor, f"{person.name} was not given this manager.")
    before, after = {"manager_id": person.manager_id}, {"manager_id": manager_id}
    await audit.record(session, actor, "edit", "user", user_id, before, after)
    await people_changed(session, now, [user_id])


async def set_profile(
    session: AsyncSession,
    actor: Actor,
    user_id: int,
    profile: Profile,
    now: datetime | None = None,
) -> Profile:
    """Write where and when somebody works and what they can do; how it was written. `pokes.clocks`
    after the commit. Raises NotFound and Refused with every mistake."""
    allowed(actor, "edit", "team")
    user = await rows.lock_user(session, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id}.")
    problems: list[Problem] = []
    kept = replace(
        profile,
        skills=_words(profile.skills, "/skills", problems),
        territories=_words(profile.territories, "/territories", problems),
    )
    if kept.zone is not None and not is_zone(kept.zone):
        words = f'"{kept.zone[:60]}" is no time zone; write one such as "Asia/Shanghai".'
        problems.append(Problem("/zone", "bad_zone", words))
    if kept.calendar is not None and await calendar_named(session, kept.calendar) is None:
        words = f'there is no calendar "{kept.calendar[:63]}".'
        problems.append(Problem("/calendar", "unknown_calendar", words))
    if problems:
        raise Refused(f"{user.name} was not changed.", problems)
    before = _values(Profile(user.zone, user.calendar, tuple(user.skills), tuple(user.territories)))
    after = _values(kept)
    if before != after:
        await change_user(session, user_id, after)
        await audit.record(session, actor, "edit", "user", user_id, before, after)
        await owners_changed(session, now, [user_id])
    return kept


async def _manager(session: AsyncSession, manager_id: int) -> list[Problem]:
    return await person_problems(session, "/manager_id", manager_id)


def _refuse_circle(
    who: Directory, person: Person, manager_id: int, problems: list[Problem]
) -> None:
    changed = Directory({**who.people, person.id: replace(person, manager_id=manager_id)})
    circle = circle_above(changed, person.id)
    # a circle further up was there before, and is said by the findings
    if person.id in circle:
        words = f"{circle_words(changed, circle)}: nobody would be above them."
        problems.append(Problem("/manager_id", "manager_circle", words))
    if problems:
        raise Refused(f"{person.name} was not given this manager.", problems)


def _words(given: Iterable[str], place: str, problems: list[Problem]) -> tuple[str, ...]:
    kept = []
    for index, text in enumerate(given):
        word = " ".join(text.casefold().split())
        if _WORD.fullmatch(word):
            kept.append(word)
        else:
            words = "write a word or two of at most 40 letters, digits and  . & / + -"
            problems.append(Problem(f"{place}/{index}", "bad_word", words))
    if len(kept) > MOST_WORDS:
        problems.append(Problem(place, "too_many", f"at most {MOST_WORDS}."))
    return tuple(sorted(set(kept)))


def _values(profile: Profile) -> dict[str, Any]:
    return {
        "zone": profile.zone,
        "calendar": profile.calendar,
        "skills": list(profile.skills),
        "territories": list(profile.territories),
    }
