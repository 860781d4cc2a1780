"""What a run is told about its ask: from a message that did not go, or from what was found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from crm_store.effects import EffectRow
from engine.channels.base import Known
from engine.effects import Outcome, Receipt, manner_of
from engine.services.messages import (
    Answer,
    NotSent,
    SendResult,
    Settlement,
    Unanswered,
    Verdict,
    decide,
)

# An effect without a clear answer is done so often at most where the provider cannot tell: at least
# once is not for ever.
MOST_UNCLEAR_TRIES = 3


def receipt_of_unsent(unsent: NotSent) -> Receipt:
    match unsent.verdict:
        case Verdict.WITHHELD:
            outcome = Outcome.WITHHELD
        case Verdict.ALREADY_SENT | Verdict.COLLECTED:
            outcome = Outcome.DONE
        case Verdict.HOLD:
            outcome = Outcome.CANNOT
        case _:
            outcome = Outcome.REFUSED
    details = {"message": unsent.message} if unsent.verdict is Verdict.HOLD else {}
    return Receipt(outcome, unsent.code, unsent.message_id, details=details)


def settlement_of(effect: EffectRow, known: Known, purpose: str) -> Settlement:
    wanted = decide(known, purpose)
    if (
        wanted is Settlement.SEND_AGAIN
        and known is Known.CANNOT_TELL
        and effect.attempts >= MOST_UNCLEAR_TRIES
    ):
        return Settlement.MAYBE_SENT
    return wanted


def receipt_of_settled(
    effect: EffectRow, message: Unanswered, settlement: Settlement, now: datetime
) -> Receipt | None:
    """What the run is told; None when the effect is to be done again."""
    match settlement:
        case Settlement.SENT:
            return Receipt(Outcome.DONE, "asked", message.message_id)
        case Settlement.MAYBE_SENT:
            return Receipt(Outcome.MAYBE_DONE, "no_answer", message.message_id)
        case Settlement.SEND_AGAIN:
            return given_up(effect, now, "no_answer", message.message_id)


def given_up(
    effect: EffectRow, now: datetime, code: str | None, message_id: int | None
) -> Receipt | None:
    """After so long a time the run is told instead of trying again."""
    kind = manner_of(effect.kind, effect.ask)
    if effect.attempts < kind.fewest_tries or now - effect.created_at < kind.give_up_after:
        return None
    return Receipt(Outcome.GAVE_UP, code, message_id)


def final(effect: EffectRow, result: SendResult, now: datetime) -> SendResult:
    """What the message is told: one that is not tried again is refused, not put off."""
    if result.answer is not Answer.UNREACHABLE or given_up(effect, now, None, 0) is None:
        return result
    return replace(result, answer=Answer.REFUSED)


def pause_after(effect: EffectRow) -> timedelta:
    """The first time at once, since a crash is nobody's fault; then as after any failed try."""
    if effect.attempts <= 1:
        return timedelta()
    return manner_of(effect.kind, effect.ask).retry_delay(effect.attempts - 1)


def state_of(receipt: Receipt) -> str:
    return "maybe_done" if receipt.outcome is Outcome.MAYBE_DONE else "done"
