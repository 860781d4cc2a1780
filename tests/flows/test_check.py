from __future__ import annotations

from dataclasses import replace

import pytest

from engine.flows.load import read_flow
from engine.flows.model import Node
from engine.flows.problems import Code, Severity
from engine.steps import STEP_KINDS
from tests.flows.reading import CATALOGUE, check, load, with_steps

PAUSE = "pause: {do: wait, for: 1d, next: done}\ndone: {do: exit}"


def codes(steps: str, **more: str) -> list[Code]:
    return [problem.code for problem in check(load(with_steps(steps, **more)))]


def test_a_sound_flow_has_no_findings() -> None:
    assert codes(PAUSE) == []


def test_a_step_that_nothing_leads_to_is_found() -> None:
    steps = f"{PAUSE}\nlost: {{do: wait, for: 1d, next: found}}\nfound: {{do: exit}}"
    problems = check(load(with_steps(steps)))
    assert {problem.pointer for problem in problems} == {"/steps/lost", "/steps/found"}
    assert {problem.code for problem in problems} == {Code.UNREACHABLE_NODE}


def test_a_step_before_the_named_first_one_is_unreachable() -> None:
    assert codes(PAUSE, head="first: done") == [Code.UNREACHABLE_NODE]


def test_a_loop_without_a_wait_is_found_with_its_way() -> None:
    steps = """
ask: {do: branch, cases: [{when: {"==": [{var: contact.country}, SG]}, next: write}], else: done}
write: {do: update_record, set: {source: web}, next: ask}
done: {do: exit}
"""
    (problem,) = check(load(with_steps(steps)))
    assert problem.code is Code.LOOP_WITHOUT_WAIT
    assert "ask > write > ask" in problem.message


@pytest.mark.parametrize(
    "pause",
    [
        "{do: wait, for: 1d, next: ask}",
        "{do: wait_for, event: Visited Site, timeout: 2d, next: ask}",
    ],
)
def test_a_loop_that_waits_is_sound(pause: str) -> None:
    case = '{when: {"==": [{var: contact.country}, SG]}, next: pause}'
    steps = f"ask: {{do: branch, cases: [{case}], else: done}}\npause: {pause}\ndone: {{do: exit}}"
    assert codes(steps) == []


def test_a_step_that_leads_to_itself_at_once_is_a_loop() -> None:
    steps = "a: {do: update_record, set: {source: web}, next: a}"
    assert codes(steps) == [Code.LOOP_WITHOUT_WAIT]


def test_templates_are_checked_against_those_there_are() -> None:
    flow = load(with_steps("a: {do: send_message, template: welcom, next: b}\nb: {do: exit}"))
    assert check(flow) == []
    (problem,) = check(flow, templates=["welcome", "offer"])
    assert problem.code is Code.MISSING_TEMPLATE
    assert 'did you mean "welcome"?' in problem.message


def test_a_case_behind_one_that_always_holds_is_never_reached() -> None:
    steps = """
ask:
  do: branch
  cases:
    - {when: true, next: done}
    - {when: {"==": [{var: contact.country}, SG]}, next: done}
  else: done
done: {do: exit}
"""
    (problem,) = check(load(with_steps(steps)))
    assert (problem.code, problem.pointer) == (Code.UNREACHABLE_CASE, "/steps/ask/cases/1")


def test_a_case_that_asks_the_same_again_is_never_reached() -> None:
    steps = """
ask:
  do: branch
  cases:
    - {when: {"==": [{var: contact.country}, SG]}, next: done}
    - {when: {"==": [{var: contact.country}, DE]}, next: done}
    - {when: {"===": [{var: contact.country}, SG]}, next: done}
  else: done
done: {do: exit}
"""
    (problem,) = check(load(with_steps(steps)))
    assert (problem.code, problem.pointer) == (Code.UNREACHABLE_CASE, "/steps/ask/cases/2")


