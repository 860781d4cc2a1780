"""Who is on duty now and next, and swapping it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.duty_overrides import OverrideRow, overrides_of, put_override, remove_override
from engine.definitions import DefinitionKind
from engine.errors import NotFound, Problem, Refused
from engine.escalations.policy import Policy
from engine.escalations.rotation import Override, Rotation, concerned, next_change, on_duty
from engine.people import Directory
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.definitions import current, list_definitions
from engine.services.looking_again import people_changed
from engine.services.people_shelf import PeopleShelf

# A swap for longer is another rotation.
LONGEST_OVERRIDE: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Duty:
    """`user_id` None: nobody of the rotation is there. `next_at` is when somebody else may have it:
    a handoff, a swap that begins or ends, or one of them going or coming back."""

    policy: str
    rotation: str
    user_id: int | None
    name: str | None
    next_at: datetime
    next_user_id: int | None
    next_name: str | None


@dataclass(frozen=True, slots=True)
class ListedOverride:
    id: int
    policy: str
    rotation: str
    starts_at: datetime
    ends_at: datetime
    user_id: int
    name: str | None


async def duties(session: AsyncSession, actor: Actor, now: datetime) -> list[Duty]:
    """Of every rotation of every policy that is published, by name."""
    allowed(actor, "read", "escalation_policy")
    policies = await published_policies(session, actor)
    entered = await overrides_of(session, list(policies), now)
    directory = await PeopleShelf().directory(session)
    found = []
    for name, policy in policies.items():
        for key, rotation in policy.rotations.items():
            own = [
                Override(one.starts_at, one.ends_at, one.user_id)
                for one in entered
                if (one.policy, one.rotation) == (name, key)
            ]
            found.append(_duty(name, key, rotation.with_overrides(own), directory, now))
    return found


async def list_overrides(
    session: AsyncSession, actor: Actor, now: datetime
) -> list[ListedOverride]:
    """Those that people entered and that are not over, oldest first."""
    allowed(actor, "read", "escalation_policy")
    policies = await published_policies(session, actor)
    directory = await PeopleShelf().directory(session)
    return [
        ListedOverride(
            *(row.id, row.policy, row.rotation, row.starts_at, row.ends_at, row.user_id),
            _name(row.user_id, directory),
        )
        for row in await overrides_of(session, list(policies), now)
    ]


async def override_duty(
    session: AsyncSession,
    actor: Actor,
    policy: str,
    rotation: str,
    user_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    now: datetime,
) -> int:
    """Give somebody the duty from one instant until just before another; the id of the swap. One
    who is absent then does not get it: the rotation goes on as if nothing was said.

    Anybody may take a duty over; giving it to others is for those who may edit policies.
    `pokes.clocks` after the commit. Raises Refused with every mistake.
    """
    if actor.kind == "user" and actor.id == user_id:
        allowed(actor, "edit", "escalation")
    else:
        allowed(actor, "edit", "escalation_policy")
    problems: list[Problem] = []
    found = await current(session, DefinitionKind.ESCALATION, policy)
    if found is None or rotation not in found.model.rotations:
        message = f'there is no rotation "{rotation[:63]}" in a policy "{policy[:63]}".'
        problems.append(Problem("/rotation", "unknown_rotation", message))
    if not (await PeopleShelf().directory(session)).is_active(user_id):
        problems.append(Problem("/user_id", "unknown_person", "nobody active has this number."))
    if ends_at <= max(starts_at, now):
        message = "it must end after it begins, and later than now."
        problems.append(Problem("/ends_at", "bad_value", message))
    elif ends_at - starts_at > LONGEST_OVERRIDE:
        message = "a swap lasts a year at most; change the rotation."
        problems.append(Problem("/ends_at", "bad_value", message))
    if problems:
        raise Refused("The duty cannot be swapped like this.", problems)
    row = OverrideRow(0, policy, rotation, starts_at, ends_at, user_id, actor.id)
    id_ = await put_override(session, row)
    after = _told(row)
    await audit.record(session, actor, "override", "escalation_policy", policy, after=after)
    await people_changed(session, max(now, starts_at))
    return id_


async def cancel_override(
    session: AsyncSession, actor: Actor, override_id: int, now: datetime | None = None
) -> None:
    """`pokes.clocks` after the commit. Raises NotFound."""
    row = await remove_override(session, override_id)
    if row is None:
        raise NotFound(f"There is no swap {override_id} of a duty.")
    mine = actor.kind == "user" and actor.id in (row.user_id, row.created_by_id)
    allowed(actor, "edit", "escalation" if mine else "escalation_policy")
    await audit.record(
        session, actor, "cancel_override", "escalation_policy", row.policy, before=_told(row)
    )
    await people_changed(session, now)


async def published_policies(session: AsyncSession, actor: Actor) -> dict[str, Policy]:
    """Those with rotations, by name."""
    found: dict[str, Policy] = {}
    for line in await list_definitions(session, actor, DefinitionKind.ESCALATION):
        stored = await current(session, DefinitionKind.ESCALATION, line.name)
        if stored is not None and stored.model.rotations:
            found[line.name] = stored.model
    return found


def _duty(policy: str, name: str, rotation: Rotation, directory: Directory, now: datetime) -> Duty:
    has_it = on_duty(rotation, now, directory)
    at, next_one = next_duty(rotation, directory, now, has_it)
    return Duty(
        *(policy, name, has_it, _name(has_it, directory)),
        *(at, next_one, _name(next_one, directory)),
    )


def next_duty(
    rotation: Rotation, directory: Directory, now: datetime, has_it: int | None
) -> tuple[datetime, int | None]:
    """When somebody else has the duty, and who; the next change if it is never anybody else's."""
    members = concerned(rotation, directory)
    first = at = _next_at(rotation, directory, members, now)
    for _ in range(len(rotation.members) * 4 + 20):
        next_one = on_duty(rotation, at, directory)
        if next_one != has_it:
            return at, next_one
        at = _next_at(rotation, directory, members, at)
    return first, has_it


def _next_at(
    rotation: Rotation, directory: Directory, members: frozenset[int], after: datetime
) -> datetime:
    turn = next_change(rotation, after)
    away = directory.next_change(members, after)
    return turn if away is None else min(turn, away)


def _name(user_id: int | None, directory: Directory) -> str | None:
    person = None if user_id is None else directory.people.get(user_id)
    return person.name if person else None


def _told(row: OverrideRow) -> dict[str, object]:
    return {
        "rotation": row.rotation,
        "user_id": row.user_id,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
    }
