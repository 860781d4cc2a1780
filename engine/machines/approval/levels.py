"""Beginning a level, counting its votes, and what follows when it is over."""

from __future__ import annotations

from dataclasses import replace

from engine.machines.approval.seating import (
    acting,
    handed,
    next_manager,
    seat_above,
    seats_of,
)
from engine.machines.approval.state import Here, Moved, Seat, State, Status, Tell
from engine.stopwatch import Stopwatch

NOBODY = "nobody"


def begin(state: State, here: Here, at: int) -> Moved:
    """The level at this place, or the first one after it that is not skipped."""
    while True:
        level = here.chain.level(state.path[at])
        state = replace(
            state,
            status="open",
            at=at,
            round=state.round + 1,
            seats=seats_of(level, here, state.next_seat),
            watch=Stopwatch().started(here.now),
            reminded=0,
            question=None,
            why=None,
        )
        if not state.seats and level.nobody == "manager":
            above = seat_above(level, here, state.next_seat)
            state = replace(state, seats=(above,) if above else ())
        state = replace(state, next_seat=state.next_seat + len(state.seats))
        if state.seats:
            return told(state, here)
        if level.nobody != "skip":
            return held(state, here)
        if at + 1 == len(state.path):
            # what nobody looked at is not approved because nobody was there
            return end(state, here, "approved", NOBODY) if state.agreed else held(state, here)
        at += 1


def held(state: State, here: Here) -> Moved:
    """Visibly: admins are told, and may decide."""
    state = replace(state, status="held", why=NOBODY)
    admins = [one for one in here.directory.with_role("admin") if one != here.requester]
    tells = tuple(Tell(one, "held", f"{state.round}:held:{one}") for one in admins)
    return Moved(state, tells)


def told(state: State, here: Here) -> Moved:
    """Everybody who can decide now and has not been told yet is told."""
    tells, seats = [], []
    for seat in state.seats:
        person = acting(seat, state, here) if seat.vote is None else None
        if person is not None and person not in seat.told:
            tells.append(Tell(person, "asked", f"{state.round}:asked:{seat.id}:{person}"))
            seat = replace(seat, told=(*seat.told, person))
        seats.append(seat)
    return Moved(replace(state, seats=tuple(seats)), tuple(tells))


def counted(state: State, here: Here) -> Moved | None:
    """What the votes so far lead to; None when the level goes on."""
    level = here.chain.level(state.level)
    quorum = level.quorum
    weights = [seat.weight if quorum.weighs else 1 for seat in state.seats]
    total = sum(weights)
    needed = quorum.enough_of(len(state.seats), total)
    voted = list(zip(state.seats, weights, strict=True))
    yes = sum(weight for seat, weight in voted if seat.vote == "approved")
    no = sum(weight for seat, weight in voted if seat.vote == "rejected")
    if any(s.vote == "rejected" and (s.veto or level.any_veto) for s in state.seats):
        return end(state, here, "rejected", None)
    if yes >= needed:
        state = replace(state, agreed=True)
        if state.at + 1 < len(state.path):
            return begin(state, here, state.at + 1)
        return end(state, here, "approved", None)
    return end(state, here, "rejected", None) if total - no < needed else None


def reconciled(state: State, here: Here) -> Moved:
    """Seats of people who left go to their managers, or away; who newly stands in is told."""
    seats: list[Seat] = []
    for seat in state.seats:
        if seat.vote is not None or here.directory.is_active(seat.holder):
            seats.append(seat)
            continue
        beside = replace(state, seats=tuple(one for one in state.seats if one.id != seat.id))
        above = next_manager(seat, replace(beside, seats=(*beside.seats, *seats)), here)
        if above is not None:
            seats.append(handed(seat, above))
    unchanged = len(seats) == len(state.seats)
    state = replace(state, seats=tuple(seats))
    if state.seats:
        over = None if unchanged else counted(state, here)
        return over or told(state, here)
    fresh = begin(state, here, state.at)
    if fresh.state.status == "held" and state.status == "held":
        # nothing new: its clock runs on, and nobody is told again
        return Moved(replace(state, why=NOBODY))
    return fresh


def end(state: State, here: Here, status: Status, why: str | None) -> Moved:
    """Over. The requester is told; so are those who were asked and need not answer any more."""
    voters = tuple(seat.by for seat in state.seats if seat.vote == status and seat.by is not None)
    over = replace(state, status=status, why=why, by=voters, question=None, watch=Stopwatch())
    tells = []
    if here.requester is not None and here.directory.is_active(here.requester):
        tells.append(Tell(here.requester, "ended", f"ended:{here.requester}"))
    if status in ("recalled", "cancelled"):
        asked = {person for seat in state.open_seats for person in seat.told} - {here.requester}
        tells += [Tell(one, "withdrawn", f"withdrawn:{one}") for one in sorted(asked - {None})]
    return Moved(over, tuple(tells))
