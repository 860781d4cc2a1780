import dagre from "@dagrejs/dagre";

const GRID = 10;
export const snap = (value) => Math.round(value / GRID) * GRID;

/**
 * Place the nodes in layers.
 *
 * `nodes` carry their measured size, `edges` come in the order of the exits they leave by.
 * `levels` is how many labels hang below each other under the fullest node. Returns the top left corner of every node, and for every edge the points it should pass.
 */
export function layered(nodes, edges, direction, levels) {
  const down = direction === "TB";
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: direction, nodesep: down ? 44 : 32, ranksep: (down ? 66 : 150) + Math.max(levels - 1, 0) * 23 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(node.id, { width: node.width, height: node.height });
  for (const edge of edges) graph.setEdge(edge.source, edge.target, {}, edge.id);
  // The crossing heuristic likes to mirror branches ("yes" on the right); the order in which edges were
  // added already is the order of the exits, so it is kept.
  dagre.layout(graph, { disableOptimalOrderHeuristic: true });
  const positions = {};
  for (const id of graph.nodes()) {
    const box = graph.node(id);
    positions[id] = { x: snap(box.x - box.width / 2), y: snap(box.y - box.height / 2) };
  }
  const bends = {};
  for (const key of graph.edges()) bends[key.name] = (graph.edge(key).points || []).slice(1, -1);
  return { positions, bends };
}
