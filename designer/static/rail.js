// On a phone the rail grows to a sheet with all rooms.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".cz-more");
  if (!button) return;
  const open = button.closest(".cz-rail").classList.toggle("is-open");
  button.setAttribute("aria-expanded", open);
});
