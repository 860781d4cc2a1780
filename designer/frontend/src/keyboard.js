import { onBeforeUnmount, onMounted } from "vue";

const TYPING = "input, textarea, select, [contenteditable=true], .cm-editor, dialog, [role=dialog]";

/** What was pressed, such as "ctrl+shift+z", "a" or "arrowdown". */
function pressed(event) {
  const key = event.key.toLowerCase();
  const control = event.ctrlKey || event.metaKey ? "ctrl+" : "";
  // What stands on a key with Shift, such as "?" and "+", is named by itself.
  const shift = event.shiftKey && (key.length > 1 || control || /[a-z]/.test(key)) ? "shift+" : "";
  return control + shift + key;
}

/**
 * Keys of the drawing. On the document, because the focus may fall to the page when what had it is removed.
 *
 * `keys` maps what was pressed to a deed; one that answers false leaves the key to the browser. `stage` is the
 * element of the drawing.
 */
export function useKeys(stage, keys) {
  function onKey(event) {
    const place = stage.value;
    const here = place && place.offsetParent && (place.contains(event.target) || event.target === document.body);
    if (!here || event.altKey || event.defaultPrevented || event.isComposing || event.target.closest?.(TYPING)) return;
    // A button has its own Enter and Space.
    if (event.target.closest?.("button, a") && ["Enter", " "].includes(event.key)) return;
    const deed = keys[pressed(event)];
    if (!deed || deed(event) === false) return;
    event.preventDefault();
  }
  onMounted(() => document.addEventListener("keydown", onKey));
  onBeforeUnmount(() => document.removeEventListener("keydown", onKey));
}

/** Copying and pasting by the browser's own events: with them a page may read what was copied elsewhere. */
export function usePaste(stage, paste) {
  function onPaste(event) {
    const place = stage.value;
    const here = place && place.offsetParent && (place.contains(event.target) || event.target === document.body);
    if (!here || event.target.closest?.(TYPING)) return;
    event.preventDefault();
    paste(event.clipboardData?.getData("text/plain") || "");
  }
  onMounted(() => document.addEventListener("paste", onPaste));
  onBeforeUnmount(() => document.removeEventListener("paste", onPaste));
}
