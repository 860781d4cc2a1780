"""What happens to a request when its time came: reminders, timeouts, people who come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.local_time import parse_span
from engine.machines.approval.levels import begin, end, reconciled, told
from engine.machines.approval.seating import acting, handed, next_deputy, next_manager
from engine.machines.approval.state import Here, Moved, State, Tell
from engine.stopwatch import Stopwatch, working_length
from engine.working_time import NoWorkingTime

# Absences and people that nobody knew of when the last due time was worked out are seen so late.
LOOK_AGAIN: Final = timedelta(hours=4)
# How long a question stops the clock of a level that has none of its own.
LONGEST_QUESTION: Final = "5d"
TIMEOUT: Final = "timeout"
# Every pass hands a seat to somebody new or leaves the level, so that it ends; this is for faults.
_MOST_PASSES: Final = 2000


def time_came(state: State, here: Here) -> Moved:
    """Everything that is due by now; asked too early, or twice, it changes nothing."""
    tells: list[Tell] = []
    for _ in range(_MOST_PASSES):
        moved = _pass(state, here)
        tells += moved.tells
        if moved.state == state:
            break
        state = moved.state
    return Moved(state, tuple(tells))


def next_due(state: State, here: Here) -> datetime | None:
    """When to look at it again; None once it has ended. Always after `here.now` when `time_came`
    was asked just before."""
    if state.ended:
        return None
    due = [here.now + LOOK_AGAIN]
    if state.deadline is not None:
        due.append(state.deadline)
    if state.status == "returned":
        due += _due(state.watch, here.chain.resubmit_within, here)
        return min(due)
    level = here.chain.level(state.level)
    if state.question is not None:
        due += _due(state.question.watch, _question_limit(state, here), here)
    if level.timeout is not None:
        due += _due(state.watch, level.timeout.after, here)
    if level.remind_every is not None and state.seats:
        due += _due(state.watch, level.remind_every, here, state.reminded + 1)
    change = here.directory.next_change([seat.holder for seat in state.open_seats], here.now)
    return min([*due, change] if change else due)


def _pass(state: State, here: Here) -> Moved:
    """The one thing that is due first."""
    if state.ended:
        return Moved(state)
    if state.deadline is not None and here.now >= state.deadline:
        return end(state, here, "timed_out", "deadline")
    requester_left = here.requester is not None and not here.directory.is_active(here.requester)
    if state.status == "returned":
        if requester_left:
            return end(state, here, "cancelled", "requester_left")
        if _is_over(state.watch, here.chain.resubmit_within, here):
            return end(state, here, "rejected", "not_resubmitted")
        return Moved(state)
    if state.question is not None and (
        requester_left or _is_over(state.question.watch, _question_limit(state, here), here)
    ):
        return Moved(replace(state, question=None, watch=state.watch.started(here.now)))
    moved = reconciled(state, here)
    if moved.state != state:
        return moved
    level = here.chain.level(state.level)
    if level.timeout is not None and _is_over(state.watch, level.timeout.after, here):
        return _timed_out(state, here)
    return _reminded(state, here)


def _reminded(state: State, here: Here) -> Moved:
    """Reminders that were missed are one."""
    every = here.chain.level(state.level).remind_every
    if every is None or not state.seats:
        return Moved(state)
    spent = state.watch.spent_at(here.now, here.calendar, here.zone)
    times = spent // max(_length(every, here), timedelta(seconds=1))
    if times <= state.reminded:
        return Moved(state)
    people = {acting(seat, state, here) for seat in state.open_seats} - {None}
    tells = [
        Tell(one, "reminded", f"{state.round}:reminded:{len(_passed(state))}:{times}:{one}")
        for one in sorted(person for person in people if person is not None)
    ]
    return Moved(replace(state, reminded=times), tuple(tells))


def _passed(state: State) -> tuple[int, ...]:
    """Everybody who held a seat of this level before; tells the clocks of a level apart."""
    return tuple(person for seat in state.seats for person in seat.had)


def _timed_out(state: State, here: Here) -> Moved:
    timeout = here.chain.level(state.level).timeout
    assert timeout is not None  # asked only for levels that have one
    then = timeout.then
    if then == "next_level" and state.at + 1 < len(state.path):
        return begin(state, here, state.at + 1)
    if then in ("deputy", "manager"):
        moved = _handed_on(state, here, deputies=then == "deputy")
        if moved is not None:
            return moved
    last = timeout.at_the_end if then in ("next_level", "deputy", "manager") else then
    match last:
        case "approve":
            return end(state, here, "approved", TIMEOUT)
        case "reject":
            return end(state, here, "rejected", TIMEOUT)
    return end(state, here, "timed_out", TIMEOUT)


def _handed_on(state: State, here: Here, *, deputies: bool) -> Moved | None:
    """The open seats go to deputies or managers, and the clock of the level begins anew; None when
    there is nobody to hand any of them to."""
    moved = False
    for seat in state.open_seats:
        to = next_deputy(seat, state, here) if deputies else None
        to = next_manager(seat, state, here) if to is None else to
        if to is None:
            continue
        moved = True
        seats = tuple(handed(one, to) if one.id == seat.id else one for one in state.seats)
        state = replace(state, seats=seats)
    if not moved:
        return None
    clock = Stopwatch().started(here.now)
    return told(replace(state, watch=clock, reminded=0, question=None), here)


def _question_limit(state: State, here: Here) -> str:
    timeout = here.chain.level(state.level).timeout
    return timeout.after if timeout is not None else LONGEST_QUESTION


def _length(span: str, here: Here) -> timedelta:
    return working_length(parse_span(span), here.calendar)


def _is_over(watch: Stopwatch, span: str, here: Here) -> bool:
    if watch.running_since is None:
        return False
    return watch.spent_at(here.now, here.calendar, here.zone) >= _length(span, here)


def _due(watch: Stopwatch, span: str, here: Here, times: int = 1) -> list[datetime]:
    try:
        due = watch.due(_length(span, here) * times, here.calendar, here.zone)
    except NoWorkingTime:
        return []
    return [] if due is None else [due]
