"""Writing down what became of requests: state, voices, clocks, notices, and the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from crm_store.approvals import SeatRow, StateRow, write_seats, write_states
from engine.machines.approval import Tell, acting, as_json, next_due
from engine.services.approvals.cases import Case
from engine.services.approvals.endings import RUN
from engine.services.approvals.texts import told
from engine.services.clocks import ClockKind, end_clocks, set_clocks
from engine.services.ended import Ended
from engine.services.links.tokens import FOLDERS, Kind
from engine.services.telling import Telling, tell

if TYPE_CHECKING:
    from engine.services.work import Work

# How long a link in a mail can be used where the request itself has no end.
LONGEST_LINK: Final = timedelta(days=30)
NOTICE_KIND: Final = "approval"


async def keep(work: Work, cases: Sequence[Case], *, fresh: bool = False) -> dict[int, datetime]:
    """Write what changed; the due times of those that are open. `fresh`: the rows were written with
    this state a moment ago."""
    changed = [case for case in cases if fresh or case.state != case.before]
    if not fresh:
        await write_states(work.session, [_state_row(case, work.now) for case in changed])
    if changed:
        seats = [seat for case in changed for seat in _seats(case)]
        await write_seats(work.session, [case.row.id for case in changed], seats, work.now)
    await _tell(work, cases)
    dues = {
        case.row.id: due for case in cases if (due := next_due(case.state, case.here)) is not None
    }
    for case in changed:
        # a run is told of an end in the first moment by whoever opened the request for it
        if case.state.ended and not (fresh and case.row.subject_kind == RUN):
            await _end(work, case)
    if dues:
        await set_clocks(work, ClockKind.APPROVAL, {**dues})
    over = [case.row.id for case in changed if case.state.ended and not fresh]
    if over:
        await end_clocks(work, ClockKind.APPROVAL, over)
    return dues


async def _end(work: Work, case: Case) -> None:
    row, state = case.row, case.state
    ending = work.shared.endings.get(row.subject_kind)
    if ending is None:
        return
    ended = Ended(
        row.id,
        row.subject_kind,
        row.subject_id,
        state.status,  # type: ignore[arg-type]  # an ended state has one of these
        state.by,
        case.comment,
        row.details,
    )
    await ending(work, ended)


async def _tell(work: Work, cases: Sequence[Case]) -> None:
    tellings = [_telling(work, case, one) for case in cases for one in case.tells]
    if tellings:
        await tell(work, tellings)


def _telling(work: Work, case: Case, one: Tell) -> Telling:
    title, body = told(one.about, case.row, case.state, case.here.directory, case.comment)
    return Telling(
        key=f"approval:{case.row.id}:{one.mark}",
        user_id=one.user_id,
        kind=NOTICE_KIND,
        title=title,
        body=body,
        subject_kind=NOTICE_KIND,
        subject_id=case.row.id,
        path=f"/inbox?approval={case.row.id}",
        action_path=_link(work, case, one.user_id) if one.about in ("asked", "reminded") else "",
    )


def _link(work: Work, case: Case, user_id: int) -> str:
    """A path by which this person decides with this one seat; it ends with the request."""
    seat = next(
        (one for one in case.state.open_seats if acting(one, case.state, case.here) == user_id),
        None,
    )
    if work.shared.links is None or seat is None:
        return ""
    until = min(filter(None, (case.state.deadline, work.now + LONGEST_LINK)))
    claim = ("approval", case.row.id, seat.id, user_id)
    return FOLDERS[Kind.ANSWER] + work.shared.links.token(Kind.ANSWER, *claim, until=until)


def _state_row(case: Case, now: datetime) -> StateRow:
    ended_at = now if case.state.ended else None
    return StateRow(case.row.id, case.state.status, as_json(case.state), ended_at)


def _seats(case: Case) -> list[SeatRow]:
    """The voices that were used, and those that still can be; none once the request has ended."""
    state, id_ = case.state, case.row.id
    rows = {
        seat.id: SeatRow(id_, seat.id, round_, level, seat.holder, seat.by, seat.vote)
        for round_, level, seat in case.used
    }
    for one in state.seats:
        if one.vote is not None or not state.ended:
            rows[one.id] = SeatRow(
                id_, one.id, state.round, state.level, one.holder, one.by, one.vote
            )
    return list(rows.values())
