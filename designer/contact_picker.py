"""A dialog in which one contact is found by name or address and chosen."""

from __future__ import annotations

from typing import Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.asking import plain_button
from designer.assets import asset
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.terms import LIFECYCLE_STAGES, toned
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, chip, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.views.contacts import ContactLine, Mark, contact_table

ROWS: Final = 8
LONGEST_SEARCH: Final = 200
_DEBOUNCE_MS: Final = 200
# Arrows go through the finds in the browser, without asking the server.
_ARROWS: Final = """(event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const finds = [...event.currentTarget.querySelectorAll("[role=option]")];
  if (!finds.length) return;
  event.preventDefault();
  const at = finds.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  if (at < 0) event.currentTarget.querySelector("input").focus();
  else finds[Math.min(at, finds.length - 1)].focus();
}"""


async def pick_contact(designer: Designer, visitor: Visitor, title: str) -> int | None:
    """The number of the chosen contact; None when the dialog was left without a choice."""
    picker = _Picker(designer, visitor, title)
    await picker.search("")
    chosen = await picker.dialog
    picker.dialog.clear()
    picker.dialog.delete()
    return chosen if isinstance(chosen, int) else None


class _Picker:
    def __init__(self, designer: Designer, visitor: Visitor, title: str) -> None:
        self._designer = designer
        self._visitor = visitor
        self._words = ""
        self._found: tuple[ContactLine, ...] = ()
        self._mark: Mark | None = None
        self._options: dict[int, ui.element] = {}
        t = visitor.t
        with ui.dialog() as self.dialog, ui.card().classes("cz-dialog cz-picker") as place:
            place.props["role"] = "dialog"
            place.props["aria-label"] = title
            place.on("keydown", js_handler=_ARROWS)
            # The dialog opens over pages that know nothing of its style.
            sheet = ui.element("link").props("rel=stylesheet")
            sheet.props["href"] = asset("records.css")
            words(title, "cz-h2", tag="h2")
            self._field = ui.input(on_change=self._typed).classes("cz-field full-width")
            self._field.props(f"outlined dense autofocus type=search debounce={_DEBOUNCE_MS}")
            self._field.props["placeholder"] = t("Name or e-mail")
            self._field.props["aria-label"] = t("Name or e-mail")
            self._field.props["maxlength"] = LONGEST_SEARCH
            self._field.mark("pick-search").on("keydown.enter", self._first, args=[])
            self._list = block("cz-picker__finds")
            self._list.props["role"] = "listbox"
            self._list.props["aria-label"] = t("Contacts")
            self._nobody = words(t("Nobody is called like this"), "cz-soft cz-pad", tag="p")
            self._nobody.set_visibility(False)
            self._problem = words("", "cz-bad").props("role=alert")
            with block("cz-row cz-dialog__buttons"):
                self._more = plain_button(t("More"), self._next).mark("pick-more")
                plain_button(t("Cancel"), self.dialog.close)

    async def search(self, typed: str) -> None:
        self._words = typed.strip()[:LONGEST_SEARCH]
        self._found, self._mark = (), None
        await self._turn()

    async def _typed(self, event: ValueChangeEventArguments[str | None]) -> None:
        await self.search(event.value or "")

    async def _next(self) -> None:
        await self._turn()

    async def _turn(self) -> None:
        asked = self._words
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                page = await contact_table(
                    session,
                    actor,
                    search=asked,
                    direction="next" if self._mark else "first",
                    mark=self._mark,
                    limit=ROWS,
                )
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._problem.set_text(all_words(error, self._visitor.t))
            return
        if asked != self._words:
            return  # somebody typed on meanwhile; the later answer counts
        self._found = (*self._found, *page.lines)
        self._mark = page.last
        self._more.set_visibility(page.has_next)
        self._nobody.set_visibility(not self._found)
        self._show()

    def _show(self) -> None:
        """Whoever stays on the list keeps their place in the page: a click that was on its way
        while the list changed is for somebody who is still there."""
        found = {line.id: line for line in self._found}
        for gone in self._options.keys() - found.keys():
            self._options.pop(gone).delete()
        for place, line in enumerate(found.values()):
            option = self._options.get(line.id)
            if option is None:
                with self._list:
                    option = self._options[line.id] = self._option(line)
            if self._list.default_slot.children[place] is not option:
                option.move(target_index=place)

    def _option(self, line: ContactLine) -> ui.element:
        stage, tone = toned(LIFECYCLE_STAGES, line.lifecycle_stage, self._visitor.t)

        def chosen() -> None:
            self.dialog.submit(line.id)

        with block("cz-picker__find", tag="button").mark("pick") as option:
            option.props("role=option type=button tabindex=-1 aria-selected=false")
            option.on("click", chosen, args=[])
            with block("cz-picker__who"):
                words(line.name, "cz-strong cz-clip", tag="div")
                if line.email and line.email != line.name:
                    words(line.email, "cz-soft cz-small cz-clip", tag="div")
            chip(stage, tone)
        return option

    def _first(self) -> None:
        if self._found:
            self.dialog.submit(self._found[0].id)
