"""How many messages wait behind a place of a flow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.flows.model import from_definition
from engine.services.boards.ahead import Ahead
from tests.designer.seed import WIN_BACK
from tests.simulate.simulating import WELCOME, plan_of


def test_a_wait_leads_to_the_messages_before_the_next_wait() -> None:
    ahead = Ahead(plan_of(WELCOME).flow)
    assert ahead.of("hello") == (1, 1)
    assert ahead.of("visit") == (0, 0)
    assert ahead.of("done") == (0, 0)
    assert ahead.of("gone") == (0, 0)


def test_a_branch_may_or_may_not_send() -> None:
    flow = from_definition(WIN_BACK)
    assert Ahead(flow).of("visited") == (1, 1)
    assert Ahead(flow).of("big_spender") == (0, 1)
    assert Ahead(flow).of("settle") == (0, 0)


@given(st.permutations(["first_touch", "settle", "visited", "big_spender", "offer", "reminder"]))
def test_loops_end_and_the_order_of_asking_does_not_matter(order: list[str]) -> None:
    nodes = [
        {**node, "exits": dict.fromkeys(node["exits"], order[place % len(order)])}
        for place, node in enumerate(WIN_BACK["nodes"])
        if node["id"] != "done"
    ]
    flow = from_definition({**WIN_BACK, "nodes": nodes})
    for name in order:
        least, most = Ahead(flow).of(name)
        assert 0 <= least <= most <= len(nodes)
