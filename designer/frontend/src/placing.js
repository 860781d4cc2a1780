import { snap } from "./layout.js";
import { shareOf } from "./labels.js";

// Of a drawing whose steps were put in their places by hand: where another finds room.
export const WIDTH = 248;
export const HEIGHT = 96; // of a step nobody has seen yet
const GAP = 80;
const CLEAR = 20; // between two steps that do not touch
const BESIDE = 26; // how far a line keeps from the step it passes

const right = (box) => box.x + box.width;
const bottom = (box) => box.y + box.height;
const overlap = (a, b, clear) => a.x < right(b) + clear && b.x < right(a) + clear && a.y < bottom(b) + clear && b.y < bottom(a) + clear;

/** The wanted place, or the next free one to the right of it. */
export function freePlace(wanted, boxes, size = { width: WIDTH, height: HEIGHT }) {
  const box = { ...wanted, ...size };
  for (let tries = 0; tries < boxes.length + 1; tries++) {
    const other = boxes.find((one) => overlap(box, one, CLEAR));
    if (!other) break;
    box.x = right(other) + CLEAR + 10;
  }
  return { x: snap(box.x), y: snap(box.y) };
}

/** A free place below the `index`-th of `many` ways out of a step. */
export function below(source, index, many, boxes, size) {
  const middle = source.x + (source.width * shareOf(index, many)) / 100;
  const aside = many > 1 ? (index - (many - 1) / 2) * (WIDTH / 2) : 0;
  return freePlace({ x: middle - WIDTH / 2 + aside, y: bottom(source) + GAP }, boxes, size);
}

/** Everything that a step leads to, itself included, without `not`. */
function following(id, edges, not) {
  const found = new Set();
  const open = [id];
  while (open.length) {
    const next = open.pop();
    if (found.has(next) || next === not) continue;
    found.add(next);
    for (const edge of edges) if (edge.source === next) open.push(edge.target);
  }
  return found;
}

/**
 * The place of a step on a line, and how far what follows must go down for it.
 *
 * Returns `{place, moved}`: new places by id. A line that leads back up makes no room: the step stands below its source.
 */
export function onLine(source, target, edges, boxes) {
  const room = target.y - bottom(source);
  if (room < 0) return { place: below(source, 0, 1, boxes), moved: {} };
  const need = Math.max(0, HEIGHT + 2 * GAP - room);
  const pushed = need ? following(target.id, edges, source.id) : new Set();
  const moved = {};
  // What stands above the target stays: only what lies below it makes room.
  for (const box of boxes) if (pushed.has(box.id) && box.y >= target.y) moved[box.id] = { x: snap(box.x), y: snap(box.y + need) };
  return { place: { x: snap(target.x + (target.width - WIDTH) / 2), y: snap(bottom(source) + GAP) }, moved };
}

/**
 * Points for lines that would run under other steps: a lane beside these, as near to the target as there is one.
 *
 * Written for lines that run downwards; others have a lane of their own already.
 */
export function detours(edges, boxes) {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const bends = {};
  for (const edge of edges) {
    const [source, target] = [byId.get(edge.source), byId.get(edge.target)];
    if (!source || !target || target.y < bottom(source) + GAP) continue;
    const from = bottom(source) + 40;
    const to = target.y - BESIDE;
    const others = boxes.filter((box) => box !== source && box !== target && box.y < to && bottom(box) > from);
    const free = (x) => !others.some((box) => x > box.x - 8 && x < right(box) + 8);
    const straight = target.x + target.width / 2;
    if (free(straight)) continue;
    const lanes = others.flatMap((box) => [box.x - BESIDE, right(box) + BESIDE]).filter(free);
    if (!lanes.length) continue;
    const x = lanes.reduce((best, lane) => (Math.abs(lane - straight) < Math.abs(best - straight) ? lane : best));
    bends[edge.id] = [{ x, y: from }, { x, y: to - 20 }, { x, y: to }];
  }
  return bends;
}
