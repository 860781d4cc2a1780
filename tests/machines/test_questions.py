"""What only our own records can tell: the pass stops at the question and goes on by the answer."""

from __future__ import annotations

from typing import Any

from engine.machines.journey import Decided
from engine.steps.questions import EnterFlow, Verdict
from tests.machines.flows_for_tests import Journey, flow_of, plan_of

ASKING: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "ask": ("start_flow", {"flow": "other"}, {"started": "look", "refused": "done"}),
    "look": (
        "branch",
        {"cases": [{"when": {"==": [{"var": "contact.country"}, "SG"]}}]},
        {"case_1": "done", "else": "done"},
    ),
    "done": ("exit", {}, {}),
}


def asked() -> Journey:
    return Journey(plan_of(flow_of(ASKING)))


def test_the_pass_stops_at_the_question_and_nothing_else_is_awaited() -> None:
    journey = asked()
    passage = journey.enter()
    assert passage.question == EnterFlow("other")
    standing = passage.standing
    assert (standing.node, standing.state, standing.due_at, standing.listens) == (
        "ask",
        "active",
        None,
        (),
    )
    assert [entry["what"] for entry in passage.entries] == ["entered"]


def test_the_answer_is_the_exit_and_the_next_step_reads_new_facts() -> None:
    journey = asked()
    journey.enter()
    passage = journey.tell(Decided(Verdict("started", {"run_id": 7})))
    assert passage.standing.node == "look"
    assert passage.standing.arriving
    assert passage.standing.due_at == journey.now
    (moved,) = passage.entries
    assert (moved["exit"], moved["to"], moved["why"]) == ("started", "look", {"run_id": 7})
    journey.wait_until_due()
    assert journey.standing.state == "ended"


def test_the_exit_rule_waits_until_the_facts_are_new() -> None:
    flow = flow_of(ASKING, exit_when={"==": [{"var": "contact.country"}, "MY"]})
    journey = Journey(plan_of(flow))
    journey.enter()
    journey.facts = {"contact": {"country": "MY"}}
    assert journey.tell(Decided(Verdict("refused"))).standing.node == "done"
    assert journey.wait_until_due().standing.outcome == "exit_rule"


def test_an_answer_that_leads_nowhere_holds_the_run() -> None:
    journey = asked()
    journey.enter()
    passage = journey.tell(Decided(Verdict("perhaps")))
    assert (passage.standing.state, passage.standing.outcome) == ("held", "exit_leads_nowhere")
