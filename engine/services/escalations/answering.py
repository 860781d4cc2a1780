"""What doors call when somebody answers a case: the answer goes to the case's host."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from crm_store.lists.cases import case_line
from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.escalations import answers
from engine.services.escalations.listing import no_case
from engine.services.pokes import Pokes
from engine.services.tending import Answer, Answered, ClockKind


async def answer_as(
    store: Store,
    pokes: Pokes,
    actor: Actor,
    case_id: int,
    verb: str,
    given: Mapping[str, Any] | None = None,
    *,
    door: str,
    answer_id: str | None = None,
) -> Answered:
    """Take up, resolve, give away, pause or resume a case ("acknowledge", "resolve", "reassign",
    "pause", "resume"). The same `answer_id` again gives the first outcome again.

    Raises NotFound, Conflict when the case is over or somebody else has it, Refused for a person
    who is not there, and Unavailable when Temporal does not answer.
    """
    allowed(actor, "edit", "escalation")
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("A case is answered by a person. Say who answers.")
    async with store.transaction() as session:
        if await case_line(session, case_id) is None:
            raise no_case(case_id)
    answer = Answer(actor.id, verb, given or {}, door, answer_id or secrets.token_hex(16))
    answered = await pokes.ask(ClockKind.ESCALATION, case_id, answer)
    _raise_for(answered)
    return answered


def _raise_for(answered: Answered) -> None:
    match answered.code:
        case answers.ACCEPTED | answers.ALREADY:
            return
        case answers.NOT_FOUND:
            raise NotFound(answered.message)
        case answers.NOT_ALLOWED:
            raise NotAllowed(answered.message)
        case answers.UNKNOWN_PERSON:
            problem = Problem("/to", answers.UNKNOWN_PERSON, answered.message)
            raise Refused(answered.message, [problem])
        case _:
            raise Conflict(answered.message)
