"""What a call takes from elsewhere, how patient it is, and whom it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.effects import CALL_WEBHOOK, Outcome, Receipt, manner_of
from engine.flows.problems import Code, SettingsRefused
from engine.steps import CallWebhook
from engine.steps.moves import Hold, Leave, Perform
from tests.flows.reading import check, load
from tests.steps.standing import CATALOGUE, standing

URL = "https://hooks.example.com/orders"
FLOW = """
flow: chain
subject: contact
purpose: service
trigger: {on: event, event: Deal Won}
entry: once
steps:
  one:  {do: call_webhook, url: "https://e.example.com/", remember: {number: id}, next: two}
  two:  {do: call_webhook, url: "https://e.example.com/", take: {a: SOURCE}, next: done}
  done: {do: exit}
"""


def made(**settings: Any) -> CallWebhook:
    return CallWebhook.read({"url": URL, **settings})


def test_what_is_taken_goes_with_the_ask_and_nothing_is_sent_as_usual() -> None:
    taken = {"deal.id": "event.deal_id", "customer": "answer.one.number"}
    step = made(take=taken, remember={"number": "id"}, retry="patient", hold_wrong_data=True)
    move = step.enter(standing(step))
    assert isinstance(move, Perform)
    assert move.ask["take"] == taken
    assert move.ask["said"] == {"body": {}}
    assert (move.ask["usual"], move.ask["retry"]) == (False, "patient")


def test_a_call_that_says_nothing_of_it_asks_as_before() -> None:
    step = made()
    move = step.enter(standing(step)._replace(formulas=step.formulas(CATALOGUE)))
    assert isinstance(move, Perform)
    assert move.ask.keys() == {"url", "method", "said", "usual"}


@pytest.mark.parametrize(
    "settings",
    [
        {"take": {"a": "weather.today"}},
        {"take": {"a": "answer.one"}},
        {"take": {"a": 7}},
        {"take": {"a..b": "event.x"}},
        {"take": {"a": "event.x", "a.b": "event.y"}},
        {"take": {"a": "event.x"}, "body": {"a": 1}},
        {"take": {"a.b": "event.x"}, "body": {"a": 1}},
        {"take": {"a": "event.x"}, "method": "GET"},
        {"remember": {"No": "id"}},
        {"remember": {"no": "..".join("ab")}},
        {"retry": "sometimes"},
        {"explain": "a..b"},
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused):
        made(**settings)


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ("answer.one.number", []),
        ("deal.amount", []),
        ("account.name", []),
        ("event.anything.at_all", []),
        ("answer.one.nothing", [Code.BAD_VALUE]),
        ("answer.nobody.number", [Code.UNKNOWN_NODE]),
    ],
)
def test_the_flow_s_check_knows_who_remembers_what(source: str, codes: list[Code]) -> None:
    assert [one.code for one in check(load(FLOW.replace("SOURCE", source)))] == codes


def test_a_fact_nobody_knows_is_refused() -> None:
    found = CallWebhook.catalogue_problems({"take": {"a": "deal.colour"}}, CATALOGUE)
    assert [(one.path, one.code) for one in found] == [(("take", "a"), Code.UNKNOWN_FIELD)]


def test_wrong_data_holds_with_what_was_said_of_it() -> None:
    step = made(hold_wrong_data=True)
    details = {"message": "It found the data wrong (422): no amount.", "status": 422}
    move = step.answered(standing(step), Receipt(Outcome.CANNOT, "http_422", details=details))
    assert isinstance(move, Hold)
    assert move.code == "call_found_wrong"
    assert "no amount" in move.message
    left = step.answered(standing(step), Receipt(Outcome.REFUSED, "http_409"))
    assert isinstance(left, Leave)
    assert left.by == "refused"


def test_each_manner_is_as_patient_as_its_name() -> None:
    assert manner_of("call_webhook", {}) is CALL_WEBHOOK
    once, quick, patient = (
        manner_of("call_webhook", {"retry": one}) for one in ("once", "quick", "patient")
    )
    assert once.fewest_tries == 0
    assert quick.give_up_after == timedelta(minutes=2)
    assert patient.give_up_after > CALL_WEBHOOK.give_up_after
