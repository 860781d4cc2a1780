from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from engine.steps import WaitFor
from engine.steps.moves import Leave, Move, Wait
from tests.steps.standing import FRIDAY, standing

PLAIN = WaitFor.read({"event": "Visited Pricing", "timeout": "5d"})
BIG = WaitFor.read(
    {
        "event": "Order Completed",
        "when": {">=": [{"var": "event.properties.total"}, 100]},
        "timeout": "P5D",
    }
)
DEADLINE = FRIDAY + timedelta(days=5)


def came(step: WaitFor, at: datetime, properties: dict[str, Any] | None = None) -> Move:
    """The step's answer to its event, told a minute after it happened."""
    event = {"name": step.event, "occurred_at": at, "properties": properties or {}}
    now = at + timedelta(minutes=1)
    return step.happened(standing(step, now=now, event=event, memo=entered(step).memo))


def entered(step: WaitFor) -> Wait:
    move = step.enter(standing(step))
    assert isinstance(move, Wait)
    return move


def test_it_waits_for_its_event_and_no_longer_than_the_timeout() -> None:
    move = entered(PLAIN)
    assert move.until == DEADLINE
    assert move.listens == ("Visited Pricing",) == PLAIN.listens_to()


def test_the_event_leaves_by_happened() -> None:
    move = came(PLAIN, FRIDAY + timedelta(days=1))
    assert isinstance(move, Leave)
    assert move.by == "happened"
    assert move.why["event"] == "Visited Pricing"


def test_the_end_of_the_time_leaves_by_timed_out() -> None:
    move = PLAIN.time_came(standing(PLAIN, now=DEADLINE, memo=entered(PLAIN).memo))
    assert isinstance(move, Leave)
    assert move.by == "timed_out"


def test_an_event_the_rule_accepts_leaves_with_the_values_it_read() -> None:
    move = came(BIG, FRIDAY + timedelta(days=1), {"total": 250})
    assert isinstance(move, Leave)
    assert move.by == "happened"
    assert move.why["held"] is True
    assert move.why["rule"]["truth"] is True
    assert move.why["rule"]["read"][0]["value"] == 250


def test_an_event_the_rule_ignores_keeps_the_first_deadline() -> None:
    move = came(BIG, FRIDAY + timedelta(days=4), {"total": 20})
    assert isinstance(move, Wait)
    assert move.until == DEADLINE
    assert move.memo == entered(BIG).memo
    assert move.listens == ("Order Completed",)
    assert move.why["held"] is False


def test_an_event_after_the_deadline_is_too_late_even_if_nobody_looked_yet() -> None:
    move = came(PLAIN, DEADLINE)
    assert isinstance(move, Leave)
    assert move.by == "timed_out"


def test_an_event_before_the_deadline_is_in_time_even_if_we_hear_of_it_later() -> None:
    move = came(PLAIN, DEADLINE - timedelta(seconds=30))
    assert isinstance(move, Leave)
    assert move.by == "happened"


def test_its_rule_may_read_the_event() -> None:
    assert BIG.rule_reads_event("when")
    assert PLAIN.rules() == {}


def test_the_canvas_says_what_and_how_long() -> None:
    words = PLAIN.summary()
    assert words.en == "Visited Pricing, at most 5 days"
    assert words.zh == "Visited Pricing，最长 5 天"
