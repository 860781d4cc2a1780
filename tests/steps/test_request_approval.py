from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.effects import REQUEST_APPROVAL, Outcome, Receipt
from engine.flows.problems import SettingsRefused
from engine.steps import RequestApproval
from engine.steps.moves import Hold, Leave, Move, Perform, Wait
from tests.steps.standing import ADA, FRIDAY, standing

ASK = RequestApproval.read({"title": "20% for {{ contact.first_name }}", "timeout": "2d"})
DEADLINE = FRIDAY + timedelta(days=2)
MEMO = {"deadline": DEADLINE.isoformat()}
MADE = Receipt(Outcome.DONE, details={"request": 7, "told": 1})


def answered(receipt: Receipt, **place: Any) -> Move:
    return ASK.answered(standing(ASK, memo=MEMO, **place), receipt)


def test_the_clock_begins_when_the_run_comes_here() -> None:
    move = ASK.enter(standing(ASK))
    assert isinstance(move, Perform)
    assert move.effect is REQUEST_APPROVAL
    assert move.memo == MEMO
    said = {"title": "20% for Ada", "body": ""}
    assert move.ask == {"to": "manager", "deadline": DEADLINE.isoformat(), "said": said}


def test_once_the_request_is_made_the_run_waits_for_the_decision() -> None:
    move = answered(MADE, now=FRIDAY + timedelta(minutes=5))
    assert isinstance(move, Wait)
    assert (move.until, dict(move.memo)) == (DEADLINE, MEMO)
    assert move.why["request"] == 7


@pytest.mark.parametrize("outcome", [Outcome.MAYBE_DONE, Outcome.GAVE_UP, Outcome.REFUSED])
def test_a_mail_that_did_not_arrive_changes_nothing_about_the_wait(outcome: Outcome) -> None:
    assert isinstance(answered(Receipt(outcome, "mailbox_full")), Wait)


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_a_decision_is_a_way_out_also_when_it_overtakes_the_mail(decision: str) -> None:
    receipt = Receipt(Outcome.DONE, decision, details={"request": 7, "by": 3})
    for move in (answered(receipt), ASK.answered(standing(ASK), receipt)):
        assert isinstance(move, Leave)
        assert move.by == decision
        assert move.why == {"decision": decision, "request": 7, "by": 3}


def test_nobody_to_ask_waits_out_the_time_as_no_answer_does() -> None:
    nobody = answered(Receipt(Outcome.REFUSED, "nobody"))
    assert isinstance(nobody, Wait)
    assert (nobody.until, nobody.why["reason"]) == (DEADLINE, "nobody")
    late = ASK.time_came(standing(ASK, memo=nobody.memo, now=DEADLINE))
    silent = ASK.time_came(standing(ASK, memo=MEMO, now=DEADLINE))
    assert late == Leave("timed_out", {"until": DEADLINE.isoformat(), "reason": "nobody"})
    assert silent == Leave("timed_out", {"until": DEADLINE.isoformat()})


def test_without_a_memo_the_time_begins_anew() -> None:
    """A simulation answers without a world that keeps anything."""
    move = ASK.answered(standing(ASK), Receipt(Outcome.DONE))
    assert isinstance(move, Wait)
    assert move.until == DEADLINE


def test_a_text_that_cannot_be_written_holds_the_run() -> None:
    assert isinstance(ASK.enter(standing(ASK, contact={**ADA, "first_name": None})), Hold)


@pytest.mark.parametrize(
    "settings",
    [
        {"title": "x"},
        {"timeout": "2d"},
        {"title": "x", "timeout": "soon"},
        {"title": "x", "timeout": "2d", "approver": "owner"},
        {"title": "x", "timeout": "2d", "from": "somebody"},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused):
        RequestApproval.read(settings)


def test_its_stay_and_its_words_for_the_canvas() -> None:
    assert ASK.shortest_stay("timed_out") == timedelta(days=2)
    assert ASK.shortest_stay("approved") == timedelta()
    assert ASK.summary().en == "20% for {{ contact.first_name }}, at most 2 days"
