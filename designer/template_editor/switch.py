"""A row of buttons of which one is pressed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from inspect import isawaitable

from nicegui import ui

from designer.widgets import Words, block

Chosen = Callable[[str], Awaitable[None] | None]


class Switch:
    """`choices` are (value, words)."""

    def __init__(
        self, label: str, choices: Sequence[tuple[str, str]], value: str, chosen: Chosen, mark: str
    ) -> None:
        self._chosen = chosen
        self._mark = mark
        self._buttons: dict[str, Words] = {}
        self.value = value
        self._place = block("cz-tabs te-switch")
        self._place.props["role"] = "group"
        self._place.props["aria-label"] = label
        self.offer(choices, value)

    def offer(self, choices: Sequence[tuple[str, str]], value: str) -> None:
        """Other choices; `value` is pressed and `chosen` is not told."""
        self._place.clear()
        self._buttons.clear()
        self.value = value
        with self._place:
            for choice, name in choices:
                button = Words("button", name).classes("cz-tab")
                button.props["type"] = "button"
                button.mark(f"{self._mark}-{choice}")
                button.on("click", partial(self._press, choice), args=[])
                self._buttons[choice] = button
        self._show()

    def show(self, value: str) -> None:
        """Press another one without telling `chosen`."""
        self.value = value
        self._show()

    async def _press(self, value: str) -> None:
        self.show(value)
        found = self._chosen(value)
        if isawaitable(found):
            await found

    def _show(self) -> None:
        for choice, button in self._buttons.items():
            set_class(button, "is-active", on=choice == self.value)
            button.props["aria-pressed"] = "true" if choice == self.value else "false"


def set_class(place: ui.element, name: str, *, on: bool) -> None:
    if on:
        place.classes(add=name)
    else:
        place.classes(remove=name)
