"""A move together with what it lacks: fields that a move may write, and those that go before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from engine.errors import CadenzaError
from engine.rules.types import Language
from engine.services.actor import Actor
from engine.services.deals.answers import MoveAnswer, MoveRefused, Via
from engine.services.deals.editing import edit_deal
from engine.services.deals.moving import move_deal

if TYPE_CHECKING:
    from engine.services.work import Work

# Whom a deal is with is changed by itself, ahead of the move.
GOES_BEFORE: Final = frozenset({"contact_id", "account_id", "external_id"})


class StaysBehind(CadenzaError):
    """The move was refused, so what was written for it is taken back; `answer` says why."""

    code = "move_refused"

    def __init__(self, answer: MoveRefused) -> None:
        super().__init__("The deal was not moved.")
        self.answer = answer


async def fill_and_move(
    work: Work,
    actor: Actor,
    deal_id: int,
    to_stage: str,
    *,
    fields: Mapping[str, Any],
    lost_reason: str | None = None,
    from_stage: str | None = None,
    via: Via,
    language: Language = "en",
) -> MoveAnswer:
    """Write all of it and move, or nothing. Raises StaysBehind (so that the transaction ends and
    nothing stays written), NotFound, and Refused for fields that cannot be written."""
    before = {name: value for name, value in fields.items() if name in GOES_BEFORE}
    if before:
        await edit_deal(work, actor, deal_id, before)
    answer = await move_deal(
        work,
        actor,
        deal_id,
        to_stage,
        fields={name: value for name, value in fields.items() if name not in GOES_BEFORE},
        lost_reason=lost_reason,
        from_stage=from_stage,
        via=via,
        language=language,
    )
    if isinstance(answer, MoveRefused):
        raise StaysBehind(answer)
    return answer
