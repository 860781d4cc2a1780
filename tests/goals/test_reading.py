"""Goals, limits and winners in flow files: read, written back the same, refused by place."""

from __future__ import annotations

import pytest

from engine.flows.dump import dump_flow
from engine.flows.goal import Goal, Revenue
from engine.flows.model import from_definition
from engine.steps import STEP_KINDS
from tests.flows.reading import check, load, refused

HEAD = "flow: trial\npurpose: service\ntrigger: {on: event, event: Signed Up}\n"
STEPS = "steps:\n  done: {do: exit}\n"
SPLIT = """
steps:
  ways:
    do: split
    arms:
      - {name: a, weight: 1, next: wait}
      - {name: b, weight: 1, next: wait}
      - {name: c, weight: 1, holdout: true, next: wait}
    winner: WINNER
  wait: {do: wait, for: 1d, next: done}
  done: {do: exit}
"""
GOALS = {
    "{event: Bought}": Goal("Bought"),
    "{event: Bought, within: P30D, exits: true}": Goal("Bought", "P30D", exits=True),
    "{event: Bought, revenue: order_total}": Goal("Bought", revenue=Revenue(of_order=True)),
    "{event: Bought, revenue: {amount: event.properties.total, currency: SGD}}": Goal(
        "Bought", revenue=Revenue("total", "SGD")
    ),
    "{event: Bought, revenue: {amount: event.properties.cents, unit: minor, "
    "currency: event.properties.currency}}": Goal(
        "Bought", revenue=Revenue("cents", "currency", "minor")
    ),
}


@pytest.mark.parametrize("written", GOALS)
def test_a_goal_is_read_and_written_back_the_same(written: str) -> None:
    flow = load(f"{HEAD}goal: {written}\n{STEPS}")
    assert flow.goal == GOALS[written]
    again = load(dump_flow(flow, kinds=STEP_KINDS))
    assert again.hash() == flow.hash()
    assert from_definition(flow.definition()) == flow


def test_flows_without_the_new_keys_keep_their_hash() -> None:
    flow = load(f"{HEAD}entry: always\ngoal: {{event: Bought, within: P3D}}\n{STEPS}")
    stored = flow.definition()
    assert stored["goal"] == {"event": "Bought", "within": "P3D"}
    assert stored["entry"] == {"policy": "always", "by": None}


@pytest.mark.parametrize(
    ("goal", "pointers"),
    [
        ("{within: P3D}", ["/goal"]),
        ("{event: Bought, exits: 1}", ["/goal/exits"]),
        ("{event: Bought, revenue: total}", ["/goal/revenue"]),
        ("{event: Bought, revenue: {amount: total}}", ["/goal/revenue", "/goal/revenue/amount"]),
        (
            "{event: Bought, revenue: {amount: event.properties.a, currency: dollars}}",
            ["/goal/revenue/currency"],
        ),
        ("{event: Bought, when: {nonsense: []}}", ["/goal/when/nonsense"]),
    ],
)
def test_mistakes_in_a_goal_are_refused_with_their_place(goal: str, pointers: list[str]) -> None:
    problems = refused(f"{HEAD}goal: {goal}\n{STEPS}")
    assert sorted(problem.pointer for problem in problems) == pointers


def test_a_limit_is_read_and_written_back_the_same() -> None:
    flow = load(f"{HEAD}entry: {{always: {{at_most: 3}}}}\n{STEPS}")
    assert flow.entry.at_most == 3
    assert load(dump_flow(flow, kinds=STEP_KINDS)).hash() == flow.hash()
    assert from_definition(flow.definition()).entry.at_most == 3


def with_winner(winner: str, head: str = HEAD) -> str:
    return head + SPLIT.replace("WINNER", winner)


def test_a_winner_rule_is_read_and_written_back_the_same() -> None:
    flow = load(with_winner("{metric: event, event: Bought, by: hand, minimum: 20}"))
    assert load(dump_flow(flow, kinds=STEP_KINDS)).hash() == flow.hash()
    assert check(flow) == []


@pytest.mark.parametrize(
    "winner",
    [
        "{metric: event}",
        "{metric: exit, node: wait}",
        "{metric: goal, event: Bought}",
        "{metric: luck}",
        "{metric: goal, confidence: 100}",
        "{metric: goal, by: vote}",
        "{}",
    ],
)
def test_a_winner_rule_that_says_too_little_or_too_much_is_refused(winner: str) -> None:
    assert all(
        problem.pointer.startswith("/steps/ways") for problem in refused(with_winner(winner))
    )


@pytest.mark.parametrize(
    ("winner", "code"),
    [
        ("{metric: goal}", "bad_value"),
        ("{metric: exit, node: nowhere, exit: passed}", "unknown_node"),
        ("{metric: exit, node: wait, exit: sent}", "unknown_exit"),
    ],
)
def test_a_winner_by_what_is_not_there_is_found(winner: str, code: str) -> None:
    assert [problem.code for problem in check(load(with_winner(winner)))] == [code]


def test_a_split_of_which_only_one_arm_can_win_is_refused() -> None:
    text = with_winner("{metric: event, event: Bought}").replace(
        "{name: b, weight: 1,", "{name: b, weight: 1, holdout: true,"
    )
    assert refused(text)
