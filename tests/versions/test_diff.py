"""What a person is told of two versions."""

from __future__ import annotations

from hypothesis import given, settings

from engine.flows.diff import MISSING, Fate, FlowDiff, diff_flows, listed, text_diff
from engine.flows.model import Flow
from engine.rules import Catalogue
from engine.steps import STEP_KINDS
from tests.flows.test_dump import flows
from tests.versions.editions import NEW, OLD, edition


def diff(old: Flow, new: Flow) -> FlowDiff:
    return diff_flows(old, new, kinds=STEP_KINDS)


def fates(found: FlowDiff) -> dict[str, Fate]:
    return {node.name: node.fate for node in found.nodes}


def test_every_node_is_told_with_what_became_of_it() -> None:
    found = diff(edition(OLD), edition(NEW))
    assert fates(found) == {
        "hello": Fate.SAME,
        "settle": Fate.CHANGED,
        "watch": Fate.MOVED,
        "offer": Fate.CHANGED,
        "call": Fate.ADDED,
        "done": Fate.SAME,
    }
    assert found.renames == {"look": "watch"}


def test_an_exit_to_a_node_of_another_name_is_no_difference() -> None:
    [settle] = [n for n in diff(edition(OLD), edition(NEW)).nodes if n.name == "settle"]
    assert [(d.path, d.before, d.after) for d in settle.settings] == [(("for",), "3d", "5d")]
    assert settle.exits == ()


def test_an_exit_that_leads_elsewhere_is_told() -> None:
    [watch] = [n for n in diff(edition(OLD), edition(NEW)).nodes if n.name == "watch"]
    assert [(d.path, d.before, d.after) for d in watch.exits] == [(("timed_out",), "done", "call")]


def test_a_removed_node_is_told_last() -> None:
    found = diff(
        edition(OLD),
        edition(
            OLD.replace("settle: {do: wait, for: 3d, next: look}\n", "").replace(
                "next: settle", "next: look"
            )
        ),
    )
    assert (found.nodes[-1].fate, found.nodes[-1].name) == (Fate.REMOVED, "settle")


def test_a_node_that_does_something_else_now_shows_both_kinds() -> None:
    found = diff(
        edition(OLD), edition(OLD.replace("{do: wait, for: 3d,", "{do: create_task, title: x,"))
    )
    [settle] = [n for n in found.nodes if n.name == "settle"]
    assert (settle.was_kind, settle.kind) == ("wait", "create_task")


ASKS = """
ask:  {do: branch, cases: [{when: {"==": [{var: contact.country}, SG]}, next: done}], else: done}
done: {do: exit}
"""


def test_rules_are_told_in_words() -> None:
    old, new = edition(ASKS), edition(ASKS.replace("SG", "MY"))
    lines = list(listed(diff(old, new), Catalogue.standard(), "en"))
    assert lines[0].what == "changed: ask (branch)"
    assert (lines[1].what, lines[1].before, lines[1].after) == (
        "cases/1/when",
        'country is "SG"',
        'country is "MY"',
    )
    chinese = list(listed(diff(old, new), Catalogue.standard(), "zh"))
    assert chinese[0].what == "已改动: ask (branch)"


def test_a_new_case_is_told_with_its_rule() -> None:
    more = ASKS.replace(
        "next: done}]", 'next: done}, {when: {"is_set": {var: contact.city}}, next: done}]'
    )
    found = diff(edition(ASKS), edition(more))
    [ask] = found.changed
    assert [d.path for d in ask.settings] == [("cases", 1, "when")]
    assert (ask.settings[0].before, ask.settings[0].is_rule) == (MISSING, True)


def test_what_concerns_the_whole_flow_is_told() -> None:
    head = """\
flow: welcome
label: Welcome
purpose: service
trigger: {on: event, event: Signed Up, when: {"==": [{var: contact.country}, SG]}}
entry: after_exit
exit_when: {"==": [{var: contact.lifecycle_stage}, customer]}
goal: {event: Order Completed, within: 30d}
holdout: 5
steps:
"""
    found = diff(edition(OLD), edition(OLD, head=head))
    about = {one.path: one for one in found.about}
    assert {path[0] for path in about} == {
        "trigger",
        "entry",
        "exit_when",
        "goal",
        "holdout_percent",
    }
    assert about["trigger", "when"].is_rule
    assert about["trigger", "when"].reads_event
    assert about[("exit_when",)].is_rule
    assert found.changed == ()
    said = [line.what for line in listed(found, Catalogue.standard(), "en")]
    assert "holdout" in said


def test_equal_flows_have_an_empty_diff_and_no_text() -> None:
    flow = edition(OLD)
    assert diff(flow, flow).is_empty
    assert text_diff(flow, flow, ("a", "b"), STEP_KINDS) == ""


def test_the_text_diff_is_of_the_flows_as_cadenza_writes_them() -> None:
    text = text_diff(edition(OLD), edition(NEW), ("welcome@1", "welcome.yaml"), STEP_KINDS)
    assert text.startswith("--- welcome@1\n+++ welcome.yaml\n")
    assert "-  settle: {do: wait, for: 3d, next: look}\n" in text
    assert "+  settle: {do: wait, for: 5d, next: watch}\n" in text


def test_exits_without_settings_are_paired_by_who_leads_to_them() -> None:
    two = """
ask: {do: wait_for, event: Visited, timeout: 1d, exits: {happened: good, timed_out: bad}}
good: {do: exit}
bad: {do: exit}
"""
    renamed = two.replace("good", "well").replace("bad", "poor")
    assert diff(edition(two), edition(renamed)).renames == {"good": "well", "bad": "poor"}


@given(flows(), flows())
@settings(max_examples=60, deadline=None)
def test_whatever_is_compared_the_diff_is_empty_exactly_for_equal_flows(
    one: Flow, other: Flow
) -> None:
    assert diff(one, one).is_empty
    found = diff(one, other)
    same_nodes = {n: v for n, v in one.definition().items() if n != "flow"} == {
        n: v for n, v in other.definition().items() if n != "flow"
    }
    assert found.is_empty == same_nodes
    assert len(list(listed(found, Catalogue.standard(), "zh"))) >= len(found.changed)
    assert {node.name for node in found.nodes if node.fate is not Fate.REMOVED} == set(other.nodes)
