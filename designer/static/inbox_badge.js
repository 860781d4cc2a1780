// The number beside the inbox: asked when a page opens and twice a minute while somebody looks.
(() => {
  const EVERY = 30000;
  let requests = null;
  const link = () => document.querySelector('.cz-nav[href="/inbox"]');
  async function ask() {
    if (document.hidden || !link()) return;
    let told;
    try {
      const answer = await fetch("/inbox/waiting", { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      told = await answer.json();
    } catch {
      return; // away for a moment; the next time comes
    }
    const place = link();
    if (!place) return;
    if (told.shown) place.dataset.waiting = told.shown;
    else delete place.dataset.waiting;
    place.setAttribute("aria-label", told.label);
    if (requests !== null && told.requests > requests) document.dispatchEvent(new CustomEvent("cz-more-waits"));
    requests = told.requests;
  }
  function begin(left) {
    if (link()) ask();
    else if (left > 0) setTimeout(() => begin(left - 1), 200);
  }
  begin(50);
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
})();
