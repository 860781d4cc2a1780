// CodeMirror's field is an element of its own inside ours: it takes the name we gave, and the keyboard can scroll it.
new MutationObserver(() => {
  for (const field of document.querySelectorAll(".cm-content:not([aria-label])")) {
    const named = field.closest("[aria-label]");
    if (named) field.setAttribute("aria-label", named.getAttribute("aria-label"));
    else field.setAttribute("aria-label", document.title);
    field.closest(".cm-scroller")?.setAttribute("tabindex", field.isContentEditable ? "-1" : "0");
  }
}).observe(document, { childList: true, subtree: true });
