const RADIUS = 12;
const LEAD = 26; // how far a line runs straight out of a node and into the next one

/** Lines that turn at right angles, with round corners. */
function rounded(points) {
  const kept = points.filter((p, i) => !i || p.x !== points[i - 1].x || p.y !== points[i - 1].y);
  let path = `M${kept[0].x},${kept[0].y}`;
  for (let i = 1; i < kept.length - 1; i++) {
    const [a, b, c] = [kept[i - 1], kept[i], kept[i + 1]];
    const before = Math.hypot(b.x - a.x, b.y - a.y);
    const after = Math.hypot(c.x - b.x, c.y - b.y);
    const r = Math.min(RADIUS, before / 2, after / 2);
    const from = { x: b.x + ((a.x - b.x) / before) * r, y: b.y + ((a.y - b.y) / before) * r };
    const to = { x: b.x + ((c.x - b.x) / after) * r, y: b.y + ((c.y - b.y) / after) * r };
    path += `L${from.x},${from.y}Q${b.x},${b.y} ${to.x},${to.y}`;
  }
  const end = kept[kept.length - 1];
  return `${path}L${end.x},${end.y}`;
}

const flip = (p) => ({ x: p.y, y: p.x });

/**
 * The path of an edge and the place of its label, just below the exit it leaves by.
 *
 * `bends` are the layout's points between the two ends; a line that passes other layers follows them
 * instead of running under the nodes. `level` of `levels` keeps the labels of many exits apart: the middle of
 * one below a node, the left end of one beside it. Written for a flow
 * that runs downwards; one that runs to the right is the same with both axes exchanged.
 */
export function route({ source, target, bends, lane, level, levels, down }) {
  if (!down) {
    const turned = points({ source: flip(source), target: flip(target), bends: bends.map(flip), lane, level, levels });
    const spot = turned.label;
    return { path: rounded(turned.points.map(flip)), label: { x: spot.y - 8, y: spot.x } };
  }
  const drawn = points({ source, target, bends, lane, level, levels });
  return { path: rounded(drawn.points), label: drawn.label };
}

function points({ source, target, bends, lane, level, levels }) {
  const label = { x: source.x, y: source.y + 17 + level * 23 };
  const out = source.y + 34 + (levels - 1) * 23; // below all labels of the node
  const way = [source];
  if (target.y < source.y + 16) {
    // Back to an earlier node: out below, up a lane beside both, in from above.
    way.push({ x: source.x, y: out }, { x: lane, y: out }, { x: lane, y: target.y - LEAD }, { x: target.x, y: target.y - LEAD }, target);
    return { points: way, label };
  }
  const stops = [...(bends.length > 2 ? bends.slice(1, -1) : []), target];
  let at = source;
  for (const stop of stops) {
    if (Math.abs(stop.x - at.x) > 3) {
      const turn = at === source ? Math.min(out, stop.y - 14) : stop === target ? stop.y - LEAD : (at.y + stop.y) / 2;
      way.push({ x: at.x, y: turn }, { x: stop.x, y: turn });
    }
    at = stop === target ? stop : { x: Math.abs(stop.x - at.x) > 3 ? stop.x : at.x, y: stop.y };
  }
  // A lane that ends a hair beside its target would draw a kink; it is met straight.
  const last = way[way.length - 1];
  if (Math.abs(last.x - target.x) <= 3) way.push({ x: last.x, y: target.y });
  else way.push(target);
  return { points: way, label };
}
