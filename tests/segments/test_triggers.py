"""The trigger over a saved segment, as people write it and as it is stored."""

from __future__ import annotations

import pytest

from engine.flows.check import check_flow
from engine.flows.dump import dump_flow
from engine.flows.load import load_flow
from engine.flows.model import Flow, from_definition
from engine.flows.problems import FlowRefused
from engine.flows.triggers import SegmentTrigger
from engine.rules import STATIC_LIST, Catalogue
from engine.steps import STEP_KINDS

CATALOGUE = Catalogue.standard().with_segments({"keen_people": True, "guests": STATIC_LIST})
TEXT = """
flow: hello
purpose: service
trigger: {on: segment, segment: keen_people}
steps:
  done: {do: exit}
"""


def read(text: str) -> Flow:
    return load_flow(text, file="hello.yaml", kinds=STEP_KINDS, catalogue=CATALOGUE)


@pytest.mark.parametrize(
    ("written", "move", "event"),
    [
        ("keen_people", "entered", "Segment Entered"),
        ("guests, when: entered", "entered", "Segment Entered"),
        ("keen_people, when: left", "left", "Segment Left"),
    ],
)
def test_a_saved_segment_starts_a_flow(written: str, move: str, event: str) -> None:
    flow = read(TEXT.replace("keen_people", written))
    trigger = flow.trigger
    assert isinstance(trigger, SegmentTrigger)
    assert (trigger.move, trigger.starts_on, trigger.own_rule) == (move, event, None)
    assert from_definition(flow.definition()) == flow
    assert read(dump_flow(flow, kinds=STEP_KINDS)).hash() == flow.hash()


def test_a_rule_of_its_own_is_stored_as_ever() -> None:
    trigger = SegmentTrigger(when=True)
    flow = read(TEXT.replace("segment: keen_people", "when: true"))
    assert flow.trigger == trigger
    assert trigger.starts_on is None
    assert flow.definition()["trigger"] == {"on": "segment", "event": None, "when": True}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("segment: kean_people", 'there is no segment "kean_people"; did you mean "keen_people"?'),
        ("segment: keen_people, when: never", '"when": cannot be "never"; possible'),
        ("segment: 7", '"segment": expects a text, not the number 7'),
    ],
)
def test_a_wrong_trigger_is_refused(wrong: str, problem: str) -> None:
    with pytest.raises(FlowRefused, match="has") as refused:
        read(TEXT.replace("segment: keen_people", wrong))
    assert problem in str(refused.value)


def test_a_segment_that_is_gone_is_found_before_publishing() -> None:
    flow = read(TEXT)
    found = check_flow(flow, kinds=STEP_KINDS, catalogue=Catalogue.standard())
    assert [(one.code, one.pointer) for one in found] == [("unknown_segment", "/trigger/segment")]
