"""What every door does with an answer: hands it to the request's host, and tells the outcome."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import (
    CadenzaError,
    Conflict,
    NotAllowed,
    NotFound,
    Problem,
    Refused,
    Unavailable,
)
from engine.services.actor import Actor, allowed
from engine.services.approvals.codes import ACCEPTED, UNKNOWN, sentence
from engine.services.pokes import Pokes
from engine.services.tending import Answer, Answered, ClockKind

MOST_AT_ONCE: Final = 200
# So many of one person's bulk are on their way together: others answer meanwhile.
_TOGETHER: Final = 8
# Codes by the family of errors they are told as.
_NOT_THEIRS: Final = frozenset(
    {"not_active", "own_request", "not_asked", "not_requester", "not_permitted"}
)
_BAD: Final[Mapping[str, str]] = {
    "bad_answer": "",
    "comment_too_long": "/comment",
    "comment_missing": "/comment",
    "unknown_files": "/files",
    "nobody_there": "/to",
    "already_seated": "/to",
    "not_earlier": "/level",
}


class AnswerRefused(Conflict):
    """The answer came too late, twice, or cannot be given now; `code` says which."""

    def __init__(self, answered: Answered) -> None:
        super().__init__(answered.message)
        self.reason = answered.code

    @property
    def code(self) -> str:  # type: ignore[override]  # each refusal has a code of its own
        return self.reason


@dataclass(frozen=True, slots=True)
class BulkAnswer:
    """What became of one of many answers; `code` is "accepted" or why not."""

    request_id: int
    code: str
    message: str


async def give_answer(
    pokes: Pokes,
    actor: Actor,
    request_id: int,
    verb: str,
    given: Mapping[str, Any] | None = None,
    *,
    door: str,
    answer_id: str | None = None,
) -> Answered:
    """What became of it, accepted or not. Raises NotAllowed for who is no person, and Unavailable
    when Temporal does not answer; the same answer id may then be given again."""
    allowed(actor, "edit", "approval")
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("A request is answered by a person. Say who answers.")
    answer_id = answer_id or new_answer_id()
    answer = Answer(actor.id, verb, given or {}, door, answer_id)
    return await pokes.ask(ClockKind.APPROVAL, request_id, answer)


async def give_answers(
    pokes: Pokes,
    actor: Actor,
    request_ids: Sequence[int],
    verb: str,
    given: Mapping[str, Any] | None = None,
    *,
    door: str,
    there: Collection[int] | None = None,
) -> list[BulkAnswer]:
    """Many at once, each for itself: one that is refused keeps no other from being taken. `there`
    are those that exist, where the door has looked. Once Temporal does not answer the rest are not
    asked, and told so."""
    if len(request_ids) > MOST_AT_ONCE:
        problem = Problem("/ids", "too_many", f"answer at most {MOST_AT_ONCE} at once")
        raise Refused("Nothing was answered.", [problem])
    ids = list(dict.fromkeys(request_ids))
    wanted = [id_ for id_ in ids if there is None or id_ in there]
    found: dict[int, BulkAnswer] = {}
    for at in range(0, len(wanted), _TOGETHER):
        group = wanted[at : at + _TOGETHER]
        answers = await asyncio.gather(
            *(_one_of_many(pokes, actor, id_, verb, given, door) for id_ in group)
        )
        found |= {one.request_id: one for one in answers}
        if any(one.code == Unavailable.code for one in answers):
            away = Unavailable("This one was not asked: Temporal does not answer. Try it again.")
            rest = wanted[at + _TOGETHER :]
            found |= {id_: BulkAnswer(id_, away.code, away.message) for id_ in rest}
            break
    return [found.get(id_) or BulkAnswer(id_, UNKNOWN, sentence(UNKNOWN)) for id_ in ids]


async def _one_of_many(
    pokes: Pokes,
    actor: Actor,
    request_id: int,
    verb: str,
    given: Mapping[str, Any] | None,
    door: str,
) -> BulkAnswer:
    try:
        answered = await give_answer(pokes, actor, request_id, verb, given, door=door)
    except NotAllowed:
        raise
    except CadenzaError as error:
        return BulkAnswer(request_id, error.code, error.message)
    return BulkAnswer(request_id, answered.code, answered.message)


def insisted(answered: Answered, request_id: int) -> Answered:
    """The answer if it was accepted; else the error that says why not."""
    if answered.code == ACCEPTED:
        return answered
    if answered.code == UNKNOWN:
        raise NotFound(f"There is no request {request_id}. `cadenza approval list` shows all.")
    if answered.code in _NOT_THEIRS:
        raise NotAllowed(answered.message)
    if answered.code in _BAD:
        problem = Problem(_BAD[answered.code], answered.code, answered.message)
        raise Refused("Nothing was answered.", [problem])
    raise AnswerRefused(answered)


def new_answer_id() -> str:
    return f"approval-{secrets.token_hex(12)}"
