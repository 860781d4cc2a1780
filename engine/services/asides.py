"""What happened to a run and has still to be told to its step, as its row holds it.

A run that just came to a node is told at once. Events and answers that reach a run which cannot be
moved now (its flow is paused, its version cannot be read, it is held) are set aside: nothing that
happened is forgotten, and the run is told as soon as it may move again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_store.runs import StandingRow
from engine.effects import Outcome, Receipt
from engine.machines.journey import Answered, Entered

ARRIVALS = ("entered", "arrived")
EVENTS = "events"
ANSWERED = "answered"


def is_arriving(row: StandingRow) -> bool:
    return _what(row) in ARRIVALS


def entered(row: StandingRow) -> Entered:
    """The arrival of a row that `is_arriving`."""
    told = row.happening or {}
    return Entered(why=told.get("why", {}), first=told.get("what") == "entered")


def answer_of(row: StandingRow) -> Answered | None:
    """The answer that was set aside."""
    if row.happening is None or _what(row) != ANSWERED:
        return None
    return Answered(receipt_of(row.happening["receipt"]))


def events_of(row: StandingRow) -> Sequence[int]:
    """Ids of the events that were set aside, in their order."""
    if row.happening is None or _what(row) != EVENTS:
        return ()
    ids: list[int] = row.happening["ids"]
    return ids


def waits_until(row: StandingRow) -> datetime | None:
    """The time the step waits for; being told of an event that was set aside is due before."""
    if row.happening is None or _what(row) != EVENTS:
        return row.due_at
    until = row.happening.get("until")
    return datetime.fromisoformat(until) if until else None


def with_event(row: StandingRow, event_id: int) -> dict[str, Any]:
    """What to set aside when one more event comes."""
    until = waits_until(row)
    return {
        "what": EVENTS,
        "ids": [*events_of(row), event_id],
        "until": until.isoformat() if until else None,
    }


def with_answer(receipt: Receipt) -> dict[str, Any]:
    return {"what": ANSWERED, "receipt": stored(receipt)}


def stored(receipt: Receipt) -> dict[str, Any]:
    """A receipt as rows hold it."""
    document: dict[str, Any] = {"outcome": receipt.outcome.value}
    if receipt.reason:
        document["reason"] = receipt.reason
    if receipt.message_id:
        document["message_id"] = receipt.message_id
    if receipt.details:
        document["details"] = dict(receipt.details)
    return document


def receipt_of(document: Mapping[str, Any]) -> Receipt:
    return Receipt(
        Outcome(document["outcome"]),
        document.get("reason"),
        document.get("message_id"),
        document.get("details", {}),
    )


def _what(row: StandingRow) -> str | None:
    return None if row.happening is None else row.happening.get("what")
