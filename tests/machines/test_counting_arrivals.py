"""An arrival at a node is counted once, however the run came to stand still there."""

from __future__ import annotations

import pytest

from engine.machines.journey import Passage, Standing
from engine.machines.mending import Done, GoTo, Order, Retry, Skip, Stop, mend
from tests.machines.flows_for_tests import MONDAY, Journey, flow_of, plan_of

PLAN = plan_of(
    flow_of(
        {
            "rest": ("wait", {"for": "3d", "in": "working_time"}, {"passed": "done"}),
            "done": ("exit", {}, {}),
        }
    )
)


def mended(standing: Standing, order: Order) -> Passage:
    done = Done(visited={})
    return mend(
        PLAN, standing, order, {}, done=done, by="Ben", subject_id=7, now=MONDAY, zone="UTC"
    )


@pytest.mark.parametrize("order", [Retry(), Skip("passed"), GoTo("done"), Stop()])
def test_who_is_held_by_the_step_was_counted_by_the_pass(order: Order) -> None:
    ada = Journey(PLAN)
    counts = ada.enter().counts
    assert (ada.standing.state, ada.standing.outcome) == ("held", "no_calendar")
    assert not ada.standing.arriving
    counts += mended(ada.standing, order).counts
    assert counts.count(("rest", "")) == 1


@pytest.mark.parametrize("order", [Retry(), Skip("passed"), GoTo("done"), Stop()])
def test_who_was_held_before_the_step_was_asked_is_counted_by_mending(order: Order) -> None:
    """A fault writes no counts, and neither does a move to another version."""
    held = Standing("rest", state="held", outcome="internal_fault", arriving=True)
    assert mended(held, order).counts.count(("rest", "")) == 1
