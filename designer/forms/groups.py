"""Forms inside a form: one that may be there or not, and several one after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nicegui import ui

from designer.forms.context import (
    NOTHING,
    InnerForm,
    Place,
    Problems,
    ShowProblems,
    below,
    in_language,
)
from designer.forms.shapes import fresh, shape_of
from designer.widgets import block, icon, words

_MOST: Final = 50


def group(place: Place) -> ShowProblems:
    return _Group(place).show_problems


def repeat(place: Place) -> ShowProblems:
    return _Repeat(place).show_problems


class _Group:
    def __init__(self, place: Place) -> None:
        self._place = place
        self._shape = shape_of(place.prop, place.definitions)
        self._form: InnerForm | None = None
        self._problems: Problems = {}
        if self._shape.may_miss:
            made = ui.switch(place.t("Use this"), value=place.value is not None)
            made.classes("fm-switch")
            made.props["aria-label"] = f"{place.title}: {place.t('Use this')}"
            made.on_value_change(lambda: self._turned(made.value))
            if not place.context.may_edit:
                made.disable()
        self._box = block("fm-inner")
        if place.value is not None or not self._shape.may_miss:
            self._draw(place.value)

    def _draw(self, value: Any) -> None:
        with self._box:
            self._form = self._place.inner(
                self._shape.inner, value, self._changed, self._place.path
            )
        self._form.show_problems(self._problems)

    async def _turned(self, on: bool) -> None:
        self._box.clear()
        self._form = None
        begun = fresh(self._shape.inner) if on else None
        if on:
            self._draw(begun)
        await self._place.changed(NOTHING if begun is None else begun)

    async def _changed(self, value: dict[str, Any]) -> None:
        await self._place.changed(value)

    def show_problems(self, problems: Problems) -> None:
        self._problems = problems
        if self._form is not None:
            self._form.show_problems(problems)


class _Repeat:
    """Parts in an order, which may be moved, removed and added to."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._shape = shape_of(place.prop, place.definitions)
        given = place.value if isinstance(place.value, list | tuple) else ()
        self._parts: list[Any] = list(given)
        self._forms: list[InnerForm] = []
        self._problems: Problems = {}
        self._box = block("fm-repeat")
        self._draw()
        if place.context.may_edit:
            self._add_button()

    def _add_button(self) -> None:
        t, name = self._place.t, in_language(self._shape.inner, "title", self._place.t)
        with block("cz-button is-quiet fm-add", tag="button") as add:
            add.props["type"] = "button"
            add.props["aria-label"] = f"{self._place.title}: {t('Add one')} {name}".strip()
            icon("add", "18px")
            words(t("Add one"))
        add.mark(f"add-{self._place.path}").on("click", self._add, args=[])

    def _draw(self) -> None:
        self._box.clear()
        self._forms = []
        with self._box:
            for index in range(len(self._parts)):
                self._part(index)
        self.show_problems(self._problems)

    def _part(self, index: int) -> None:
        async def changed(value: dict[str, Any]) -> None:
            self._parts[index] = value
            await self._tell()

        with block("fm-part"):
            with block("fm-part__head"):
                words(f"{index + 1}", "fm-part__number")
                block("cz-grow")
                if self._place.context.may_edit:
                    self._buttons(index)
            path = f"{self._place.path}/{index}"
            form = self._place.inner(self._shape.inner, self._parts[index], changed, path)
        self._forms.append(form)

    def _buttons(self, index: int) -> None:
        t = self._place.t
        if index:
            _small("arrow_upward", t("Move up"), lambda: self._move(index, -1))
        if index < len(self._parts) - 1:
            _small("arrow_downward", t("Move down"), lambda: self._move(index, 1))
        _small("delete", t("Remove"), lambda: self._remove(index))

    async def _add(self) -> None:
        if len(self._parts) < _MOST:
            self._parts.append(fresh(self._shape.inner))
            await self._rebuilt()

    async def _remove(self, index: int) -> None:
        del self._parts[index]
        await self._rebuilt()

    async def _move(self, index: int, by: int) -> None:
        parts = self._parts
        parts[index], parts[index + by] = parts[index + by], parts[index]
        await self._rebuilt()

    async def _rebuilt(self) -> None:
        self._draw()
        await self._tell()

    async def _tell(self) -> None:
        await self._place.changed(list(self._parts))

    def show_problems(self, problems: Problems) -> None:
        self._problems = problems
        for index, form in enumerate(self._forms):
            form.show_problems(below(problems, str(index)))


def _small(symbol: str, label: str, click: Callable[[], Any]) -> ui.element:
    with block("fm-small", tag="button") as button:
        button.props["type"] = "button"
        button.props["aria-label"] = label
        button.props["title"] = label
        icon(symbol, "17px")
    return button.on("click", click, args=[])
