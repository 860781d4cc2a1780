import { onBeforeUnmount, ref } from "vue";

// A finger that rests so long, in milliseconds, lifts a step; one that moves before scrolls the palette.
const HOLD = 320;
const STIRS = 9;
const BORDER = 44; // within so many pixels of its side the drawing itself goes on
const PACE = 8;

/** Dragging a step from the palette with a finger, where the browser's own dragging knows only a mouse. */
export function useCarrying({ flow, editing, stage, dropped }) {
  const carried = ref(null); // {kind, x, y}: the step under the finger
  let start = null;
  let hold = 0;
  let frame = 0;

  function grab(event, kind) {
    // A second finger ends what the first one began.
    if (start) return letGo();
    if (event.pointerType === "mouse" || event.button !== 0) return;
    start = { kind, x: event.clientX, y: event.clientY };
    hold = setTimeout(lift, HOLD);
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", drop);
    window.addEventListener("pointercancel", letGo);
    window.addEventListener("keydown", escape, true);
  }
  function lift() {
    carried.value = { ...start };
    navigator.vibrate?.(12);
    creep();
  }
  function move(event) {
    if (!carried.value) return void (Math.hypot(event.clientX - start.x, event.clientY - start.y) > STIRS && letGo());
    carried.value = { ...carried.value, x: event.clientX, y: event.clientY };
    editing.aim(at());
  }
  function drop() {
    const { value } = carried;
    const place = value && at();
    letGo();
    if (!value) return;
    swallow();
    if (!inside(place)) return;
    editing.put(value.kind.kind, place);
    dropped();
  }
  function letGo() {
    clearTimeout(hold);
    cancelAnimationFrame(frame);
    carried.value = null;
    start = null;
    editing.aim(null);
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", drop);
    window.removeEventListener("pointercancel", letGo);
    window.removeEventListener("keydown", escape, true);
  }
  function escape(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    letGo();
  }
  const at = () => ({ clientX: carried.value.x, clientY: carried.value.y });
  const inside = ({ clientX, clientY }) => stage.value?.contains(document.elementFromPoint(clientX, clientY));

  function creep() {
    if (!carried.value) return;
    const box = stage.value.getBoundingClientRect();
    const { x, y } = carried.value;
    const side = (place, from, to) => (place < from + BORDER ? PACE : place > to - BORDER ? -PACE : 0);
    const there = inside(at());
    const by = there ? { x: side(x, box.left, box.right), y: side(y, box.top, box.bottom) } : { x: 0, y: 0 };
    if (by.x || by.y) {
      flow.panBy(by);
      editing.aim(at());
    }
    frame = requestAnimationFrame(creep);
  }
  /** What was a drag is not a tap as well. */
  function swallow() {
    const stop = (event) => {
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", stop, { capture: true }), 60);
  }
  /** While a finger carries, the palette does not scroll, and no menu or drag of the browser's own begins. */
  const steady = (event) => start && (carried.value || event.type !== "touchmove") && event.cancelable && event.preventDefault();

  onBeforeUnmount(letGo);
  return { carried, grab, steady };
}
