const READABLE = 0.76; // below this zoom the summaries are hard to read
const MARGIN = 24;

/** Moving and zooming the view. `frame` answers with the size of what is seen; `fromTop`: a short flow begins at the top, where it will grow. */
export function useView(flow, drawing, frame, { fromTop }) {
  function extent() {
    const nodes = flow.nodes.value.filter((node) => node.dimensions.width);
    if (!nodes.length) return null;
    const x = Math.min(...nodes.map((node) => node.position.x));
    const y = Math.min(...nodes.map((node) => node.position.y));
    const right = Math.max(...nodes.map((node) => node.position.x + node.dimensions.width));
    const bottom = Math.max(...nodes.map((node) => node.position.y + node.dimensions.height));
    return { x, y, width: right - x, height: bottom - y };
  }
  function fit() {
    const box = extent();
    if (box) flow.fitBounds(box, { padding: 0.1, duration: 250 });
  }
  /** The first view: large enough to read, with the start of the flow in sight. */
  function home() {
    const box = extent();
    const seen = frame();
    if (!box || !seen?.width) return;
    const whole = Math.min(seen.width / (box.width + 80), (seen.height - 40) / (box.height + 80));
    const zoom = Math.max(READABLE, Math.min(1, whole));
    const down = drawing.direction.value === "TB";
    const fits = whole >= READABLE;
    const centred = { x: (seen.width - box.width * zoom) / 2 - box.x * zoom, y: (seen.height - box.height * zoom) / 2 - box.y * zoom };
    const nodes = drawing.shown.value.nodes;
    const first = nodes.length ? flow.findNode(nodes[0].id) : null;
    const wide = box.width * zoom > seen.width - 40;
    if (!fits && down && first && wide) centred.x = seen.width / 2 - (first.position.x + first.dimensions.width / 2) * zoom;
    if (fromTop) centred.y = Math.min(centred.y, 56 - box.y * zoom);
    flow.setViewport({
      zoom,
      x: fits || down ? centred.x : 40 - box.x * zoom,
      y: fits || !down ? centred.y : 30 - box.y * zoom,
    });
  }
  function centre(node) {
    flow.setCenter(node.position.x + node.dimensions.width / 2, node.position.y + node.dimensions.height / 2, {
      zoom: Math.max(0.8, flow.viewport.value.zoom),
      duration: 300,
    });
  }
  /** Move the view just as far as is needed to see a node that stands (or will stand) at `place`. */
  function reveal(node, place = node.position) {
    const seen = frame();
    const { x, y, zoom } = flow.viewport.value;
    if (!seen?.width) return;
    const left = place.x * zoom + x;
    const top = place.y * zoom + y;
    const right = left + node.dimensions.width * zoom;
    const bottom = top + (node.dimensions.height + 50) * zoom;
    const dx = left < MARGIN ? MARGIN - left : Math.min(0, seen.width - MARGIN - right);
    const dy = top < MARGIN + 30 ? MARGIN + 30 - top : Math.min(0, seen.height - MARGIN - bottom);
    if (dx || dy) flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: 200 });
  }
  /** The point of the drawing in the middle of what is seen. */
  function middle() {
    const seen = frame();
    const { x, y, zoom } = flow.viewport.value;
    return { x: (seen.width / 2 - x) / zoom, y: (seen.height / 2 - y) / zoom };
  }
  return { fit, home, centre, reveal, middle };
}
