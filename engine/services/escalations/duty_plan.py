"""Who has which duty over a stretch of days: turns, swaps and absences laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.duty_overrides import overrides_of
from engine.errors import Problem, Refused
from engine.escalations.rotation import Override, Rotation, concerned, next_change, on_duty
from engine.people import Directory
from engine.services.actor import Actor, allowed
from engine.services.escalations.duty import published_policies
from engine.services.people_shelf import PeopleShelf

LONGEST_PLAN: Final = timedelta(days=62)
# A rotation that is handed over every few minutes is no duty of people.
_MOST_STRETCHES: Final = 1000


@dataclass(frozen=True, slots=True)
class Stretch:
    """`user_id` None: nobody of the rotation is there. `swapped`: by a swap, not by their turn."""

    starts_at: datetime
    ends_at: datetime
    user_id: int | None
    name: str | None
    swapped: bool


@dataclass(frozen=True, slots=True)
class PlannedDuty:
    """`stretches` follow each other without gaps from the beginning to the end of the plan."""

    policy: str
    rotation: str
    zone: str
    stretches: tuple[Stretch, ...]


async def duty_plan(
    session: AsyncSession, actor: Actor, starts_at: datetime, ends_at: datetime
) -> list[PlannedDuty]:
    """Of every rotation of every published policy, by name. Raises Refused for more than two
    months."""
    allowed(actor, "read", "escalation_policy")
    if not timedelta() < ends_at - starts_at <= LONGEST_PLAN:
        words = f"ask for at most {LONGEST_PLAN.days} days, which end after they begin."
        raise Refused("There is no such plan of duties.", [Problem("/ends_at", "bad_value", words)])
    policies = await published_policies(session, actor)
    entered = await overrides_of(session, list(policies), starts_at)
    directory = await PeopleShelf().directory(session)
    found = []
    for name, policy in policies.items():
        for key, rotation in policy.rotations.items():
            own = [
                Override(one.starts_at, one.ends_at, one.user_id)
                for one in entered
                if (one.policy, one.rotation) == (name, key)
            ]
            whole = rotation.with_overrides(own)
            stretches = stretches_of(whole, directory, starts_at, ends_at)
            found.append(PlannedDuty(name, key, rotation.zone, tuple(stretches)))
    return found


def stretches_of(
    rotation: Rotation, directory: Directory, starts_at: datetime, ends_at: datetime
) -> Sequence[Stretch]:
    """Neighbours with the same person and reason are one stretch."""
    members, swaps = concerned(rotation, directory), rotation.dated()
    found: list[Stretch] = []
    at = starts_at
    for _ in range(_MOST_STRETCHES):
        until = min(next_change(rotation, at), ends_at)
        away = directory.next_change(members, at)
        until = until if away is None else min(until, away)
        who = on_duty(rotation, at, directory)
        swapped = any(one.covers(at) for one in swaps)
        person = directory.people.get(who) if who is not None else None
        last = found[-1] if found else None
        if last is not None and (last.user_id, last.swapped) == (who, swapped):
            found[-1] = Stretch(last.starts_at, until, who, last.name, swapped)
        else:
            found.append(Stretch(at, until, who, person.name if person else None, swapped))
        at = until
        if at >= ends_at:
            break
    return found
