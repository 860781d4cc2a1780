// Keys of the inbox: j and k go from one to the next, a letter presses the button that has it.
(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable], .q-field");
  const cards = () => [...document.querySelectorAll(".inb-ask")];
  const here = () => document.activeElement?.closest(".inb-ask");
  function go(by) {
    const all = cards();
    if (!all.length) return;
    const at = all.indexOf(here());
    const next = all[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by, 0), all.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  function press(key) {
    const place = here() || document.querySelector(".inb-one");
    const button = place?.querySelector(`[data-key="${key}"]`);
    if (button) button.click();
    return Boolean(button);
  }
  document.addEventListener("cz-more-waits", () => document.querySelector(".inb-more")?.classList.add("is-shown"));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      const send = event.key === "Enter" && document.querySelector(".q-dialog .inb-send");
      if (send) send.click();
      return;
    }
    if (typing(event.target) || document.querySelector(".q-dialog")) return;
    const key = event.key;
    if (key === "j" || key === "k") go(key === "j" ? 1 : -1);
    else if (key === "Enter" && event.target === here()) event.target.querySelector("a")?.click();
    else if (!/^[a-z?]$/.test(key) || !press(key)) return;
    event.preventDefault();
  });
})();
