from __future__ import annotations

from typing import Any

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.steps import RecordEvent
from engine.steps.moves import Hold, Leave, TellEvent
from tests.steps.standing import CATALOGUE, standing


def at(step: RecordEvent, **contact: Any) -> Any:
    here = standing(step, contact=contact or {"score": 40})
    return step.enter(here._replace(formulas=step.formulas(CATALOGUE)))


def test_the_event_goes_with_the_move() -> None:
    step = RecordEvent.read(
        {
            "event": "Became Keen",
            "properties": {"level": 2, "note": None},
            "compute": {"points": {"+": [{"var": "contact.score"}, 1]}},
        }
    )
    move = at(step)
    assert isinstance(move, Leave)
    told = TellEvent("Became Keen", {"level": 2, "note": None, "points": 41})
    assert (move.by, move.changes) == ("done", (told,))
    assert move.why == {"event": "Became Keen", "properties": ["level", "note", "points"]}
    assert step.records_events() == ("Became Keen",)


def test_what_cannot_be_computed_holds_the_run() -> None:
    step = RecordEvent.read({"event": "x", "compute": {"a": {"/": [1, {"var": "contact.score"}]}}})
    move = at(step, score=0)
    assert isinstance(move, Hold)
    assert move.code == "cannot_compute"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"event": "Contact Updated"}, Code.BAD_VALUE),
        ({"event": "Segment Entered"}, Code.BAD_VALUE),
        ({"event": "Flow Ended"}, Code.BAD_VALUE),
        ({"event": "a\x1fb"}, Code.BAD_TEXT),
        ({"event": "x", "properties": {"caused_by": 1}}, Code.BAD_NAME),
        ({"event": "x", "properties": {"a": [1]}}, Code.BAD_VALUE),
        ({"event": "x", "properties": {"a": float("inf")}}, Code.BAD_VALUE),
        ({"event": "x", "properties": {"a": 2**60}}, Code.BAD_VALUE),
        ({"event": "x", "properties": {"a": 1}, "compute": {"a": 1}}, Code.BAD_VALUE),
    ],
)
def test_a_wrong_setting_is_refused(settings: dict[str, Any], code: Code) -> None:
    with pytest.raises(SettingsRefused) as caught:
        RecordEvent.read(settings)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_an_expression_over_an_unknown_fact_has_its_place() -> None:
    settings = {"event": "x", "compute": {"a": {"+": [{"var": "contact.scor"}, 1]}}}
    (problem,) = RecordEvent.catalogue_problems(settings, CATALOGUE)
    assert (problem.code, problem.path[:2]) == (Code.BAD_RULE, ("compute", "a"))
