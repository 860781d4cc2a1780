import styles from "./canvas.css?inline";
import editing from "./editing.css?inline";
import FlowCanvas from "./FlowCanvas.vue";

// The styles travel in the module: one file to ship, and no flash of a bare canvas.
if (!document.getElementById("flow-canvas-styles")) {
  const tag = document.createElement("style");
  tag.id = "flow-canvas-styles";
  tag.textContent = styles + editing;
  document.head.append(tag);
}

export { FlowCanvas };
