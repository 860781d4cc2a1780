"""Who is asked on a level, who may speak for them now, and who comes next when they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from engine.approvals.approvers import OWNER_FIELD, Approver
from engine.approvals.model import Level
from engine.machines.approval.state import Here, Seat, State

# More voices than a level should have; a role with more people is asked by its first fifty.
MOST_SEATS: Final = 50
# No line of managers is longer.
_MOST_LEVELS: Final = 50


def may_hold(user_id: int, here: Here) -> bool:
    """Whether this person may decide at all: works here, and does not decide for themselves."""
    own = user_id == here.requester and not here.chain.allow_self
    return here.directory.is_active(user_id) and not own


def seats_of(level: Level, here: Here, first_id: int) -> tuple[Seat, ...]:
    """A seat for each person that the level asks, in the order of its lines, nobody twice."""
    seats: dict[int, Seat] = {}
    for approver in level.approvers:
        if approver.when is not None and not here.holds(approver.when):
            continue
        deputy = here.directory.by_email(approver.deputy) if approver.deputy else None
        for person in _meant(approver, here):
            if person in seats:
                seats[person] = replace(seats[person], veto=seats[person].veto or approver.veto)
            elif may_hold(person, here) and len(seats) < MOST_SEATS:
                new = first_id + len(seats)
                seats[person] = Seat(new, person, approver.weight, approver.veto, deputy)
    return tuple(seats.values())


def seat_above(level: Level, here: Here, new_id: int) -> Seat | None:
    """For a level that has nobody: the nearest manager above those who were meant, else above the
    requester, else above the owner."""
    meant = [person for approver in level.approvers for person in _meant(approver, here)]
    for person in (*meant, here.requester, here.owner):
        above = next(_above(person, here), None) if person is not None else None
        if above is not None:
            return Seat(new_id, above)
    return None


def stand_in(seat: Seat, state: State, here: Here) -> int | None:
    """Who may decide for the holder because they are away; nobody who has a voice of their own."""
    if here.directory.is_present(seat.holder, here.now):
        return None
    deputy = here.directory.stands_in(seat.holder, here.now)
    if deputy is None or not is_free(deputy, state, here):
        return None
    return deputy


def acting(seat: Seat, state: State, here: Here) -> int | None:
    """Who is there now to decide on this seat."""
    if here.directory.is_present(seat.holder, here.now):
        return seat.holder
    return stand_in(seat, state, here)


def is_free(user_id: int, state: State, here: Here) -> bool:
    """May decide, and neither has a seat on this level nor has voted on it."""
    taken = any(user_id in (seat.holder, seat.by) for seat in state.seats)
    return may_hold(user_id, here) and not taken


def next_deputy(seat: Seat, state: State, here: Here) -> int | None:
    """Who takes a silent holder's seat over: who the chain names, else who stands in for them."""
    for person in (seat.deputy, stand_in(seat, state, here)):
        if person is not None and person not in seat.had and is_free(person, state, here):
            return person
    return None


def next_manager(seat: Seat, state: State, here: Here) -> int | None:
    """The nearest manager above the holder who has not had the seat and has no other one."""
    return next(
        (
            one
            for one in _above(seat.holder, here)
            if one not in seat.had and is_free(one, state, here)
        ),
        None,
    )


def handed(seat: Seat, to: int) -> Seat:
    return replace(seat, holder=to, had=(*seat.had, seat.holder))


def _above(person: int, here: Here) -> Iterator[int]:
    """Managers who may hold a seat, nearest first."""
    for levels in range(1, _MOST_LEVELS):
        manager = here.directory.manager_of(person, levels)
        if manager is None:
            return
        if may_hold(manager, here):
            yield manager


def _meant(approver: Approver, here: Here) -> tuple[int, ...]:
    """The people of one line, whether they may decide or not."""
    directory = here.directory
    if approver.role is not None:
        return directory.with_role(approver.role)
    if approver.team is not None:
        return directory.members(approver.team)
    return tuple(one for one in (_one(approver, here),) if one is not None)


def _one(approver: Approver, here: Here) -> int | None:
    directory = here.directory
    if approver.user is not None:
        return directory.by_email(approver.user)
    if approver.team_head is not None:
        return directory.head_of(_team(approver.team_head, here))
    if approver.manager_of is not None:
        whose = here.requester if approver.manager_of.of == "requester" else here.owner
        return None if whose is None else _up(whose, approver.manager_of.levels, here)
    return _in_field(approver.named_in or "", here)


def _team(name: str, here: Here) -> str:
    if name not in ("requester", "owner"):
        return name
    whose = here.requester if name == "requester" else here.owner
    person = here.directory.people.get(whose) if whose is not None else None
    return (person.team if person else None) or ""


def _up(person: int, levels: int, here: Here) -> int | None:
    """So many levels up, or as many as there are."""
    for wanted in range(levels, 0, -1):
        manager = here.directory.manager_of(person, wanted)
        if manager is not None:
            return manager
    return None


def _in_field(name: str, here: Here) -> int | None:
    """The person that a field names, by id or by address."""
    if name == OWNER_FIELD:
        return here.owner
    record, _, key = name.partition(".")
    value: Any = here.facts.get(record)
    if isinstance(value, dict):
        value = value.get(key)
    if isinstance(value, str):
        return here.directory.by_email(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
