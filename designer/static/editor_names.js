// CodeMirror's field is an element of its own inside ours: it takes the name we gave. It is a stop
// of the tab key even where it cannot be written in, so that the keyboard can scroll it.
new MutationObserver(() => {
  for (const field of document.querySelectorAll(".cm-content:not([aria-label])")) {
    const named = field.closest("[aria-label]");
    field.setAttribute("aria-label", named?.getAttribute("aria-label") ?? document.title);
    field.setAttribute("tabindex", "0");
  }
}).observe(document, { childList: true, subtree: true });
