"""Names with values: fields and what is put there, headers, properties, expressions."""

from __future__ import annotations

from typing import Any, Final

from nicegui import ui

from designer.forms.context import NOTHING, Place
from designer.forms.plain_values import from_text, to_text
from designer.widgets import block, icon, words

_MOST: Final = 50


def mapping(place: Place) -> None:
    _Mapping(place)


class _Mapping:
    """Rows without a name are not told on, and stay until they are named or removed."""

    def __init__(self, place: Place) -> None:
        self._place = place
        given = place.value if isinstance(place.value, dict) else {}
        self._rows: list[tuple[str, Any]] = [(str(key), value) for key, value in given.items()]
        self._said: dict[str, Any] = dict(given)
        self._box = block("fm-mapping")
        self._draw()
        if place.context.may_edit:
            with block("cz-button is-quiet fm-add", tag="button") as add:
                add.props["type"] = "button"
                add.props["aria-label"] = f"{place.title}: {place.t('Add one')}"
                icon("add", "18px")
                words(place.t("Add one"))
            add.mark(f"add-{place.path}").on("click", self._add, args=[])

    def _draw(self) -> None:
        self._box.clear()
        with self._box:
            for index in range(len(self._rows)):
                self._row(index)

    def _row(self, index: int) -> None:
        t, name, value = self._place.t, *self._rows[index]
        with block("fm-pair"):
            key = self._key(name)
            key.props["aria-label"] = f"{self._place.title}: {t('Name')}"
            said = ui.input(value="" if value == "" else to_text(value))
            said.props("outlined dense").classes("cz-field fm-code")
            said.props["aria-label"] = f"{self._place.title}: {t('Value')}"
            said.props["placeholder"] = t("Value")

            async def left() -> None:
                self._rows[index] = (str(key.value or "").strip(), from_text(said.value or ""))
                await self._tell()

            if isinstance(key, ui.select):
                key.on_value_change(left)
            else:
                key.on("blur", left, args=[])
            said.on("blur", left, args=[])
            said.on("keydown.enter", left, args=[])
            if self._place.context.may_edit:
                self._remove_button(index)
            else:
                key.props["readonly"] = said.props["readonly"] = True

    def _key(self, name: str) -> ui.input | ui.select:
        offered = dict(self._place.context.choices.get(self._place.widget, ()))
        if offered:
            if name:
                offered.setdefault(name, name)
            made = ui.select(
                offered, value=name or None, with_input=True, new_value_mode="add-unique"
            )
            made.props("hide-selected fill-input input-debounce=0 options-dense")
            return made.props("outlined dense").classes("cz-field")
        line = ui.input(value=name).props("outlined dense").classes("cz-field")
        line.props["placeholder"] = self._place.t("Key")
        return line

    def _remove_button(self, index: int) -> None:
        t = self._place.t
        with block("fm-small", tag="button") as remove:
            remove.props["type"] = "button"
            remove.props["aria-label"] = t("Remove")
            icon("close", "17px")

        async def gone() -> None:
            del self._rows[index]
            self._draw()
            await self._tell()

        remove.on("click", gone, args=[])

    def _add(self) -> None:
        if len(self._rows) < _MOST:
            self._rows.append(("", ""))
            self._draw()

    async def _tell(self) -> None:
        said = {name: value for name, value in self._rows if name}
        if said != self._said:
            self._said = said
            await self._place.changed(said or NOTHING)
