"""Numbers as the canvas takes them."""

from __future__ import annotations

from designer.flow_graph import TRIGGER, Graph
from engine.services.views.flows import FlowCounts


def packed_counts(graph: Graph, counts: FlowCounts) -> tuple[list[list[int]], list[int]]:
    """Numbers as the canvas takes them: in the order of the graph's nodes and edges."""
    nodes = []
    for node in graph.nodes:
        n = counts.nodes.get(node.id)
        if n is None:
            nodes.append([0, 0, 0])
            continue
        figures = [n.here, n.held, sum(n.left.values())]
        # Where a way out leads on, those who ended before it are lost on the way.
        if node.outs and n.ended:
            figures.append(n.ended)
        nodes.append(figures)
    edges = []
    for edge in graph.edges:
        if edge.source == TRIGGER:
            edges.append(counts.numbers.entered)
            continue
        left = counts.nodes[edge.source].left if edge.source in counts.nodes else {}
        edges.append(sum(left.get(name, 0) for name in edge.exits))
    return nodes, edges
