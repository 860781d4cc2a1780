import { computed, shallowRef } from "vue";

/** Numbers and states laid over the drawing: who is where, what is wrong, which way one run took. */
export function useFigures(drawing, language) {
  const { shown } = drawing;
  const counts = shallowRef({});
  const edgeCounts = shallowRef({});
  const issues = shallowRef({});
  const run = shallowRef(null);
  const format = new Intl.NumberFormat(language, { notation: "standard" });
  const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const parts = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });

  /** Numbers as arrays in the order of the graph's nodes and edges; those of another graph are left out. */
  function setCounts(graphId, nodes, edges) {
    if (graphId !== shown.value.id) return;
    counts.value = Object.fromEntries(shown.value.nodes.map((node, index) => [node.id, nodes[index]]));
    edgeCounts.value = Object.fromEntries(shown.value.edges.map((edge, index) => [edge.id, edges[index]]));
  }
  function setIssues(byNode) {
    issues.value = byNode;
  }
  /** Colour the way one run took: `nodes` maps ids to done, here, held or failed; `edges` lists those taken. */
  function showRun(path) {
    run.value = path;
  }

  /** Of every line: how many of those who left its step took it, and how many of all who ever entered. */
  const shares = computed(() => {
    const trigger = shown.value.nodes.find((node) => node.role === "trigger")?.id;
    const entered = shown.value.edges.filter((edge) => edge.source === trigger).reduce((sum, edge) => sum + (edgeCounts.value[edge.id] || 0), 0);
    const found = {};
    for (const edge of entered ? shown.value.edges : []) {
      // All who left: by a way out, and those who ended there before one.
      const left = counts.value[edge.source]?.[2];
      const count = edgeCounts.value[edge.id];
      if (edge.source === trigger || !left || count == null) continue;
      if (count < left) found[edge.id] = { step: count / left, whole: count / entered };
    }
    return found;
  });

  return {
    counts,
    edgeCounts,
    issues,
    run,
    shares,
    setCounts,
    setIssues,
    showRun,
    number: (value) => (value >= 100000 ? compact : format).format(value),
    percent: (value) => parts.format(value),
  };
}
