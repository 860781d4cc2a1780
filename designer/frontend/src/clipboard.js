const KEY = "cadenza-clipboard";

// What the last copying gave, for pages and browsers where the system's clipboard may not be written.
let inside = "";
let written = false;
// While the server is still asked what the chosen steps are: whoever pastes at once means these.
let awaited = null;

export function expectCopy() {
  awaited = {};
  awaited.there = new Promise((resolve) => {
    awaited.resolve = resolve;
    setTimeout(resolve, 5000);
  });
}

export function remember(text) {
  inside = text;
  awaited?.resolve();
  awaited = null;
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
export async function pasted(system) {
  if (awaited) {
    await awaited.there;
    return inside;
  }
  if (inside && !written) return inside;
  if (system.trim()) return system;
  try {
    return inside || localStorage.getItem(KEY) || "";
  } catch {
    return inside;
  }
}
