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
 * The path of an edge and the place of its label, near the node it leaves.
 *
 * `bends` are the layout's points between the two ends; a line that passes other layers follows them
 * instead of running under the nodes. Written for a flow that runs downwards; one that runs to the
 * right is the same with both axes exchanged.
 */
export function route({ source, target, bends, lane, down }) {
  if (!down) {
    const turned = route({ source: flip(source), target: flip(target), bends: bends.map(flip), lane, down: true });
    return { path: rounded(turned.points.map(flip)), points: turned.points, label: flip(turned.label) };
  }
  const points = [source];
  let label;
  if (target.y < source.y + 2 * 8) {
    // Back to an earlier node: out below, up a lane beside both, in from above.
    points.push({ x: source.x, y: source.y + LEAD }, { x: lane, y: source.y + LEAD });
    points.push({ x: lane, y: target.y - LEAD }, { x: target.x, y: target.y - LEAD });
    label = { x: lane, y: (source.y + target.y) / 2 };
  } else {
    const middle = bends.length > 1 ? bends.slice(1, -1) : [];
    const stops = [...(middle.length ? middle : []), target];
    let at = source;
    for (const stop of stops) {
      const last = stop === target;
      if (Math.abs(stop.x - at.x) > 3) {
        const turn = at === source ? Math.min(source.y + LEAD + 8, (at.y + stop.y) / 2) : last ? stop.y - LEAD - 8 : (at.y + stop.y) / 2;
        points.push({ x: at.x, y: turn }, { x: stop.x, y: turn });
        label ||= { x: (at.x + stop.x) / 2, y: turn };
      }
      at = { x: stop.x, y: stop.y };
    }
    label ||= { x: source.x, y: Math.min(source.y + LEAD + 8, (source.y + target.y) / 2) };
  }
  points.push(target);
  return { path: rounded(points), points, label };
}
