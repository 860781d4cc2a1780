"""What people do with a request; each is taken or refused with a code."""

from __future__ import annotations

from dataclasses import replace

from engine.machines.approval.levels import begin, counted, end, told
from engine.machines.approval.seating import handed, is_free, may_hold, stand_in
from engine.machines.approval.state import Here, Moved, Question, Seat, State, Tell, Vote
from engine.stopwatch import Stopwatch


def opened(here: Here, path: tuple[str, ...], deadline: object = None) -> Moved:
    """A new request at its first level; it may be over at once."""
    state = State("open", path, deadline=deadline)  # type: ignore[arg-type]
    return begin(state, here, 0)


def voted(state: State, here: Here, by: int, vote: Vote) -> Moved:
    """One voice for or against. Refused: closed, returned, not_active, own_request, not_asked,
    already_decided."""
    found = _seat_for(state, here, by)
    if isinstance(found, str):
        return Moved(state, refused=found)
    used = replace(found, vote=vote, by=by)
    state = _with(state, used)
    over = counted(state, here)
    moved = over or told(state, here)
    return replace(moved, seat=used)


def sent_back(state: State, here: Here, by: int, level: str) -> Moved:
    """To an earlier level, which begins again. Refused besides: not_earlier."""
    found = _seat_for(state, here, by)
    if isinstance(found, str):
        return Moved(state, refused=found)
    if level not in state.path[: state.at]:
        return Moved(state, refused="not_earlier")
    return replace(begin(state, here, state.path.index(level)), seat=found)


def returned(state: State, here: Here, by: int) -> Moved:
    """To the requester, who may submit it again. Refused besides: no_requester."""
    found = _seat_for(state, here, by)
    if isinstance(found, str):
        return Moved(state, refused=found)
    if here.requester is None or not here.directory.is_active(here.requester):
        return Moved(state, refused="no_requester")
    clock = Stopwatch().started(here.now)
    back = replace(state, status="returned", watch=clock, reminded=0, question=None, why=None)
    tell = Tell(here.requester, "returned", f"{state.round}:returned")
    return Moved(replace(back, seats=()), (tell,), seat=found)


def asked_back(state: State, here: Here, by: int) -> Moved:
    """A question to the requester; the clock of the level stands still for it, as long as the
    level's timeout at most. Refused besides: no_requester, question_open."""
    found = _seat_for(state, here, by)
    if isinstance(found, str):
        return Moved(state, refused=found)
    if here.requester is None or not here.directory.is_active(here.requester):
        return Moved(state, refused="no_requester")
    if state.question is not None:
        return Moved(state, refused="question_open")
    question = Question(by, Stopwatch().started(here.now))
    paused = state.watch.paused(here.now, here.calendar, here.zone)
    mark = f"{state.round}:question:{state.questions}"
    state = replace(state, question=question, watch=paused, questions=state.questions + 1)
    return Moved(state, (Tell(here.requester, "question", mark),), seat=found)


def answered(state: State, here: Here, by: int) -> Moved:
    """The requester's answer to a question. Refused: closed, not_requester, no_question."""
    if state.ended:
        return Moved(state, refused="closed")
    if by != here.requester:
        return Moved(state, refused="not_requester")
    if state.question is None:
        return Moved(state, refused="no_question")
    asker = state.question.by
    mark = f"{state.round}:answered:{state.questions}"
    state = replace(state, question=None, watch=state.watch.started(here.now))
    return Moved(state, (Tell(asker, "answered", mark),))


def delegated(state: State, here: Here, by: int, to: int) -> Moved:
    """One's voice to somebody else. Refused besides: nobody_there (left, or away), own_request,
    already_seated."""
    found = _seat_for(state, here, by)
    if isinstance(found, str):
        return Moved(state, refused=found)
    if not here.directory.is_present(to, here.now):
        return Moved(state, refused="nobody_there")
    if not may_hold(to, here):
        return Moved(state, refused="own_request")
    if not is_free(to, state, here):
        return Moved(state, refused="already_seated")
    return replace(told(_with(state, handed(found, to)), here), seat=found)


def recalled(state: State, here: Here, by: int) -> Moved:
    """Taken back by its requester, or by an admin. Refused: closed, not_requester."""
    if state.ended:
        return Moved(state, refused="closed")
    if by != here.requester and not _is_admin(by, here):
        return Moved(state, refused="not_requester")
    moved = end(state, here, "recalled", None)
    return replace(moved, state=replace(moved.state, by=(by,)))


def resubmitted(state: State, here: Here, by: int) -> Moved:
    """From the first level again. Refused: closed, not_requester, not_returned."""
    if state.ended:
        return Moved(state, refused="closed")
    if by != here.requester:
        return Moved(state, refused="not_requester")
    if state.status != "returned":
        return Moved(state, refused="not_returned")
    return begin(replace(state, agreed=False), here, 0)


def cancelled(state: State, here: Here, why: str | None = None) -> Moved:
    """Nobody waits for it any more; twice is once."""
    return Moved(state) if state.ended else end(state, here, "cancelled", why)


def reassigned(state: State, here: Here, of: int, to: int) -> Moved:
    """Every open seat of one person to another, as a handover does. Refused: closed, not_asked,
    nobody_there, own_request, already_seated."""
    if state.ended:
        return Moved(state, refused="closed")
    seats = [seat for seat in state.open_seats if seat.holder == of]
    if not seats:
        return Moved(state, refused="not_asked")
    if not here.directory.is_active(to):
        return Moved(state, refused="nobody_there")
    if not may_hold(to, here):
        return Moved(state, refused="own_request")
    if not is_free(to, state, here):
        return Moved(state, refused="already_seated")
    return told(_with(state, handed(seats[0], to)), here)


def _seat_for(state: State, here: Here, by: int) -> Seat | str:
    """The voice this person may use: their own, one they stand in for, or as an admin any that is
    open. A code when there is none."""
    if state.ended:
        return "closed"
    if state.status == "returned":
        return "returned"
    if not here.directory.is_active(by):
        return "not_active"
    if by == here.requester and not here.chain.allow_self:
        return "own_request"
    if any(seat.by == by for seat in state.seats):
        return "already_decided"
    for seat in state.open_seats:
        if seat.holder == by:
            return seat
    for seat in state.open_seats:
        if stand_in(seat, state, here) == by:
            return seat
    if _is_admin(by, here):
        first = next(iter(state.open_seats), None)
        return first or Seat(state.next_seat, by)
    return "not_asked"


def _with(state: State, seat: Seat) -> State:
    """The state with this seat in the place of the one of its id, or beside the others."""
    if all(one.id != seat.id for one in state.seats):
        return replace(state, seats=(*state.seats, seat), next_seat=seat.id + 1, status="open")
    return replace(state, seats=tuple(seat if one.id == seat.id else one for one in state.seats))


def _is_admin(by: int, here: Here) -> bool:
    person = here.directory.people.get(by)
    return person is not None and person.active and person.role == "admin"
