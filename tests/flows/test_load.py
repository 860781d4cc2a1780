from __future__ import annotations

import json

import pytest

from engine.flows.model import (
    Entry,
    EntryPolicy,
    Goal,
    Node,
    Purpose,
    from_definition,
)
from engine.flows.problems import Code, FlowRefused
from engine.flows.triggers import EventTrigger
from tests.flows.reading import load, refused, with_steps

WELCOME = """
flow: welcome
subject: contact
purpose: marketing            # marketing | service
trigger: {on: event, event: Signed Up, when: {"==": [{"var": "contact.country"}, "SG"]}}
entry: once
exit_when: {"==": [{"var": "contact.lifecycle_stage"}, "customer"]}
goal: {event: Order Completed, within: P30D}
holdout: 5
steps:
  hello:    {do: send_message, template: welcome, next: settle}
  settle:   {do: wait, for: P3D, next: opened}
  opened:
    do: branch
    cases: [{when: {"done": ["Message Opened", ">=", 1, ["in_last", 3, "days"]]}, next: offer}]
    else: nudge
  offer:    {do: send_message, template: offer, exits: {undeliverable: call}, next: done}
  nudge:
    {do: wait_for, event: Visited Pricing, timeout: P5D, exits: {happened: offer, timed_out: done}}
  call:     {do: create_task, title: "Call {{ contact.first_name }}", due: P1D, next: done}
  done:     {do: exit}
"""


def test_a_flow_file_becomes_a_flow() -> None:
    flow = load(WELCOME)
    assert (flow.name, flow.label, flow.purpose) == ("welcome", "Welcome", Purpose.MARKETING)
    assert flow.trigger == EventTrigger(
        event="Signed Up", when={"==": [{"var": "contact.country"}, "SG"]}
    )
    assert flow.entry == Entry(EntryPolicy.ONCE)
    assert flow.goal == Goal("Order Completed", "P30D")
    assert flow.holdout_percent == 5
    assert flow.first == "hello"
    assert list(flow.nodes) == ["hello", "settle", "opened", "offer", "nudge", "call", "done"]


def test_next_stands_for_every_exit_that_is_not_named() -> None:
    offer = load(WELCOME).nodes["offer"]
    assert offer == Node(
        "offer",
        "send_message",
        {"template": "offer"},
        {"sent": "done", "undeliverable": "call", "withheld": "done"},
    )


def test_cases_become_exits() -> None:
    assert load(WELCOME).nodes["opened"].exits == {"case_1": "offer", "else": "nudge"}


def test_a_flow_survives_its_stored_form() -> None:
    flow = load(WELCOME)
    stored = json.loads(json.dumps(flow.definition()))
    assert from_definition(stored) == flow
    assert from_definition(stored).hash() == flow.hash()


def test_a_definition_from_before_consent_notes_is_still_read() -> None:
    stored = load(WELCOME).definition()
    del stored["consent_note"]
    assert from_definition(stored).consent_note is None


@pytest.mark.parametrize(
    ("written", "entry"),
    [
        ("once", Entry(EntryPolicy.ONCE)),
        ("after_exit", Entry(EntryPolicy.AFTER_EXIT)),
        ("always", Entry(EntryPolicy.ALWAYS)),
        ("{once_per: order_id}", Entry(EntryPolicy.ONCE_PER, "order_id")),
        ("{every: P30D}", Entry(EntryPolicy.EVERY, "P30D")),
    ],
)
def test_entry_policies(written: str, entry: Entry) -> None:
    assert load(WELCOME.replace("entry: once", f"entry: {written}")).entry == entry


def test_the_first_step_may_be_named() -> None:
    text = with_steps(
        "done: {do: exit}\npause: {do: wait, for: 1d, next: done}", head="first: pause"
    )
    assert load(text).first == "pause"


def test_comments_and_spacing_do_not_change_the_hash() -> None:
    spaced = WELCOME.replace("purpose: marketing  ", "purpose:   marketing").replace(
        "entry: once", "# a note\nentry: once"
    )
    assert spaced != WELCOME
    assert load(spaced).hash() == load(WELCOME).hash()


def test_a_segment_needs_its_rule_and_takes_no_event() -> None:
    rule = "{more_than_ago: [{max: [{var: orders}, {var: placed_at}]}, 90, days]}"
    text = with_steps("done: {do: exit}").replace("{on: manual}", f"{{on: segment, when: {rule}}}")
    assert load(text).trigger.on == "segment"
    event_rule = text.replace(rule, '{"==": [{var: event.name}, x]}')
    assert [problem.code for problem in refused(event_rule)] == [Code.BAD_RULE]


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = with_steps("a: {do: wait, for: 3 day, next: b}\nb: {do: exits}", head="purpse: x")
    problems = refused(text, "trial.yaml")
    assert [problem.code for problem in problems] == [
        Code.UNKNOWN_KEY,
        Code.BAD_SPAN,
        Code.UNKNOWN_STEP,
    ]
    assert [problem.line for problem in problems] == [4, 6, 7]
    assert problems[0].place == "trial.yaml:4:1"


def test_the_refusal_reads_like_a_list_of_places() -> None:
    with pytest.raises(FlowRefused) as caught:
        load(with_steps("a: {do: wait, for: 3 day, next: a}"), "win_back.yaml")
    assert caught.value.code == "flow_refused"
    assert caught.value.problems[0].code == "bad_span"
    assert str(caught.value).startswith(
        "The flow in win_back.yaml has a mistake.\n"
        '  win_back.yaml:6:22: step "a": "for": "3 day" is not a length of time; write a duration'
    )


def test_a_wrong_target_is_said_once_even_if_it_stands_for_three_exits() -> None:
    problems = refused(with_steps("a: {do: send_message, template: offer, next: b}"))
    assert [problem.code for problem in problems] == [Code.UNKNOWN_NODE]


def test_names_that_leave_the_folder_are_refused() -> None:
    text = with_steps('a: {do: send_message, template: "../../secrets", next: a}')
    assert [problem.code for problem in refused(text)] == [Code.BAD_NAME]
