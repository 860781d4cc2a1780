import { computed, nextTick, ref, shallowRef } from "vue";
import { MarkerType } from "@vue-flow/core";
import { levelsOf } from "./labels.js";
import { layered } from "./layout.js";
import { below, detours, freePlace } from "./placing.js";
import { inOrder } from "./walking.js";

const GLIDE = 240; // milliseconds
const MANY = 150; // more than these jump to their places

/**
 * What is drawn: the given graph, as Vue Flow's nodes and edges in their places.
 *
 * A graph nobody put a hand on is laid out in layers, each time it changes. One whose steps have places keeps them,
 * and what has none stands where there is room.
 */
export function useDrawing(flow, { editable, word }) {
  const shown = shallowRef({ id: "", nodes: [], edges: [] });
  const direction = ref("TB");
  const laidOut = ref(false);
  const bends = shallowRef({});
  const byHand = computed(() => editable && shown.value.nodes.some((node) => node.position));
  let frame = 0;
  let places = {};

  const nodeOf = (id) => shown.value.nodes.find((node) => node.id === id);
  const outsOf = (node) => (editable ? node.exits.map((exit) => exit.id) : node.outs);
  function labelsOf(node) {
    if (editable) return node.exits.map((exit) => exit.label || "");
    return node.outs.map((out) => shown.value.edges.find((edge) => edge.source === node.id && edge.out === out)?.label || "");
  }
  const rows = computed(() => new Map(shown.value.nodes.map((node) => [node.id, levelsOf(labelsOf(node), editable)])));
  const boxes = () =>
    flow.nodes.value.filter((node) => node.dimensions.width).map((node) => ({ id: node.id, ...node.position, width: node.dimensions.width, height: node.dimensions.height }));

  function spoken(node) {
    if (!editable) return `${node.caption}: ${node.title}`;
    const title = (id) => nodeOf(id)?.title || id;
    const ways = node.exits.map((exit) => (exit.to ? word("leads_to", { way: exit.label || "→", step: title(exit.to) }) : `${exit.label} ${word("open_exit")}`));
    return [`${node.caption}: ${node.title}`, ...ways, node.note && word("noted", { text: node.note })].filter(Boolean).join(". ");
  }
  const toNode = (node) => ({
    id: node.id,
    type: "step",
    position: node.position ? { x: node.position[0], y: node.position[1] } : { x: 0, y: 0 },
    data: node,
    draggable: editable && node.role !== "trigger",
    ariaLabel: spoken(node),
    domAttributes: { "aria-roledescription": word("step") },
  });
  const edgeData = (edge) => {
    const node = nodeOf(edge.source);
    const levels = rows.value.get(edge.source) || 1;
    return { label: edge.label, level: Math.max(0, outsOf(node).indexOf(edge.out)) % levels, levels, out: edge.out };
  };
  const toEdge = (edge) => ({
    id: edge.id,
    type: "flow",
    source: edge.source,
    sourceHandle: edge.out,
    target: edge.target,
    data: edgeData(edge),
    focusable: false,
    ariaLabel: word("leads_to", { way: edge.label || nodeOf(edge.source)?.title, step: nodeOf(edge.target)?.title }),
    domAttributes: { "aria-roledescription": word("line") },
    markerEnd: { type: MarkerType.ArrowClosed, width: 15, height: 15, color: "var(--fc-edge)" },
  });

  function setGraph(graph) {
    shown.value = graph;
    laidOut.value = false;
    flow.setNodes(graph.nodes.map(toNode));
    flow.setEdges(graph.edges.map(toEdge));
  }

  /** Bring the drawing to this graph, touching only what differs; nodes that stay keep their choice and their element. */
  async function change(graph) {
    shown.value = graph;
    const wanted = new Set(graph.nodes.map((node) => node.id));
    const gone = flow.nodes.value.filter((node) => !wanted.has(node.id)).map((node) => node.id);
    if (gone.length) flow.removeNodes(gone);
    const fresh = [];
    const turned = [];
    for (const node of graph.nodes) {
      const have = flow.findNode(node.id);
      if (!have) {
        fresh.push(toNode(node));
        continue;
      }
      if (have.data.exits.map((exit) => exit.id).join() !== node.exits.map((exit) => exit.id).join()) turned.push(node.id);
      have.data = node;
      have.ariaLabel = spoken(node);
    }
    for (const node of fresh) node.position = startOf(node);
    if (fresh.length) flow.addNodes(fresh);
    changeEdges(graph);
    reorder(graph);
    await measured(turned);
    arrange(true);
  }
  function changeEdges(graph) {
    const wanted = new Map(graph.edges.map((edge) => [edge.id, edge]));
    const stale = flow.edges.value.filter((edge) => wanted.get(edge.id)?.target !== edge.target);
    if (stale.length) flow.removeEdges(stale.map((edge) => edge.id));
    for (const edge of flow.edges.value) edge.data = edgeData(wanted.get(edge.id));
    const fresh = graph.edges.filter((edge) => !flow.findEdge(edge.id));
    if (fresh.length) flow.addEdges(fresh.map(toEdge));
  }
  /** The Tab key follows the lines. */
  function reorder(graph) {
    const place = new Map(inOrder(graph.nodes, graph.edges).map((node, index) => [node.id, index]));
    const nodes = flow.nodes.value;
    if (nodes.every((node, index) => !index || place.get(nodes[index - 1].id) < place.get(node.id))) return;
    const focused = document.activeElement;
    flow.nodes.value = [...nodes].sort((a, b) => place.get(a.id) - place.get(b.id));
    nextTick(() => focused?.isConnected && focused !== document.activeElement && focused.focus({ preventScroll: true }));
  }
  /** Where a new node appears before it glides to its place: at what leads to it. */
  function startOf(node) {
    if (node.data.position) return node.position;
    const edge = shown.value.edges.find((one) => one.target === node.id);
    const source = edge && flow.findNode(edge.source);
    return source ? { x: source.position.x, y: source.position.y + source.dimensions.height + 30 } : node.position;
  }
  async function measured(turned) {
    await nextTick();
    if (turned.length) flow.updateNodeInternals(turned);
    for (let tries = 0; tries < 20 && flow.nodes.value.some((node) => !node.dimensions.width); tries++) await new Promise(requestAnimationFrame);
  }

  function arrange(glide = false) {
    const known = boxes();
    if (!known.length) return;
    const plan = byHand.value ? kept(known) : layered(known, ordered(), direction.value, Math.max(1, ...rows.value.values()));
    bends.value = plan.bends;
    places = plan.positions;
    move(plan.positions, glide);
    laidOut.value = true;
  }
  /** Edges in the order of the exits they leave by. */
  function ordered() {
    const rank = (edge) => outsOf(nodeOf(edge.source)).indexOf(edge.out);
    return editable ? [...shown.value.edges].sort((a, b) => (a.source === b.source ? rank(a) - rank(b) : 0)) : shown.value.edges;
  }
  /** Places given by hand stay; others find room near what leads to them, the trigger above the first step. */
  function kept(known) {
    const sizes = new Map(known.map((box) => [box.id, box]));
    const placed = [];
    const put = (id, place) => placed.push({ ...sizes.get(id), ...place, id });
    for (const node of shown.value.nodes) if (node.position && sizes.has(node.id)) put(node.id, { x: node.position[0], y: node.position[1] });
    for (const node of inOrder(shown.value.nodes, shown.value.edges)) {
      if (node.position || node.role === "trigger" || !sizes.has(node.id)) continue;
      const edge = shown.value.edges.find((one) => one.target === node.id && placed.some((box) => box.id === one.source));
      const source = edge && placed.find((box) => box.id === edge.source);
      const outs = edge ? outsOf(nodeOf(edge.source)) : [];
      put(node.id, source ? below(source, outs.indexOf(edge.out), outs.length, placed, sizes.get(node.id)) : freePlace({ x: placed[0]?.x || 0, y: placed[0]?.y || 0 }, placed, sizes.get(node.id)));
    }
    const trigger = shown.value.nodes.find((node) => node.role === "trigger");
    if (trigger && sizes.has(trigger.id)) put(trigger.id, above(trigger, placed, sizes.get(trigger.id)));
    const positions = Object.fromEntries(placed.map((box) => [box.id, { x: box.x, y: box.y }]));
    return { positions, bends: detours(shown.value.edges, placed) };
  }
  function above(trigger, placed, size) {
    const first = placed.find((box) => box.id === trigger.exits[0]?.to) || placed[0];
    return first ? { x: first.x + (first.width - size.width) / 2, y: first.y - size.height - 70 } : { x: 0, y: 0 };
  }

  function move(positions, glide) {
    cancelAnimationFrame(frame);
    const moving = flow.nodes.value
      .filter((node) => positions[node.id] && !node.dragging)
      .map((node) => ({ node, from: { ...node.position }, to: positions[node.id] }))
      .filter(({ from, to }) => from.x !== to.x || from.y !== to.y);
    const at = (part) => moving.forEach(({ node, from, to }) => (node.position = { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }));
    if (!glide || moving.length > MANY || document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches) return at(1);
    const start = performance.now();
    const step = (now) => {
      const part = Math.min(1, Math.max(0, (now - start) / GLIDE));
      at(1 - (1 - part) ** 3);
      if (part < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  }
  /** While steps are dragged their lines run straight; afterwards they go round others again. */
  function loosen(ids) {
    const moved = new Set(ids);
    const of = (id) => shown.value.edges.find((edge) => edge.id === id);
    bends.value = Object.fromEntries(Object.entries(bends.value).filter(([id]) => of(id) && !moved.has(of(id).source) && !moved.has(of(id).target)));
  }
  function tighten() {
    bends.value = detours(shown.value.edges, boxes());
  }
  function turn() {
    direction.value = direction.value === "TB" ? "LR" : "TB";
    return nextTick()
      .then(() => flow.updateNodeInternals(flow.nodes.value.map((node) => node.id)))
      .then(() => nextTick())
      .then(() => arrange());
  }
  /** The side of both ends where a line that leads back finds a way. */
  function laneBeside(sourceId, targetId) {
    const ends = [flow.findNode(sourceId), flow.findNode(targetId)].filter(Boolean);
    return direction.value === "TB"
      ? Math.max(...ends.map((node) => node.position.x + node.dimensions.width)) + 34
      : Math.max(...ends.map((node) => node.position.y + node.dimensions.height)) + 34;
  }
  const stop = () => cancelAnimationFrame(frame);

  return { shown, direction, laidOut, bends, byHand, rows, boxes, nodeOf, outsOf, setGraph, change, arrange, loosen, tighten, turn, laneBeside, stop, placeOf: (id) => places[id] };
}
