"""What people answer to a request: one place for every door, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from crm_store.approvals import (
    CommentRow,
    DecisionRow,
    RequestRow,
    add_comment,
    add_decisions,
    missing_files,
)
from crm_store.runs import lock_runs
from engine.machines import approval
from engine.machines.approval import Moved
from engine.services import audit
from engine.services.actor import Actor, may
from engine.services.approvals.cases import Case, locked_cases
from engine.services.approvals.codes import ACCEPTED, UNKNOWN, sentence
from engine.services.approvals.endings import RUN
from engine.services.approvals.keeping import keep
from engine.services.roles.acting import actors_of, nobody
from engine.services.tending import Answer, Answered

if TYPE_CHECKING:
    from engine.services.work import Work

LONGEST_COMMENT: Final = 2_000
MOST_FILES: Final = 20
COMMENT: Final = "comment"
# Verbs that say nothing without words.
_NEEDS_WORDS: Final = frozenset({COMMENT, "ask_back", "answer"})

_Move: TypeAlias = Callable[[Case, int, Mapping[str, Any]], Moved | str]


class _Taken(NamedTuple):
    """An answer with who gave it and what became of it. `moved`: the case is to be written."""

    case: Case
    actor: Actor
    answer: Answer
    language: str
    code: str
    moved: bool


async def answer_request(work: Work, request_id: int, answer: Answer) -> Answered:
    """Act on an answer, or refuse it with a code; both are written down.

    Verbs: approve, reject, return (to the requester), send_back (`level`), ask_back, answer,
    delegate (`to`), recall, resubmit, comment; `given` may hold a `comment`, and `files` for it.
    """
    found = await locked_cases(work, [request_id])
    if request_id not in found:
        return _answered(UNKNOWN, await _language(work, answer.by_id))
    return (await _all(work, found, {request_id: answer}))[request_id]


async def answer_requests(work: Work, answers: Mapping[int, Answer]) -> dict[int, Answered]:
    """The same for one answer each to many requests. Left out are those that somebody else holds,
    and those whose end touches more than runs."""

    def ends_lightly(row: RequestRow) -> bool:
        return row.subject_kind == RUN or row.subject_kind not in work.shared.endings

    found = await locked_cases(work, answers, free_only=True, only=ends_lightly)
    return await _all(work, found, answers)


async def _all(
    work: Work, cases: Mapping[int, Case], answers: Mapping[int, Answer]
) -> dict[int, Answered]:
    wanted = await wanted_still(work, list(cases.values()))
    actors = await _who(work, {answers[id_].by_id for id_ in cases})
    taken = []
    for id_, case in cases.items():
        answer = answers[id_]
        actor, language = actors[answer.by_id], await _language(work, answer.by_id)
        if answer.verb == COMMENT:
            code, moved = await _commented(work, case, actor, answer), False
        else:
            code, moved = _acted(case, actor, answer, wanted=id_ in wanted)
        taken.append(_Taken(case, actor, answer, language, code, moved))
    await _written_down(work, taken)
    found = {}
    for case, _, _, language, code, _ in taken:
        details = {"status": case.state.status, "level": case.state.level}
        found[case.row.id] = _answered(code, language, details)
    return found


async def _who(work: Work, user_ids: Collection[int]) -> dict[int, Actor]:
    """Who answers, with what their roles allow now."""
    people = (await work.directory()).people
    known = await actors_of(work.session, [people[one] for one in user_ids if one in people])
    return {one: known.get(one) or nobody(one) for one in user_ids}


async def _language(work: Work, user_id: int) -> str:
    """In which they are told."""
    person = (await work.directory()).people.get(user_id)
    return person.language if person else "en"


def _acted(case: Case, actor: Actor, answer: Answer, *, wanted: bool) -> tuple[str, bool]:
    """The move on the case, not written yet; a code, and whether there is something to write."""
    problem = _not_allowed(actor, answer)
    if problem is not None:
        return problem, False
    move = _MOVES.get(answer.verb)
    if move is None:
        return "bad_answer", False
    if not wanted:
        case.took(approval.cancelled(case.state, case.here, "nobody_waits"))
        return "nobody_waits", True
    # what is due by now comes first: who answers after the time is over is too late
    case.took(approval.time_came(case.state, case.here))
    seat = answer.given.get("seat")
    if seat is not None and not _speaks_for(case, answer.by_id, seat):
        return "closed" if case.state.ended else "not_asked", True
    moved = move(case, answer.by_id, answer.given)
    if isinstance(moved, str):
        return moved, True
    if moved.refused is not None:
        return moved.refused, True
    # the words of a refused answer are nobody's decision
    case.comment = answer.given.get("comment")
    case.took(moved)
    return ACCEPTED, True


def _not_allowed(actor: Actor, answer: Answer) -> str | None:
    if not may(actor, "edit", "approval"):
        return "not_permitted"
    return _words_problem(answer.given.get("comment"), needed=answer.verb in _NEEDS_WORDS)


def _speaks_for(case: Case, by: int, seat_id: Any) -> bool:
    """Whether a link that was made for one seat still means this person's."""
    seat = next((one for one in case.state.open_seats if one.id == seat_id), None)
    if seat is None:
        return False
    return by in (seat.holder, approval.acting(seat, case.state, case.here))


