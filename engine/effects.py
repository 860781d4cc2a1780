"""Every ask of the world, in one list: this page answers "what can this thing do to people?".

An effect is a row before it is a deed. The step that wants it leaves the row in the transaction
that moves the run; the perform driver claims it, does it and records a `Receipt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Effect:
    """One kind of ask.

    `timeout` bounds a single try. `first_retry` doubles up to `longest_retry`; once `give_up_after`
    has passed since the ask was made and it was tried `fewest_tries` times, the run is told
    `GAVE_UP` instead of trying again. (An ask may be old because its flow was paused, not because
    nobody could be reached.) `apart`: the other side may be slow, so it is done by drivers of its
    own and holds up no mail.
    """

    name: str
    timeout: timedelta
    first_retry: timedelta
    longest_retry: timedelta
    give_up_after: timedelta
    fewest_tries: int = 20
    apart: bool = False

    def retry_delay(self, attempts: int) -> timedelta:
        """How long to wait after the given number of failed tries (1 = after the first)."""
        doublings = min(max(attempts, 1) - 1, 20)
        doubled = self.first_retry * (1 << doublings)
        return min(doubled, self.longest_retry)


SEND_MESSAGE = Effect(
    "send_message",
    timeout=timedelta(seconds=30),
    first_retry=timedelta(seconds=5),
    longest_retry=timedelta(minutes=15),
    give_up_after=timedelta(days=3),
)

CALL_WEBHOOK = Effect(
    "call_webhook",
    timeout=timedelta(seconds=10),
    first_retry=timedelta(seconds=5),
    longest_retry=timedelta(hours=1),
    give_up_after=timedelta(days=1),
    # the twelfth try comes about two hours after the first
    fewest_tries=12,
    apart=True,
)

# How patient a call is that says so itself: "once" for what must not be asked twice, "quick" where
# something else is done at once instead, "patient" where it must come to pass.
CALL_RETRIES: Mapping[str, Effect] = {
    "once": replace(CALL_WEBHOOK, give_up_after=timedelta(), fewest_tries=0),
    "quick": replace(
        CALL_WEBHOOK,
        first_retry=timedelta(seconds=2),
        longest_retry=timedelta(seconds=30),
        give_up_after=timedelta(minutes=2),
        fewest_tries=5,
    ),
    "patient": replace(CALL_WEBHOOK, give_up_after=timedelta(days=7), fewest_tries=20),
}

NOTIFY = Effect(
    "notify",
    timeout=timedelta(seconds=30),
    first_retry=timedelta(seconds=5),
    longest_retry=timedelta(minutes=15),
    give_up_after=timedelta(days=1),
)

# Whoever decides or acknowledges can also find the request without the mail, and its own clock
# runs: a mail server that is down must not hold the run up, so these two give up after minutes.
REQUEST_APPROVAL = Effect(
    "request_approval",
    timeout=timedelta(seconds=30),
    first_retry=timedelta(seconds=5),
    longest_retry=timedelta(minutes=1),
    give_up_after=timedelta(minutes=2),
    fewest_tries=5,
)

ESCALATE = Effect(
    "escalate",
    timeout=timedelta(seconds=30),
    first_retry=timedelta(seconds=5),
    longest_retry=timedelta(minutes=1),
    give_up_after=timedelta(minutes=2),
    fewest_tries=5,
)

EFFECTS: Mapping[str, Effect] = {
    effect.name: effect
    for effect in (SEND_MESSAGE, CALL_WEBHOOK, NOTIFY, REQUEST_APPROVAL, ESCALATE)
}


def manner_of(kind: str, ask: Mapping[str, Any]) -> Effect:
    """How often an ask is tried, by its kind or as it says itself."""
    return CALL_RETRIES.get(ask.get("retry", ""), EFFECTS[kind])


def is_apart(kind: str, ask: Mapping[str, Any]) -> bool:
    """Whether an ask is done apart from the mail of everybody: by its kind, or because it goes by a
    channel that people added, whose provider may be slow or silent."""
    return EFFECTS[kind].apart or ask.get("channel", "default") != "default"


class Outcome(StrEnum):
    """How an ask ended. A step maps each of these to one of its exits.

    `CANNOT`: the ask itself is at fault (an unknown template, a text that cannot be rendered); a
    person must mend it, so the run is held.
    """

    DONE = "done"
    REFUSED = "refused"
    WITHHELD = "withheld"
    MAYBE_DONE = "maybe_done"
    GAVE_UP = "gave_up"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The world's answer to one ask; holds ids and codes, never people's data."""

    outcome: Outcome
    reason: str | None = None
    message_id: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
