// CodeMirror's field is an element of its own inside ours: it takes the name we gave, and where it
// cannot be written in, the keyboard can scroll it all the same.
new MutationObserver(() => {
  for (const field of document.querySelectorAll(".cm-content")) {
    if (!field.hasAttribute("aria-label")) {
      const named = field.closest("[aria-label]");
      field.setAttribute("aria-label", named?.getAttribute("aria-label") ?? document.title);
    }
    const stop = field.isContentEditable ? "-1" : "0";
    const scroller = field.closest(".cm-scroller");
    if (scroller && scroller.getAttribute("tabindex") !== stop) scroller.setAttribute("tabindex", stop);
  }
}).observe(document, {
  childList: true,
  subtree: true,
  attributes: true,
  // It is closed to writing a moment after it appears.
  attributeFilter: ["contenteditable"],
});
