from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.steps import CreateRecord
from engine.steps.moves import AddActivity, AddTicket, Decide, Hold, Leave, Move
from engine.steps.questions import MakeDeal, Verdict
from tests.steps.standing import CATALOGUE, FRIDAY, standing


def enter(settings: dict[str, Any], **contact: Any) -> Move:
    step = CreateRecord.read(settings)
    here = standing(step, contact={"first_name": "Ada", "score": 40, **contact})
    return step.enter(here._replace(formulas=step.formulas(CATALOGUE)))


def test_a_deal_is_asked_for_with_its_amount_in_the_smallest_unit() -> None:
    move = enter(
        {
            "record": "deal",
            "title": "Deal with {{ contact.first_name }}",
            "pipeline": "sales",
            "amount": 49.905,
            "currency": "EUR",
            "closes_in": "2d",
        }
    )
    assert move == Decide(
        MakeDeal("Deal with Ada", "sales", None, 4990, "EUR", "2026-03-08", "owner")
    )


@pytest.mark.parametrize(("currency", "minor"), [("USD", 4200), ("JPY", 42), ("BHD", 42000)])
def test_a_computed_amount_fits_its_currency(currency: str, minor: int) -> None:
    amount = {"+": [{"var": "contact.score"}, 2]}
    move = enter({"record": "deal", "title": "x", "amount": amount, "currency": currency})
    assert isinstance(move, Decide)
    assert isinstance(move.question, MakeDeal)
    assert move.question.amount_minor == minor


@pytest.mark.parametrize("value", ["text", -1, 1e300])
def test_an_amount_that_is_none_holds_the_run(value: Any) -> None:
    amount = {"var": "contact.score"}
    move = enter({"record": "deal", "title": "x", "amount": amount, "currency": "USD"}, score=value)
    assert isinstance(move, Hold)
    assert move.code == "cannot_compute"


def test_without_a_stage_to_begin_on_the_run_is_held() -> None:
    step = CreateRecord.read({"record": "deal", "title": "x"})
    held = step.decided(standing(step), Verdict("no_stage"))
    assert isinstance(held, Hold)
    assert held.code == "no_stage"
    assert step.decided(standing(step), Verdict("done")) == Leave("done", {}, afresh=True)


def test_a_ticket_and_a_call_go_with_the_move() -> None:
    ticket = enter({"record": "ticket", "title": "Hello {{ contact.first_name }}"})
    assert isinstance(ticket, Leave)
    assert ticket.changes == (AddTicket("Hello Ada", "normal", "owner"),)
    call = enter(
        {
            "record": "call",
            "title": "Call",
            "body": "Soon",
            "due": "1d",
            "assign": {"to": "ben@example.com"},
        }
    )
    assert isinstance(call, Leave)
    due = FRIDAY + timedelta(days=1)
    assert call.changes == (AddActivity("call", "Call", "Soon", due, "ben@example.com"),)


def test_a_text_that_cannot_be_written_holds_the_run() -> None:
    move = enter({"record": "note", "title": "{{ contact.city }}"}, city=None)
    assert isinstance(move, Hold)
    assert move.code == "record_text_failed"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"record": "order"}, Code.BAD_CHOICE),
        ({"record": "deal", "body": "x"}, Code.BAD_VALUE),
        ({"record": "note", "due": "1d"}, Code.BAD_VALUE),
        ({"record": "call", "stage": "won"}, Code.BAD_VALUE),
        ({"record": "ticket", "priority": "huge"}, Code.BAD_CHOICE),
        ({"record": "deal", "amount": 5}, Code.MISSING_KEY),
        ({"record": "deal", "currency": "USD"}, Code.MISSING_KEY),
        ({"record": "deal", "amount": "5", "currency": "USD"}, Code.WRONG_TYPE),
        ({"record": "deal", "amount": -5, "currency": "USD"}, Code.BAD_VALUE),
        ({"record": "deal", "amount": 5, "currency": "XXL"}, Code.BAD_VALUE),
    ],
)
def test_a_wrong_setting_is_refused(settings: dict[str, Any], code: Code) -> None:
    with pytest.raises(SettingsRefused) as caught:
        CreateRecord.read({"title": "x", **settings})
    assert [problem.code for problem in caught.value.problems] == [code]


def test_unknown_facts_are_found_in_texts_and_amounts() -> None:
    settings = {
        "title": "{{ contact.nme }}",
        "amount": {"var": "contact.scor"},
    }
    found = CreateRecord.catalogue_problems(settings, CATALOGUE)
    assert [(one.code, one.path[0]) for one in found] == [
        (Code.BAD_TEMPLATE, "title"),
        (Code.BAD_RULE, "amount"),
    ]


def test_the_canvas_says_what() -> None:
    step = CreateRecord.read({"record": "deal", "title": "Renewal", "stage": "lead"})
    assert step.summary().en == "deal: Renewal"
    assert step.summary().zh == "商机：Renewal"
    assert [one.name for one in step.mentions()] == ["lead"]
