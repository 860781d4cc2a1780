from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.effects import ESCALATE, Outcome, Receipt
from engine.flows.problems import SettingsRefused
from engine.steps import Escalate
from engine.steps.moves import Hold, Leave, Perform, Wait
from tests.steps.standing import ADA, FRIDAY, standing

LEVELS = [{"to": "owner"}, {"to": "manager", "after": "PT4H"}, {"to": "ben@example.com"}]
RAISE = Escalate.read({"title": "Call {{ contact.first_name }}", "levels": LEVELS, "timeout": "1d"})
OPENED = Receipt(Outcome.DONE, details={"case": 3})


def test_a_case_is_opened_with_the_levels_and_waited_for() -> None:
    move = RAISE.enter(standing(RAISE))
    assert isinstance(move, Perform)
    assert move.effect is ESCALATE
    assert move.ask == {
        "levels": [
            {"to": "owner"},
            {"to": "manager", "after": "PT4H"},
            {"to": "ben@example.com"},
        ],
        "timeout": "1d",
        "said": {"title": "Call Ada", "body": ""},
    }
    waiting = RAISE.answered(standing(RAISE), OPENED)
    assert waiting == Wait(None, (), {"case": 3}, {"case": 3})


def test_a_policy_is_named_instead_of_levels() -> None:
    step = Escalate.read({"title": "x", "policy": "sla"})
    move = step.enter(standing(step))
    assert isinstance(move, Perform)
    assert move.ask == {"policy": "sla", "said": {"title": "x", "body": ""}}
    assert [(one.kind, one.name) for one in step.mentions()] == [("escalation_policy", "sla")]
    assert step.shortest_stay("exhausted") == timedelta()
    assert step.summary().en == "by sla"


@pytest.mark.parametrize("reason", ["acknowledged", "exhausted"])
def test_however_the_case_ends_is_the_way_out(reason: str) -> None:
    for memo in ({}, {"case": 3}, {"case": 1, "next": 2, "since": FRIDAY.isoformat()}):
        receipt = Receipt(Outcome.DONE, reason, details={"case": 3, "by": 9})
        move = RAISE.answered(standing(RAISE, memo=memo), receipt)
        assert isinstance(move, Leave)
        assert (move.by, move.why) == (reason, {"case": 3, "by": 9})


def test_a_case_that_is_gone_is_one_that_nobody_took_up() -> None:
    move = RAISE.answered(standing(RAISE), Receipt(Outcome.GAVE_UP, "case_is_gone"))
    assert isinstance(move, Leave)
    assert (move.by, move.why) == ("exhausted", {"reason": "case_is_gone"})


def test_a_policy_that_is_not_there_holds_the_run() -> None:
    receipt = Receipt(Outcome.CANNOT, "refused", details={"message": "No policy x."})
    move = RAISE.answered(standing(RAISE), receipt)
    assert isinstance(move, Hold)
    assert "No policy x." in move.message


def test_a_case_may_be_about_the_ticket_of_the_event() -> None:
    for more in ({"policy": "sla"}, {"levels": LEVELS}):
        step = Escalate.read({"title": "x", "about": "ticket", **more})
        move = step.enter(standing(step))
        assert isinstance(move, Perform)
        assert move.ask["about"] == "ticket"


def from_before(next_level: int, **more: Any) -> dict[str, Any]:
    return {"case": 1, "next": next_level, "since": FRIDAY.isoformat(), **more}


def test_a_run_from_before_waits_for_its_case() -> None:
    memo = from_before(2, asked=True, told=True)
    move = RAISE.time_came(standing(RAISE, memo=memo))
    assert move == Wait(None, (), memo)


def test_a_run_from_before_that_told_nobody_yet_opens_its_case() -> None:
    move = RAISE.time_came(standing(RAISE, memo=from_before(0)))
    assert isinstance(move, Perform)
    assert move.again
    assert move.ask["levels"] == LEVELS
    # the time before this level is over: it is not waited for again
    move = RAISE.time_came(standing(RAISE, memo=from_before(1, asked=True)))
    assert isinstance(move, Perform)
    assert move.ask["levels"] == [{"to": "manager"}, {"to": "ben@example.com"}]
    assert (move.ask["timeout"], move.memo) == ("1d", {})


def test_a_run_from_before_past_levels_without_anybody_leaves() -> None:
    move = RAISE.time_came(standing(RAISE, memo=from_before(3, asked=True)))
    assert isinstance(move, Leave)
    assert (move.by, move.why["reason"]) == ("exhausted", "nobody")


def test_a_text_that_cannot_be_written_holds_the_run() -> None:
    assert isinstance(RAISE.enter(standing(RAISE, contact={**ADA, "first_name": None})), Hold)


@pytest.mark.parametrize(
    "settings",
    [
        {"title": "x"},
        {"title": "x", "policy": "Sla!"},
        {"title": "x", "policy": "sla", "about": "deal"},
        {"title": "x", "policy": "sla", "levels": [{"to": "owner"}]},
        {"title": "x", "levels": []},
        {"title": "x", "levels": [{"to": "owner"}] * 11},
        {"title": "x", "levels": [{"to": "somebody"}]},
        {"title": "x", "levels": [{"to": "owner", "after": "later"}]},
        {"title": "x", "levels": [{"after": "4h"}]},
        {"levels": [{"to": "owner"}]},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused):
        Escalate.read(settings)


def test_its_stay_and_its_words_for_the_canvas() -> None:
    # the four hours pass only when somebody was told before
    assert RAISE.shortest_stay("exhausted") == timedelta(days=1)
    assert RAISE.shortest_stay("acknowledged") == timedelta()
    assert RAISE.summary().en == "3 levels, then 1 day"
    assert RAISE.summary().zh == "3 级，之后等待 1 天"