def test_a_rule_that_never_holds_is_a_warning() -> None:
    text = with_steps(PAUSE).replace("{on: manual}", "{on: segment, when: false}")
    (problem,) = check(load(text))
    assert (problem.code, problem.severity) == (Code.NEVER_TRUE, Severity.WARNING)


def test_once_per_needs_an_event() -> None:
    assert codes(PAUSE, head="entry: {once_per: order_id}") == [Code.ENTRY_NEEDS_EVENT]


def test_marketing_without_a_word_on_consent_is_a_warning() -> None:
    steps = "a: {do: send_message, template: offer, next: b}\nb: {do: exit}"
    marketing = with_steps(steps).replace("service", "marketing")
    (problem,) = check(load(marketing))
    assert (problem.code, problem.severity) == (Code.NO_CONSENT_NOTE, Severity.WARNING)
    noted = marketing.replace("trigger", "consent_note: Asked at checkout.\ntrigger", 1)
    assert check(load(noted)) == []
    assert check(load(with_steps(PAUSE).replace("service", "marketing"))) == []


def test_more_than_a_message_a_day_is_a_warning() -> None:
    steps = """
mail: {do: send_message, template: offer, next: pause}
pause: {do: wait, for: 4h, next: mail}
"""
    endless, problem = check(load(with_steps(steps)))
    assert endless.code is Code.ENDLESS_LOOP
    assert (problem.code, problem.severity) == (Code.MANY_MESSAGES, Severity.WARNING)
    assert "6 messages from this flow within a day and 42 messages" in problem.message


def test_a_flow_that_was_not_loaded_from_text_is_checked_for_form_too() -> None:
    flow = load(with_steps(PAUSE))
    pause = flow.nodes["pause"]
    for node, code in (
        (replace(pause, exits={}), Code.OPEN_EXIT),
        (replace(pause, exits={"passed": "nowhere"}), Code.UNKNOWN_NODE),
        (replace(pause, exits={"passed": "done", "left": "done"}), Code.UNKNOWN_EXIT),
        (replace(pause, kind="wiat"), Code.UNKNOWN_STEP),
        (replace(pause, settings={"for": "3 day"}), Code.BAD_SPAN),
        (Node("pause", "update_record", {"set": {"x": 1}}, {"done": "done"}), Code.UNKNOWN_FIELD),
    ):
        broken = replace(flow, nodes={**flow.nodes, "pause": node})
        assert code in [problem.code for problem in check(broken)]
    assert Code.UNKNOWN_NODE in [problem.code for problem in check(replace(flow, first="x"))]
    ruined = replace(flow, exit_when={"==": [{"var": "contact.contry"}, "SG"]})
    assert [problem.code for problem in check(ruined)] == [Code.BAD_RULE]


@pytest.mark.parametrize("kind", ["branch", "split"])
def test_an_exit_nobody_knows_is_found_on_steps_whose_exits_depend_on_settings(kind: str) -> None:
    young = '{when: {"<": [{var: contact.score}, 5]}, next: b}'
    arms = "[{name: x, weight: 1, next: b}, {name: y, weight: 1, next: b}]"
    steps = {
        "branch": f"a: {{do: branch, cases: [{young}], else: b}}",
        "split": f"a: {{do: split, arms: {arms}}}",
    }
    flow = load(with_steps(f"{steps[kind]}\nb: {{do: exit}}"))
    node = flow.nodes["a"]
    broken = replace(node, exits={**node.exits, "case_x": "b"})
    problems = check(replace(flow, nodes={**flow.nodes, "a": broken}))
    assert [problem.code for problem in problems] == [Code.UNKNOWN_EXIT]


def test_findings_have_a_line_when_the_flow_came_from_a_text() -> None:
    text = with_steps(f"{PAUSE}\nlost: {{do: exit}}")
    loaded = read_flow(text, file="trial.yaml", kinds=STEP_KINDS, catalogue=CATALOGUE)
    (problem,) = check(loaded.flow)
    assert loaded.places.locate(problem).place == "trial.yaml:8:3"
