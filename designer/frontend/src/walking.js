const centre = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
const AXIS = { ArrowDown: ["y", 1], ArrowUp: ["y", -1], ArrowRight: ["x", 1], ArrowLeft: ["x", -1] };

/** The nearest of `boxes` in the direction of an arrow key, seen from `from`. */
function nearest(from, boxes, key) {
  const [axis, sign] = AXIS[key];
  const across = axis === "x" ? "y" : "x";
  const here = centre(from);
  let best = null;
  for (const box of boxes) {
    const there = centre(box);
    const ahead = (there[axis] - here[axis]) * sign;
    if (box.id === from.id || ahead < 12) continue;
    const far = ahead + 2 * Math.abs(there[across] - here[across]);
    if (!best || far < best.far) best = { id: box.id, far };
  }
  return best?.id;
}

/** Where an arrow key leads: along a line where there is one in that direction, else to what stands there. */
export function neighbour(id, key, boxes, edges) {
  const from = boxes.find((box) => box.id === id);
  if (!from) return boxes[0]?.id;
  const [axis, sign] = AXIS[key];
  const joined = edges.filter((edge) => edge.source === id || edge.target === id).map((edge) => (edge.source === id ? edge.target : edge.source));
  const linked = boxes.filter((box) => joined.includes(box.id) && (centre(box)[axis] - centre(from)[axis]) * sign > box.height / 2);
  return (axis === "y" && nearest(from, linked, key)) || nearest(from, boxes, key);
}

/** The nodes in the order in which people go through them: the order of the Tab key. */
export function inOrder(nodes, edges) {
  const ids = new Set(nodes.map((node) => node.id));
  const next = new Map();
  for (const edge of edges) next.set(edge.source, [...(next.get(edge.source) || []), edge.target]);
  const seen = new Set();
  const visit = (start) => {
    const open = [start];
    while (open.length) {
      const id = open.pop();
      if (seen.has(id) || !ids.has(id)) continue;
      seen.add(id);
      open.push(...[...(next.get(id) || [])].reverse());
    }
  };
  for (const node of nodes) visit(node.id);
  const place = new Map([...seen].map((id, index) => [id, index]));
  return [...nodes].sort((a, b) => place.get(a.id) - place.get(b.id));
}
