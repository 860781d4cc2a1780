const READABLE = 0.76; // below this zoom the summaries are hard to read
const OVERVIEW = 0.5; // below this one the titles are, too
const SMALLEST = 0.3; // the first view is from no farther away than this
const MARGIN = 24;
const FOOT = 56; // the height that the tools take at the bottom

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
  /**
   * The first view: large enough to read, with the start of the flow in sight. A flow with many ways beside each other
   * is seen from farther away, so that none of them begins outside. Where that would be too far, it is seen near enough
   * to read its titles, with its trigger in the middle.
   */
  function home() {
    const box = extent();
    const seen = frame();
    if (!box || !seen?.width) return;
    const down = drawing.direction.value === "TB";
    const across = down ? (seen.width - 2 * MARGIN) / box.width : (seen.height - MARGIN - FOOT) / box.height;
    const along = down ? (seen.height - MARGIN - FOOT) / box.height : (seen.width - 2 * MARGIN) / box.width;
    const whole = Math.min(across, along);
    const zoom = whole >= READABLE ? Math.min(1, whole) : across >= SMALLEST ? Math.min(READABLE, across) : OVERVIEW;
    const nodes = drawing.shown.value.nodes;
    const first = nodes.length ? flow.findNode(nodes[0].id) : null;
    const middle = first && { x: first.position.x + first.dimensions.width / 2, y: first.position.y + first.dimensions.height / 2 };
    const room = { width: seen.width, height: seen.height - FOOT };
    const x = placed(box.x, box.width, room.width, zoom, down ? middle?.x : null);
    const y = placed(box.y, box.height, room.height, zoom, down ? null : middle?.y);
    flow.setViewport({ zoom, x, y: fromTop ? Math.min(y, 56 - box.y * zoom) : y });
  }
  /**
   * Where one side of the drawing begins: in the middle where it has room; else with its start in sight, or with
   * `centre` in the middle, as far as no empty space comes in.
   */
  function placed(start, length, room, zoom, centre) {
    const spare = room - length * zoom;
    if (spare >= 2 * MARGIN - 1) return spare / 2 - start * zoom;
    const begin = MARGIN - start * zoom;
    if (centre == null) return begin;
    return Math.min(begin, Math.max(room - MARGIN - (start + length) * zoom, room / 2 - centre * zoom));
  }
  /** Bring a node into view. One that can be seen stays where it is: whoever follows a way keeps what is around. */
  function centre(node) {
    const { x, y, zoom } = flow.viewport.value;
    const seen = frame();
    const left = node.position.x * zoom + x;
    const top = node.position.y * zoom + y;
    const inside = left >= 0 && top >= 0 && left + node.dimensions.width * zoom <= seen.width && top + node.dimensions.height * zoom <= seen.height - FOOT;
    if (inside && zoom >= OVERVIEW) return;
    flow.setCenter(node.position.x + node.dimensions.width / 2, node.position.y + node.dimensions.height / 2, { zoom: Math.max(OVERVIEW, zoom), duration: 300 });
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
