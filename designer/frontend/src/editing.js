import { ref } from "vue";
import { expectCopy, pasted, remember } from "./clipboard.js";

const STEP = 10; // pixels of one push with an arrow key
const REST = 400; // milliseconds after the last push before it is told
const POPOVER = { width: 300, height: 400 };
const DRAGGED = "application/x-cadenza-step";

/** Drawing by mouse and by commands: joining, dragging, dropping, adding, removing, copying. */
export function useEditing({ flow, drawing, view, deeds, outbox, choosing, stage }) {
  const quick = ref(null); // {x, y, at, from}: the list to add a step from, where it stands and what opened it
  const waysOf = ref(null);
  const under = ref(null); // the line above which something is dragged
  const joining = ref(false);
  let start = null;
  let joined = false;
  let pushing = 0;
  let pushed = new Set();
  let focusNext = false;

  flow.onConnectStart(({ nodeId, handleId }) => {
    start = { source: nodeId, exit: handleId };
    joined = false;
    joining.value = true;
  });
  flow.onConnect(({ source, sourceHandle, target }) => {
    joined = true;
    deeds.connect(source, sourceHandle, target);
  });
  flow.onEdgeUpdateStart(({ edge }) => (start = { edge }));
  flow.onEdgeUpdate(({ edge, connection }) => deeds.connect(edge.source, edge.data.out, connection.target));
  flow.onConnectEnd((event) => {
    joining.value = false;
    const spot = event?.changedTouches?.[0] || event;
    const target = spot && document.elementFromPoint(spot.clientX, spot.clientY);
    // Let go above nothing, or just clicked: what should stand there?
    const clicked = target?.closest(".vue-flow__handle.source");
    const same = clicked?.dataset.nodeid === start?.source && clicked?.dataset.handleid === start?.exit;
    if (!joined && start?.source && (same || target?.closest(".vue-flow__pane"))) openQuick(spot.clientX, spot.clientY, start);
    start = null;
  });

  let grabbed = new Map();
  const grab = ({ nodes }) => {
    grabbed = new Map(nodes.map((node) => [node.id, { ...node.position }]));
    drawing.loosen(nodes.map((node) => node.id));
  };
  const drop = ({ nodes }) => {
    const moved = nodes.filter((node) => grabbed.get(node.id)?.x !== node.position.x || grabbed.get(node.id)?.y !== node.position.y);
    if (moved.length) deeds.moved(moved.map((node) => node.id));
    else drawing.arrange();
  };
  flow.onNodeDragStart(grab);
  flow.onNodeDragStop(drop);
  flow.onSelectionDragStart(grab);
  flow.onSelectionDragStop(drop);

  /** Push the chosen steps with the arrow keys; told once they rest. */
  function push(x, y) {
    const nodes = flow.getSelectedNodes.value.filter((node) => node.data.role === "step");
    if (!nodes.length) return false;
    drawing.loosen(nodes.map((node) => node.id));
    for (const node of nodes) {
      node.position = { x: node.position.x + x * STEP, y: node.position.y + y * STEP };
      pushed.add(node.id);
    }
    clearTimeout(pushing);
    pushing = setTimeout(rest, REST);
  }
  function rest() {
    clearTimeout(pushing);
    if (pushed.size) deeds.moved([...pushed]);
    pushed = new Set();
  }

  function openQuick(clientX, clientY, at) {
    const frame = stage.value.getBoundingClientRect();
    quick.value = {
      x: Math.max(8, Math.min(clientX - frame.left, frame.width - POPOVER.width - 8)),
      y: Math.max(8, Math.min(clientY - frame.top, frame.height - POPOVER.height - 8)),
      at,
      from: document.activeElement,
      since: performance.now(),
    };
  }
  function quickAt(element, at) {
    const box = element.getBoundingClientRect();
    openQuick(box.right + 8, box.top - 20, at);
  }
  function closeQuick() {
    const from = quick.value?.from;
    quick.value = null;
    if (from?.isConnected && from !== document.body) from.focus({ preventScroll: true });
  }
  /** A click beside the list closes it, but not the one that ended the drag which opened it. */
  function leaveQuick() {
    if (quick.value && performance.now() - quick.value.since > 250) quick.value = null;
  }
  /** Offer the steps for behind this one, or, without one, for where the drawing goes on. */
  function addBehind(id, element) {
    const at = deeds.placeBehind(id);
    const source = at.source && document.querySelector(`#${CSS.escape(stage.value.id)} .vue-flow__node[data-id="${CSS.escape(at.source)}"]`);
    if (at.source) choosing.reveal(at.source);
    if (element || source) quickAt(element || source, at);
    else openQuick(0, 0, at);
  }
  function chooseQuick(kind, at) {
    closeQuick();
    focusNext = true;
    deeds.add(kind, at);
  }
  function addFromPalette(kind) {
    const at = deeds.placeBehind(choosing.chosen.value.length === 1 ? choosing.chosen.value[0] : undefined);
    deeds.add(kind, at.source ? at : { free: drawing.byHand.value ? view.middle() : undefined });
  }

  function removeChosen() {
    const ids = choosing.deletable();
    const lines = choosing.edges();
    if (!ids.length && !lines.length) return false;
    rest();
    if (!ids.length) return deeds.disconnect(lines);
    const heir = choosing.before(ids);
    deeds.remove(ids);
    if (heir) choosing.focusNode(heir);
  }
  function withChosen(name) {
    const ids = choosing.deletable();
    if (!ids.length) return false;
    rest();
    if (name === "cut") {
      const heir = choosing.before(ids);
      if (heir) choosing.focusNode(heir);
    }
    if (name === "copy" || name === "cut") expectCopy();
    outbox.command(name, { ids });
  }
  async function paste(system) {
    const at = view.middle();
    const text = await pasted(system);
    if (text) outbox.command("paste", { text, at: drawing.byHand.value ? [Math.round(at.x), Math.round(at.y)] : null });
  }
  const setClipboard = (text) => remember(text);

  /** What lies below the pointer while a step is dragged over the drawing. */
  function targetUnder(event) {
    for (const element of document.elementsFromPoint(event.clientX, event.clientY)) {
      const loose = element.closest("[data-exit]");
      if (loose) return { source: loose.dataset.source, exit: loose.dataset.exit };
      const edge = flow.findEdge(element.closest("[data-edge]")?.dataset.edge || element.closest(".vue-flow__edge")?.dataset.id);
      if (edge) return { source: edge.source, exit: edge.data.out, edge: edge.id };
      const node = element.closest(".vue-flow__node")?.dataset.id;
      if (node) return drawing.nodeOf(node)?.exits.length ? deeds.placeBehind(node) : {};
    }
    return {};
  }
  /** Show what would take the step if it were let go at this point; null: nothing is dragged any more. */
  function aim(point) {
    under.value = (point && targetUnder(point).edge) || null;
  }
  /** A step of this kind where it was let go: into a line, behind a step, or free. */
  function put(kind, point) {
    under.value = null;
    const { source, exit } = targetUnder(point);
    const place = flow.screenToFlowCoordinate({ x: point.clientX, y: point.clientY });
    deeds.add(kind, source ? { source, exit } : { free: { x: place.x - 124, y: place.y - 30 } });
  }
  function onDragOver(event) {
    if (!event.dataTransfer?.types.includes(DRAGGED)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    aim(event);
  }
  function onDrop(event) {
    const kind = event.dataTransfer?.getData(DRAGGED);
    under.value = null;
    if (!kind) return;
    event.preventDefault();
    put(kind, event);
  }
  /** Whether the next new step gets the focus: it was added with the list, not from the palette. */
  function takeFocus() {
    const take = focusNext;
    focusNext = false;
    return take;
  }
  const showWays = (id) => (waysOf.value = id);
  function closeWays() {
    const id = waysOf.value;
    waysOf.value = null;
    if (id) choosing.focusNode(id);
  }

  return { quick, waysOf, under, joining, push, quickAt, closeQuick, leaveQuick, addBehind, chooseQuick, addFromPalette, removeChosen, withChosen, paste, setClipboard, aim, put, onDragOver, onDrop, takeFocus, showWays, closeWays, stop: () => clearTimeout(pushing) };
}
