import { computed, ref, watch } from "vue";
import { neighbour } from "./walking.js";

/** What is chosen and where the focus is. `emit` tells the page what is chosen, once it has settled. */
export function useChoosing(flow, drawing, view, root, emit) {
  const { boxes, shown, nodeOf } = drawing;
  const chosen = computed(() => flow.getSelectedNodes.value.map((node) => node.id));
  const said = ref(""); // read out to those who do not see
  let told = "[]";
  let timer = 0;

  watch(chosen, () => {
    clearTimeout(timer);
    timer = setTimeout(tell, 60);
  });
  function tell() {
    const now = JSON.stringify(chosen.value);
    if (now !== told) emit("select", { nodes: [...chosen.value] });
    told = now;
  }

  const elementOf = (id) => root.value?.querySelector(`.vue-flow__node[data-id="${CSS.escape(id)}"]`);
  const focused = () => (root.value?.contains(document.activeElement) ? document.activeElement.closest(".vue-flow__node")?.dataset.id : undefined);
  /** What a key is about: the step that has the focus, else the one that is chosen. */
  const current = () => focused() || (chosen.value.length === 1 ? chosen.value[0] : undefined);
  const meant = () => (chosen.value.length ? chosen.value : [focused()].filter(Boolean));

  function focusNode(id) {
    elementOf(id)?.focus({ preventScroll: true });
  }
  function choose(ids) {
    flow.removeSelectedElements();
    flow.addSelectedNodes(ids.map((id) => flow.findNode(id)).filter(Boolean));
    const [only] = ids;
    if (ids.length === 1 && flow.findNode(only)) said.value = flow.findNode(only).ariaLabel;
  }
  function reveal(id) {
    const node = flow.findNode(id);
    if (node) view.reveal(node, drawing.placeOf(id));
  }
  /** Go from step to step with the arrow keys; on a drawing that is edited the step is chosen as well. */
  function walk(key, choosing) {
    const from = current() || shown.value.nodes[0]?.id;
    const to = current() ? neighbour(from, key, boxes(), shown.value.edges) : from;
    if (!to) return;
    if (choosing) choose([to]);
    reveal(to);
    focusNode(to);
  }
  /** The step that leads to one that goes away: where the focus stays. */
  function before(ids) {
    const gone = new Set(ids);
    const edge = shown.value.edges.find((one) => gone.has(one.target) && !gone.has(one.source));
    return edge?.source || shown.value.nodes.find((node) => !gone.has(node.id))?.id;
  }
  const all = () => choose(shown.value.nodes.filter((node) => node.role === "step").map((node) => node.id));
  const none = () => flow.removeSelectedElements();
  const edges = () => flow.getSelectedEdges.value.map((edge) => [edge.source, edge.data.out]);
  const deletable = () => meant().filter((id) => nodeOf(id)?.deletable);

  return { chosen, said, focused, current, deletable, focusNode, choose, reveal, walk, before, all, none, edges, stop: () => clearTimeout(timer) };
}
