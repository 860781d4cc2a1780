"""The dialog in which one chooses what a condition is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.asking import plain_button
from designer.i18n import Translator
from designer.rule_builder.offers import Offer, found
from designer.widgets import block, icon, words
from engine.rules.building.choices import Place

_DEBOUNCE_MS: Final = 120
_LONGEST: Final = 200
# Arrows go through the finds in the browser, without asking the server.
_ARROWS: Final = """(event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const finds = [...event.currentTarget.querySelectorAll(".rb-offer")];
  if (!finds.length) return;
  event.preventDefault();
  const at = finds.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  if (at < 0) event.currentTarget.querySelector("input").focus();
  else finds[Math.min(at, finds.length - 1)].focus();
}"""


async def pick_offer(
    t: Translator, known: list[Offer], place: Place, title: str, *, begin: str = ""
) -> Offer | None:
    """The chosen one; None when the dialog was left without a choice."""
    # at the page, not in the row that asked: the row may be drawn anew meanwhile
    with ui.context.client.content:
        picker = _Picker(t, known, place, title, begin)
    chosen = await picker.dialog
    if not picker.dialog.is_deleted:
        picker.dialog.clear()
        picker.dialog.delete()
    return chosen if isinstance(chosen, Offer) else None


class _Picker:
    def __init__(
        self, t: Translator, known: list[Offer], place: Place, title: str, begin: str
    ) -> None:
        self._t, self._known, self._place = t, known, place
        self._shown: list[Offer] = []
        with ui.dialog(value=True) as self.dialog, ui.card().classes("cz-dialog rb-picker") as card:
            card.props["role"] = "dialog"
            card.props["aria-label"] = title
            card.on("keydown", js_handler=_ARROWS)
            words(title, "cz-h2", tag="h2")
            field = ui.input(value=begin, on_change=self._typed).classes("cz-field full-width")
            field.props(f"outlined dense autofocus type=search debounce={_DEBOUNCE_MS}")
            field.props["placeholder"] = t("Search: country, order, opened …")
            field.props["aria-label"] = t("Search what to ask")
            field.props["maxlength"] = _LONGEST
            field.mark("field-search").on("keydown.enter", self._first, args=[])
            self._list = block("rb-picker__finds")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), self.dialog.close)
        self._show(begin)

    def _typed(self, event: ValueChangeEventArguments[str | None]) -> None:
        self._show((event.value or "")[:_LONGEST])

    def _show(self, typed: str) -> None:
        self._shown = found(self._known, typed, self._place, self._t)
        self._list.clear()
        with self._list:
            group = ""
            for offer in self._shown:
                if offer.group != group:
                    group = offer.group
                    words(group, "rb-picker__group", tag="h3")
                self._offer(offer)
            if not self._shown:
                words(self._t("Nothing is called like this"), "cz-soft cz-pad", tag="p")

    def _offer(self, offer: Offer) -> None:
        with block("rb-offer", tag="button").mark("offer") as button:
            button.props["type"] = "button"
            button.on("click", self._choosing(offer), args=[])
            icon(offer.symbol, "18px")
            words(offer.name, "cz-grow cz-clip")
            words(offer.hint, "cz-soft cz-small")

    def _choosing(self, offer: Offer) -> Callable[[], None]:
        return lambda: self.dialog.submit(offer)

    def _first(self) -> None:
        if self._shown:
            self.dialog.submit(self._shown[0])
