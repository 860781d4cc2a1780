from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.flows.graph import knots, loops, reachable

NAMES = "abcdefg"
GRAPHS = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4), min_size=1
)


@given(GRAPHS)
def test_two_nodes_are_in_one_knot_exactly_when_each_reaches_the_other(
    edges: dict[str, list[str]],
) -> None:
    group_of = {node: group for group in knots(edges) for node in group}
    assert set(group_of) == set(edges)
    ways = {node: reachable(edges, node) for node in edges}
    for one in edges:
        for other in edges:
            together = other in ways[one] and one in ways[other]
            assert (group_of[one] == group_of[other]) is together


@given(GRAPHS)
def test_a_knot_comes_after_everything_it_leads_to(edges: dict[str, list[str]]) -> None:
    at = {node: index for index, group in enumerate(knots(edges)) for node in group}
    for node, targets in edges.items():
        assert all(at[target] <= at[node] for target in targets if target in edges)


@given(GRAPHS)
def test_loops_are_the_nodes_that_lead_back_to_themselves(edges: dict[str, list[str]]) -> None:
    looping = {node for group in loops(edges) for node in group}
    for node in edges:
        back = any(node in reachable(edges, target) for target in edges[node] if target in edges)
        assert (node in looping) is back
