from __future__ import annotations

import pytest

from engine.flows.checks.most_messages import WEEK, most_messages
from engine.steps import STEP_KINDS
from tests.flows.reading import load, with_steps

MAIL = "{do: send_message, template: offer, next: %s}"


def most(steps: str) -> int | None:
    flow = load(with_steps(steps))
    read = {name: STEP_KINDS[node.kind].read(node.settings) for name, node in flow.nodes.items()}
    return most_messages(flow, read, WEEK)


def test_a_flow_without_messages_sends_none() -> None:
    assert most("a: {do: exit}") == 0


@pytest.mark.parametrize(
    ("span", "expected"), [("1d", 2), ("6d", 2), ("167h", 2), ("7d", 1), ("1mo", 1)]
)
def test_messages_further_apart_than_a_week_do_not_add_up(span: str, expected: int) -> None:
    steps = f"""
a: {MAIL % "pause"}
pause: {{do: wait, for: {span}, next: b}}
b: {MAIL % "end"}
end: {{do: exit}}
"""
    assert most(steps) == expected


def test_the_busiest_week_may_lie_in_the_middle() -> None:
    steps = f"""
a: {MAIL % "rest"}
rest: {{do: wait, for: 1mo, next: b}}
b: {MAIL % "c"}
c: {MAIL % "pause"}
pause: {{do: wait, for: 2d, next: d}}
d: {MAIL % "end"}
end: {{do: exit}}
"""
    assert most(steps) == 3


def test_of_two_ways_the_busier_one_counts() -> None:
    steps = f"""
ask: {{do: branch, cases: [{{when: true, next: a}}], else: b}}
a: {MAIL % "c"}
c: {MAIL % "end"}
b: {MAIL % "end"}
end: {{do: exit}}
"""
    assert most(steps) == 2


def test_a_loop_counts_as_often_as_it_can_go_round() -> None:
    steps = f"a: {MAIL % 'pause'}\npause: {{do: wait, for: 1d, next: a}}"
    assert most(steps) == 7


def test_a_loop_that_an_event_can_drive_has_no_bound() -> None:
    steps = f"""
a: {MAIL % "listen"}
listen: {{do: wait_for, event: Visited Site, timeout: 3d, next: a}}
"""
    assert most(steps) is None


def test_a_loop_driven_by_events_that_sends_nothing_is_bounded() -> None:
    steps = f"""
a: {MAIL % "listen"}
listen: {{do: wait_for, event: Visited Site, timeout: 3d, next: write}}
write: {{do: update_record, set: {{source: web}}, next: again}}
again: {{do: wait_for, event: Left Site, timeout: 3d, exits: {{happened: listen, timed_out: b}}}}
b: {MAIL % "end"}
end: {{do: exit}}
"""
    assert most(steps) == 2


def test_a_long_flow_is_counted_without_recursion() -> None:
    steps = "\n".join(f"s{i}: {MAIL % f's{i + 1}'}" for i in range(3_000)) + "\ns3000: {do: exit}"
    assert most(steps) == 3_000