async def still_wanted(work: Work, case: Case) -> bool:
    """Whether the run that asked still stands where it asked; always for other subjects."""
    return case.row.id in await wanted_still(work, [case])


async def wanted_still(work: Work, cases: Sequence[Case]) -> Collection[int]:
    """Those of the requests that somebody still waits for; their runs are locked, by id."""
    asked_by_run = [case for case in cases if _may_be_unwanted(work, case)]
    standing = {}
    if asked_by_run:
        ids = sorted({case.row.run_id for case in asked_by_run if case.row.run_id is not None})
        standing = {
            run.id: (run.node, run.visit)
            for run in await lock_runs(work.session, ids)
            if run.state != "ended"
        }
    left = {
        case.row.id
        for case in asked_by_run
        if standing.get(case.row.run_id or 0)
        != (case.row.details.get("node"), case.row.details.get("visit"))
    }
    return {case.row.id for case in cases} - left


def _may_be_unwanted(work: Work, case: Case) -> bool:
    row = case.row
    if row.subject_kind != RUN or row.run_id is None or case.state.ended:
        return False
    # the run has the same deadline, and may have gone on by it a moment ago
    return row.deadline is None or row.deadline > work.now


async def _written_down(work: Work, taken: Sequence[_Taken]) -> None:
    decided = [one for one in taken if one.code == ACCEPTED and one.answer.verb != COMMENT]
    if decided:
        await add_decisions(work.session, [_decision(work, one) for one in decided])
    moved = [one.case for one in taken if one.moved]
    if moved:
        await keep(work, moved)
    told = [_audited(one) for one in taken if one.code != ACCEPTED or one.answer.verb != COMMENT]
    await audit.record_all(work.session, told)


def _decision(work: Work, one: _Taken) -> DecisionRow:
    case, answer = one.case, one.answer
    before = case.before or case.state
    used = case.used[-1] if case.used else None
    return DecisionRow(
        case.row.id,
        used[0] if used else before.round,
        used[1] if used else before.level,
        used[2].id if used else None,
        answer.by_id,
        answer.verb,
        case.comment,
        answer.door,
        answer.answer_id,
        work.now,
    )


def _audited(one: _Taken) -> audit.Line:
    case, answer = one.case, one.answer
    after = {"door": answer.door, "status": case.state.status}
    if one.code == ACCEPTED:
        after["level"] = (case.before or case.state).level
        verb, why = answer.verb, case.comment
    else:
        after |= {"verb": answer.verb, "code": one.code}
        verb, why = "refused", None
    return audit.Line(one.actor, verb, "approval", case.row.id, after=after, why=why)


async def _commented(work: Work, case: Case, actor: Actor, answer: Answer) -> str:
    problem = _not_allowed(actor, answer)
    if problem is not None:
        return problem
    words: str = answer.given["comment"]
    files = answer.given.get("files") or []
    if not isinstance(files, list) or len(files) > MOST_FILES:
        return "bad_answer"
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in files):
        return "bad_answer"
    if files and await missing_files(work.session, files):
        return "unknown_files"
    await add_comment(work.session, CommentRow(case.row.id, answer.by_id, words, files, work.now))
    return ACCEPTED


def _words_problem(words: Any, *, needed: bool) -> str | None:
    if words is None or words == "":
        return "comment_missing" if needed else None
    if not isinstance(words, str) or "\0" in words:
        return "bad_answer"
    return "comment_too_long" if len(words) > LONGEST_COMMENT else None


def _answered(code: str, language: str, details: Mapping[str, Any] | None = None) -> Answered:
    return Answered(code, sentence(code, language), details or {})


def _voted(vote: Any) -> _Move:
    return lambda case, by, _given: approval.voted(case.state, case.here, by, vote)


def _sent_back(case: Case, by: int, given: Mapping[str, Any]) -> Moved | str:
    level = given.get("level")
    if not isinstance(level, str):
        return "bad_answer"
    return approval.sent_back(case.state, case.here, by, level)


def _delegated(case: Case, by: int, given: Mapping[str, Any]) -> Moved | str:
    to = given.get("to")
    if not isinstance(to, int) or isinstance(to, bool):
        return "bad_answer"
    return approval.delegated(case.state, case.here, by, to)


_MOVES: Final[Mapping[str, _Move]] = {
    "approve": _voted("approved"),
    "reject": _voted("rejected"),
    "return": lambda case, by, _given: approval.returned(case.state, case.here, by),
    "send_back": _sent_back,
    "ask_back": lambda case, by, _given: approval.asked_back(case.state, case.here, by),
    "answer": lambda case, by, _given: approval.answered(case.state, case.here, by),
    "delegate": _delegated,
    "recall": lambda case, by, _given: approval.recalled(case.state, case.here, by),
    "resubmit": lambda case, by, _given: approval.resubmitted(case.state, case.here, by),
}
VERBS: Final = (*_MOVES, COMMENT)
