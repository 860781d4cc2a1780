"""One line of time with everything that happened with a contact, narrowed by kinds."""

from __future__ import annotations

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import all_words
from designer.records.life_words import KIND_NAMES, Said, said
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, card, chip, icon, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.views.life import (
    Happened,
    LifeLine,
    LifeMark,
    LifePage,
    life_of,
    visible_kinds,
)


class LifeCard:
    def __init__(self, designer: Designer, visitor: Visitor, contact_id: int) -> None:
        self._designer, self._visitor, self._contact_id = designer, visitor, contact_id
        self._kinds = visible_kinds(visitor.somebody)
        self._chosen: set[Happened] = set()
        self._last: LifeMark | None = None
        self._day = ""

    def build(self, first: LifePage) -> None:
        t = self._visitor.t
        with card(t("What happened")):
            with block("cz-row cz-pad cz-lifekinds").props("role=group") as group:
                group.props["aria-label"] = t("Show only")
                self._buttons = {one: self._kind(one) for one in self._kinds}
            self._list = block("cz-timeline cz-life", tag="ol")
            with block("cz-pad"):
                self._more = plain_button(t("Earlier"), self._go_on, symbol="expand_more")
                self._more.mark("life-more")
        self._show(first)

    def _kind(self, kind: Happened) -> ui.element:
        async def clicked() -> None:
            self._chosen ^= {kind}
            on = kind in self._chosen
            button.classes(add="is-on" if on else "", remove="" if on else "is-on")
            button.props["aria-pressed"] = "true" if on else "false"
            await self._anew()

        with block("cz-filterchip", tag="button").props("type=button aria-pressed=false") as button:
            button.on("click", clicked, args=[]).mark(f"life-{kind}")
            words(self._visitor.t(KIND_NAMES[kind]))
        return button

    async def _anew(self) -> None:
        page = await self._ask(None)
        if page is not None:
            self._list.clear()
            self._day = ""
            self._show(page)

    async def _go_on(self) -> None:
        page = await self._ask(self._last)
        if page is not None:
            self._show(page)

    async def _ask(self, after: LifeMark | None) -> LifePage | None:
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                kinds = self._chosen or set(self._kinds)
                return await life_of(session, actor, self._contact_id, kinds, after=after)
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            ui.notify(all_words(error, self._visitor.t), type="negative")
        return None

    def _show(self, page: LifePage) -> None:
        self._last = page.last
        self._more.set_visibility(page.last is not None)
        with self._list:
            for line in page.lines:
                self._line(line)
            if not page.lines and not self._day:
                with block("cz-soft", tag="li"):
                    words(self._visitor.t("Nothing of this happened yet."))

    def _line(self, line: LifeLine) -> None:
        formats = self._visitor.formats
        day = formats.date_of(line.at)
        told = said(line, self._visitor)
        with block("", tag="li"):
            with block("cz-dot"):
                icon(told.symbol)
            with block():
                with block("cz-row cz-lifeline"):
                    self._title(told)
                    if told.chip is not None:
                        chip(*told.chip)
                if told.more:
                    words(told.more, "cz-line__why", tag="div")
                with block("cz-row cz-line__at"):
                    words(formats.moment(line.at))
                    if told.why is not None:
                        anchor(told.why, self._visitor.t("Why?"))
        self._day = day

    def _title(self, told: Said) -> None:
        if told.address is not None:
            anchor(told.address, told.title, "cz-line__title")
        else:
            words(told.title, "cz-line__title")
