"""What people answer to a case: that they take it up, that it is resolved, that somebody else has
it.

Every door ends here (`pokes.ask`), once for each answer id. What cannot be is said with a code and
changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crm_store import escalations as rows
from crm_store.escalations import CaseRow
from engine.machines.escalation import (
    Acknowledged,
    Happening,
    Paused,
    Reassigned,
    Resolved,
    Resumed,
    Status,
)
from engine.people import Person
from engine.services import audit
from engine.services.actor import Actor, may
from engine.services.escalations.going_on import go_on
from engine.services.roles.acting import actor_of
from engine.services.tending import Answer, Answered

if TYPE_CHECKING:
    from engine.services.work import Work

ACCEPTED: Final = "accepted"
# Said again by somebody who has it already, or of what is so already: no harm is done.
ALREADY: Final = "already"
TAKEN_BY_ANOTHER: Final = "taken_by_another"
OVER: Final = "over"
NOT_FOUND: Final = "not_found"
NOT_ALLOWED: Final = "not_allowed"
UNKNOWN_PERSON: Final = "unknown_person"
UNKNOWN_VERB: Final = "unknown_verb"
LONGEST_COMMENT: Final = 2000


@dataclass(frozen=True, slots=True)
class _Said:
    """One answer to one open case."""

    work: Work
    case: CaseRow
    person: Person
    answer: Answer


_Meeting = Callable[[_Said], Awaitable[Happening | Answered]]


async def answer_case(work: Work, case_id: int, answer: Answer) -> Answered:
    """Act on it. Anybody may take up a case who is permitted to, told or not: what matters is that
    somebody does."""
    meet = _VERBS.get(answer.verb)
    if meet is None:
        return Answered(UNKNOWN_VERB, f"A case is not answered with {answer.verb[:40]}.")
    person = (await work.directory()).people.get(answer.by_id)
    actor = None if person is None else await actor_of(work.session, person)
    if person is None or actor is None or not person.active or not may(actor, "edit", "escalation"):
        return Answered(NOT_ALLOWED, "You may not answer cases.")
    found = await rows.lock_cases(work.session, [case_id])
    if not found:
        return Answered(NOT_FOUND, f"There is no case {case_id}.")
    [case] = found
    if case.ended_at is not None:
        same = answer.verb == "resolve" and case.status == Status.RESOLVED
        return Answered(ALREADY if same else OVER, f"The case {case_id} is over.")
    meant = await meet(_Said(work, case, person, answer))
    if isinstance(meant, Answered):
        return meant
    return await _carry_out(work, case, actor, answer, meant)


async def _carry_out(
    work: Work, case: CaseRow, actor: Actor, answer: Answer, happening: Happening
) -> Answered:
    comment = str(answer.given.get("comment") or "")[:LONGEST_COMMENT] or None
    courses = await go_on(work, [case], happening, comment=comment)
    state = courses[case.id].state
    after = {"status": state.status.value, "door": answer.door}
    await audit.record(work.session, actor, answer.verb, "escalation", case.id, after=after)
    return Answered(ACCEPTED, "", {"case": case.id, "status": state.status.value})


async def _acknowledge(said: _Said) -> Happening | Answered:
    case = said.case
    if case.status == Status.ACKNOWLEDGED:
        if case.acknowledged_by_id == said.person.id:
            return Answered(ALREADY, f"You have the case {case.id} already.")
        message = f"Somebody else has taken up the case {case.id}. It can be given to you."
        return Answered(TAKEN_BY_ANOTHER, message, {"by": case.acknowledged_by_id})
    return Acknowledged(said.person.id)


async def _resolve(said: _Said) -> Happening | Answered:
    return Resolved(said.person.id)


async def _reassign(said: _Said) -> Happening | Answered:
    """To somebody who is there, or whose deputy is; the deputy then has it."""
    directory, to = await said.work.directory(), said.answer.given.get("to")
    acting = directory.stands_in(to, said.work.now) if isinstance(to, int) else None
    if acting is None:
        message = "Nobody of this name is there, and nobody stands in for them."
        return Answered(UNKNOWN_PERSON, message)
    if acting == said.case.acknowledged_by_id and said.case.status == Status.ACKNOWLEDGED:
        return Answered(ALREADY, "They have it already.", {"to": acting})
    return Reassigned(acting, said.person.id)


async def _pause(said: _Said) -> Happening | Answered:
    if said.case.paused:
        return Answered(ALREADY, f"The case {said.case.id} is paused.")
    return Paused()


async def _resume(said: _Said) -> Happening | Answered:
    if not said.case.paused:
        return Answered(ALREADY, f"The case {said.case.id} is not paused.")
    return Resumed()


_VERBS: Final[Mapping[str, _Meeting]] = {
    "acknowledge": _acknowledge,
    "resolve": _resolve,
    "reassign": _reassign,
    "pause": _pause,
    "resume": _resume,
}
