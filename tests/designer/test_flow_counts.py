"""Numbers beside the drawn flow, as the canvas takes them."""

from __future__ import annotations

from designer.flow_counts import packed_counts
from designer.flow_graph import Graph, GraphEdge, GraphNode
from engine.machines.mending import MOVED_BY_HAND
from engine.machines.relocation import TO_ANOTHER_VERSION
from engine.services.views.flows import FlowCounts, NodeNumbers, Numbers


def node(name: str, *outs: str) -> GraphNode:
    return GraphNode(name, "step", "", name, "", "mail", "#000000", outs)


def test_who_ended_before_a_way_out_is_counted_beside_those_who_passed() -> None:
    graph = Graph(
        "v1",
        (node("mail", "sent"), node("done")),
        (GraphEdge("mail:sent", "mail", "done", "sent", ("sent",), ""),),
    )
    nodes = {
        "mail": NodeNumbers(20, 3, 1, {"sent": 11, "(goal)": 4, MOVED_BY_HAND: 1}),
        "done": NodeNumbers(11, 0, 0, {"(done)": 11}),
    }
    numbers = Numbers(20, 3, 1, 16, 11, 0, 0)
    by_node, by_edge = packed_counts(graph, FlowCounts("active", numbers, nodes, None))
    assert by_node == [[3, 1, 16, 4], [0, 0, 11]]
    assert by_edge == [11]


def test_who_was_moved_elsewhere_has_not_ended() -> None:
    left = {"sent": 5, "(goal)": 2, MOVED_BY_HAND: 7, TO_ANOTHER_VERSION: 9}
    assert NodeNumbers(30, 0, 0, left).ended == 2
