const KEY = "cadenza-clipboard";

// What the last copying gave, for pages and browsers where the system's clipboard may not be written.
let inside = "";
let written = false;

export function remember(text) {
  inside = text;
  written = false;
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // Kept for this page alone then.
  }
  navigator.clipboard?.writeText(text).then(
    () => (written = true),
    () => {},
  );
}

/** The text to paste: the system's, unless our last copying could not get there. */
export function pasted(system) {
  if (inside && !written) return inside;
  if (system.trim()) return system;
  try {
    return inside || localStorage.getItem(KEY) || "";
  } catch {
    return inside;
  }
}
