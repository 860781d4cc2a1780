import { below, onLine } from "./placing.js";

const TRIGGER = "trigger";
const pair = (place) => [Math.round(place.x), Math.round(place.y)];
const pairs = (places) => Object.fromEntries(Object.entries(places).map(([id, place]) => [id, pair(place)]));

/** What somebody does to the drawing, as operations for the server, which answers with the new drawing. */
export function useDeeds(flow, drawing, outbox) {
  const { shown, byHand, boxes, nodeOf } = drawing;
  const send = (ops) => ops.length && outbox.put("ops", { ops });
  const steps = () => shown.value.nodes.filter((node) => node.role !== TRIGGER);
  const boxOf = (id) => boxes().find((box) => box.id === id);

  /** The first way out of a node that leads nowhere, else its first way at all. */
  function wayOf(node) {
    return node.exits.find((exit) => !exit.to) || node.exits[0];
  }
  /** Where a new step goes when nobody said where: behind the chosen node, else behind the first loose end. */
  function placeBehind(id) {
    const chosen = id && nodeOf(id);
    const node = chosen?.exits.length ? chosen : [...shown.value.nodes].find((one) => one.exits.some((exit) => !exit.to));
    return node ? { source: node.id, exit: wayOf(node).id } : {};
  }

  /** Add a step `at` an exit (`{source, exit, also}`), or at a point of the drawing (`{free}`). */
  function add(kind, at) {
    const op = { op: "add_node", id: null, kind, after: null, position: null };
    if (at.source) {
      op.after = [at.source, at.exit];
      if (at.also?.length) op.also = [...at.also];
      if (!byHand.value) return send([op]);
      const { place, moved } = placeAfter(at);
      op.position = pair(place);
      return send([...(Object.keys(moved).length ? [{ op: "move", positions: pairs(moved) }] : []), op]);
    }
    if (!steps().length) return send([op]);
    if (at.free) op.position = pair(at.free);
    else if (!byHand.value) return send([op]);
    return send([...(byHand.value ? [] : [frozen()]), op]);
  }
  function placeAfter({ source, exit }) {
    const node = nodeOf(source);
    const index = node.exits.findIndex((one) => one.id === exit);
    const to = node.exits[index]?.to;
    const all = boxes();
    if (to && boxOf(to) && boxOf(source)) {
      const { place, moved } = onLine(boxOf(source), boxOf(to), shown.value.edges, all);
      for (const id of Object.keys(moved)) if (nodeOf(id)?.role === TRIGGER) delete moved[id];
      return { place, moved };
    }
    return { place: below(boxOf(source), index, node.exits.length, all), moved: {} };
  }
  /** From now on every step keeps its place. */
  function frozen() {
    const places = Object.fromEntries(steps().map((node) => [node.id, flow.findNode(node.id)?.position]).filter(([, place]) => place));
    return { op: "move", positions: pairs(places) };
  }

  function moved(ids) {
    drawing.tighten();
    if (!byHand.value) return send([frozen()]);
    const places = Object.fromEntries(ids.map((id) => [id, flow.findNode(id)?.position]).filter(([id, place]) => place && nodeOf(id)?.role === "step"));
    return Object.keys(places).length && send([{ op: "move", positions: pairs(places) }]);
  }
  function remove(ids) {
    const gone = ids.filter((id) => nodeOf(id)?.deletable);
    if (gone.length) send([{ op: "remove_nodes", ids: gone }]);
    return gone;
  }
  function connect(source, exit, target) {
    const node = nodeOf(source);
    const now = node?.exits.find((one) => one.id === exit);
    if (!now || source === target || now.to === target || nodeOf(target)?.role !== "step") return;
    send([{ op: "connect", source, exit, target }]);
  }
  /** Ways out that lead nowhere from now on; the trigger's always leads somewhere. */
  function disconnect(ways) {
    const loose = ways.filter(([source]) => nodeOf(source)?.role === "step");
    send(loose.map(([source, exit]) => ({ op: "disconnect", source, exit })));
  }
  const tidy = () => steps().length && send([{ op: "lay_out" }]);

  return { add, remove, connect, disconnect, moved, tidy, placeBehind };
}
