"""Plans as files: proposed, edited, read back, refused whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from engine.flows.migration import (
    EXIT,
    LEAVE,
    RESTART,
    STAY,
    Answer,
    Deed,
    Fit,
    MovePlan,
    Pair,
    Why,
    dump_plan,
    plan_problems,
    propose,
    read_plan,
)
from engine.flows.model import Flow
from engine.flows.problems import Code, FlowRefused, Severity
from tests.flows.test_dump import flows
from tests.versions.editions import NEW, OLD, edition


def pair(old: str = OLD, new: str = NEW) -> Pair:
    return Pair(edition(old), edition(new))


def proposed(old: str = OLD, new: str = NEW) -> dict[str, tuple[Answer, Why]]:
    return {one.node: (one.answer, one.why) for one in propose(pair(old, new))}


def test_the_proposal_surprises_nobody() -> None:
    assert proposed() == {
        "hello": (STAY, Why.UNCHANGED),
        "settle": (STAY, Why.SETTINGS),
        "look": (Answer(Deed.TO, "watch"), Why.RENAMED),
        "offer": (STAY, Why.SETTINGS),
        "done": (STAY, Why.UNCHANGED),
    }


def test_a_node_that_went_or_does_something_else_is_left_on_the_old_version() -> None:
    new = NEW.replace("settle: {do: wait, for: 5d,", "settle: {do: create_task, title: Call,")
    new = new.replace("event: Visited", "event: Called")
    found = proposed(new=new)
    assert found["settle"] == (LEAVE, Why.KIND)
    assert found["look"] == (LEAVE, Why.REMOVED)


SWAPPED = """
settle: {do: wait, for: 3d, next: hello}
hello:  {do: send_message, template: welcome, next: look}
look:   {do: wait_for, event: Visited, timeout: 5d, exits: {happened: offer, timed_out: done}}
offer:  {do: send_message, template: offer, next: done}
done:   {do: exit}
"""


def test_who_would_get_a_message_again_is_left_on_the_old_version() -> None:
    [settle] = [one for one in propose(pair(new=SWAPPED)) if one.node == "settle"]
    assert (settle.answer, settle.why, settle.again) == (LEAVE, Why.AGAIN, ("hello",))
    assert proposed(new=SWAPPED)["look"] == (STAY, Why.UNCHANGED)


def test_a_way_back_that_was_there_before_is_no_repetition() -> None:
    loop = OLD.replace("next: done", "next: settle")
    assert {why for _, why in proposed(loop, loop).values()} == {Why.UNCHANGED}


def test_the_file_is_read_back_to_the_proposal() -> None:
    proposals = propose(pair())
    text = dump_plan("welcome", 1, 2, proposals, {"settle": 12})
    assert "  settle: stay  # 12 here; changed settings" in text
    plan, _ = read_plan(text, file="plan.yaml")
    assert plan == MovePlan("welcome", 1, 2, {one.node: one.answer for one in proposals})


@given(flows(), flows())
@settings(max_examples=60, deadline=None)
def test_any_proposal_is_written_read_and_accepted(one: Flow, other: Flow) -> None:
    proposals = propose(Pair(one, other))
    everybody = dict.fromkeys(one.nodes, 1)
    plan, _ = read_plan(dump_plan(one.name, 1, 2, proposals, everybody), file="plan.yaml")
    assert plan.answers == {p.node: p.answer for p in proposals}
    assert plan_problems(plan, Pair(one, other), everybody) == []


ALL = """\
flow: welcome
from: 1
to: 2
nodes:
  hello: stay
  settle: {to: watch}
  look: exit
  offer: restart
  done: leave
"""


def test_every_answer_can_be_written() -> None:
    plan, _ = read_plan(ALL, file="plan.yaml")
    assert plan.answers == {
        "hello": STAY,
        "settle": Answer(Deed.TO, "watch"),
        "look": EXIT,
        "offer": RESTART,
        "done": LEAVE,
    }


@pytest.mark.parametrize(
    ("wrong", "right", "place", "code"),
    [
        ("look: exit", "look: gone", "plan.yaml:7:9", Code.BAD_CHOICE),
        ("look: exit", "look: {to: watch, at: 3}", "plan.yaml:7:3", Code.BAD_CHOICE),
        ("from: 1", "from: one", "plan.yaml:2:7", Code.BAD_VALUE),
        ("to: 2", "to: 1", "plan.yaml:3:5", Code.BAD_VALUE),
        ("to: 2", "two: 2", "plan.yaml:3:1", Code.UNKNOWN_KEY),
        ("flow: welcome", "flow: Wel Come", "plan.yaml:1:7", Code.BAD_NAME),
        ("  hello: stay", "  hello: stay\n  hello: exit", "plan.yaml:6:3", Code.DUPLICATE_KEY),
    ],
)
def test_a_mistake_is_told_with_its_line(wrong: str, right: str, place: str, code: Code) -> None:
    with pytest.raises(FlowRefused) as refused:
        read_plan(ALL.replace(wrong, right, 1), file="plan.yaml")
    assert (place, code) in [(p.place, p.code) for p in refused.value.flow_problems]


def test_all_mistakes_of_a_plan_are_told_at_once() -> None:
    answers = {
        "settle": Answer(Deed.TO, "wach"),
        "look": STAY,
        "nowhere": EXIT,
        "offer": LEAVE,
    }
    plan = MovePlan("welcome", 1, 2, answers)
    found = plan_problems(plan, pair(), {"hello": 3, "settle": 1, "done": 0})
    assert [(p.code, p.pointer, p.detail) for p in found] == [
        (Code.MISSING_KEY, "/nodes", "hello"),
        (Code.UNKNOWN_NODE, "/nodes/settle/to", None),
        (Code.UNKNOWN_NODE, "/nodes/look", None),
        (Code.UNKNOWN_NODE, "/nodes/nowhere", None),
    ]
    assert 'did you mean "watch"' in found[1].message


def test_what_would_be_done_twice_is_a_warning() -> None:
    plan = MovePlan("welcome", 1, 2, {"look": RESTART, "settle": RESTART})
    found = plan_problems(plan, pair(), {"look": 4})
    assert [(p.code, p.severity, p.pointer) for p in found] == [
        (Code.DONE_AGAIN, Severity.WARNING, "/nodes/look")
    ]


def test_how_a_place_fits_is_known() -> None:
    both = pair()
    assert both.fit("hello", STAY) is Fit.SAME
    assert both.fit("settle", STAY) is Fit.RECOMPUTED
    assert both.fit("look", Answer(Deed.TO, "watch")) is Fit.SAME
    assert both.fit("look", Answer(Deed.TO, "settle")) is Fit.ENTERED
    assert both.fit("hello", RESTART) is Fit.ENTERED
