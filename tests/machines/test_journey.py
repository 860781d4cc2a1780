"""The journey machine: what a run does when something happens to it."""

from __future__ import annotations

from datetime import timedelta

from engine.effects import Outcome
from engine.machines.journey import Due, Entered, travel
from tests.machines.flows_for_tests import MONDAY, Journey, flow_of, nurture_flow, plan_of


def test_a_new_run_asks_for_its_first_message_and_waits_for_the_answer() -> None:
    ada = Journey(plan_of(nurture_flow()))
    passage = ada.enter()
    assert passage.asked is not None
    assert (passage.asked.node, passage.asked.visit) == ("hello", 1)
    assert ada.standing.due_at is None
    assert [entry["what"] for entry in passage.entries] == ["entered", "asked"]


def test_the_answer_takes_the_run_to_its_wait() -> None:
    ada = Journey(plan_of(nurture_flow()))
    ada.enter()
    ada.answer()
    assert ada.standing.node == "pause"
    assert ada.standing.due_at == MONDAY + timedelta(days=3)


def test_a_branch_goes_by_the_facts_of_the_moment_and_says_why() -> None:
    ada = Journey(plan_of(nurture_flow()))
    ada.enter()
    ada.answer()
    passage = ada.wait_until_due()
    assert ada.standing.node == "offer"
    moved = [entry for entry in passage.entries if entry.get("exit") == "case_1"]
    assert moved[0]["why"]["cases"][0]["held"] is True


def test_whoever_the_rule_does_not_fit_goes_the_other_way() -> None:
    ada = Journey(plan_of(nurture_flow()), facts={"contact": {"country": "DE"}})
    ada.enter()
    ada.answer()
    passage = ada.wait_until_due()
    assert [change[0] for change in passage.changes] == ["call"]


def test_after_a_change_the_run_stops_so_that_rules_read_the_changed_record() -> None:
    ada = Journey(plan_of(nurture_flow()), facts={"contact": {"country": "DE"}})
    ada.enter()
    ada.answer()
    ada.wait_until_due()
    assert ada.standing.node == "done"
    assert ada.standing.arriving
    assert ada.standing.due_at == ada.now
    ada.wait_until_due()
    assert ada.standing.state == "ended"


def test_a_reached_exit_rule_stops_the_second_mail() -> None:
    customer = {"==": [{"var": "contact.lifecycle_stage"}, "customer"]}
    ada = Journey(plan_of(nurture_flow(exit_when=customer)))
    ada.enter()
    ada.answer()
    ada.facts = {"contact": {"country": "SG", "lifecycle_stage": "customer"}}
    ada.wait_until_due()
    assert (ada.standing.state, ada.standing.outcome) == ("ended", "exit_rule")
    assert ada.asks() == [("hello", 1)]


def test_an_undeliverable_message_leaves_by_its_own_exit() -> None:
    ada = Journey(plan_of(nurture_flow()))
    ada.enter()
    passage = ada.answer(Outcome.REFUSED)
    assert [change[0] for change in passage.changes] == ["call"]


def test_a_maybe_sent_message_is_not_sent_again() -> None:
    ada = Journey(plan_of(nurture_flow()))
    ada.enter()
    ada.answer(Outcome.MAYBE_DONE)
    assert ada.standing.node == "pause"
    assert ada.asks() == [("hello", 1)]


def test_an_ask_that_cannot_be_done_holds_the_run() -> None:
    ada = Journey(plan_of(nurture_flow()))
    ada.enter()
    passage = ada.answer(Outcome.CANNOT)
    assert ada.standing.state == "held"
    assert passage.entries[-1]["what"] == "held"


def test_an_ended_or_held_run_stays_as_it_is() -> None:
    plan = plan_of(nurture_flow())
    for state in ("ended", "held"):
        standing = Journey(plan).standing._replace(state=state)
        for happening in (Due(), Entered()):
            passage = travel(plan, standing, happening, {}, subject_id=1, now=MONDAY, zone="UTC")
            assert passage.standing == standing
            assert not passage.entries


def test_each_turn_of_a_loop_is_a_visit_of_its_own() -> None:
    again = dict.fromkeys(("sent", "undeliverable", "withheld"), "pause")
    plan = plan_of(
        flow_of(
            {
                "mail": ("send_message", {"template": "welcome"}, again),
                "pause": ("wait", {"for": "P1D"}, {"passed": "mail"}),
            }
        )
    )
    ada = Journey(plan)
    ada.enter()
    for _ in range(3):
        ada.answer()
        ada.wait_until_due()
    assert ada.asks() == [("mail", 1), ("mail", 2), ("mail", 3), ("mail", 4)]


def test_a_loop_without_a_wait_is_held_instead_of_turning_for_ever() -> None:
    always = {"cases": [{"when": {"is_set": [{"var": "contact.country"}]}}]}
    plan = plan_of(
        flow_of(
            {
                "a": ("branch", always, {"case_1": "b", "else": "b"}),
                "b": ("branch", always, {"case_1": "a", "else": "a"}),
            }
        )
    )
    ada = Journey(plan)
    ada.enter()
    assert (ada.standing.state, ada.standing.outcome) == ("held", "loop_without_wait")


def test_entering_and_leaving_of_every_node_is_counted() -> None:
    ada = Journey(plan_of(nurture_flow()))
    ada.enter()
    ada.answer()
    ada.wait_until_due()
    ada.answer()
    counted = [count for passage in ada.passages for count in passage.counts]
    assert counted == [
        ("hello", ""),
        ("hello", "sent"),
        ("pause", ""),
        ("pause", "passed"),
        ("where", ""),
        ("where", "case_1"),
        ("offer", ""),
        ("offer", "sent"),
        ("done", ""),
        ("done", "(done)"),
    ]
