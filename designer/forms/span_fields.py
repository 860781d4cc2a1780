"""Lengths of time: a number and a unit; what does not fit into one unit is written out."""

from __future__ import annotations

from nicegui import ui

from designer.forms.choice_words import choice_word
from designer.forms.context import NOTHING, Place
from designer.forms.lines import plain_input, some_text, when_left
from designer.forms.spans import MOST, UNITS, Amount, SpanUnit, amount_of
from designer.widgets import block


def span(place: Place) -> None:
    _span(place, turned=False)


def offset(place: Place) -> None:
    """So long before a date, or after it."""
    _span(place, turned=True)


def _span(place: Place, *, turned: bool) -> None:
    written = place.value if place.value is not None else place.prop.get("default")
    amount = amount_of(written) if isinstance(written, str) else None
    if written is not None and amount is None:
        made = plain_input(place, str(written))
        when_left(made, place, some_text)
        return
    _SpanField(place, amount, turned=turned)


class _SpanField:
    def __init__(self, place: Place, amount: Amount | None, *, turned: bool) -> None:
        t = place.t
        self._place = place
        with block("fm-span"):
            self._count = ui.number(
                value=abs(amount.count) if amount else None, min=0, max=MOST, step=1, precision=0
            )
            self._count.props("outlined dense").classes("cz-field fm-number")
            self._count.props["aria-label"] = place.title
            self._unit: ui.select = self._select(
                {unit: choice_word(unit, t) for unit in UNITS},
                amount.unit if amount else "d",
                t("Unit"),
            )
            self._side: ui.select | None = None
            if turned:
                sides = {"-": t("before"), "": t("after")}
                is_before = amount is None or amount.count < 0
                self._side = self._select(sides, "-" if is_before else "", t("Before or after"))
        self._said = self._written()
        if not place.context.may_edit:
            for part in (self._count, self._unit, self._side):
                if part is not None:
                    part.props["readonly"] = True
        self._count.on("blur", self._changed, args=[])
        self._count.on("keydown.enter", self._changed, args=[])
        for chosen in (self._unit, self._side):
            if chosen is not None:
                chosen.on_value_change(self._changed)

    def _select(self, options: dict[str, str], value: str, label: str) -> ui.select:
        made = ui.select(options, value=value).props("outlined dense options-dense")
        made.classes("cz-field fm-unit")
        made.props["aria-label"] = f"{self._place.title}: {label}"
        return made

    def _written(self) -> str | None:
        if self._count.value is None:
            return None
        unit: SpanUnit = next(one for one in UNITS if one == self._unit.value)
        sign = self._side.value if self._side is not None and self._count.value else ""
        return f"{sign}{Amount(int(self._count.value), unit).written()}"

    async def _changed(self) -> None:
        said = self._written()
        if said != self._said:
            self._said = said
            await self._place.changed(NOTHING if said is None else said)
