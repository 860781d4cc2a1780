"""A field that searches while somebody types."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

# Long enough not to ask at every key, short enough to feel immediate.
DEBOUNCE_MS: Final = 250
LONGEST: Final = 200


def search_box(placeholder: str, value: str, search: Callable[[str], Awaitable[None]]) -> ui.input:
    """`search` gets what was typed, without blanks around it; empty means everything."""

    async def changed(event: ValueChangeEventArguments[str | None]) -> None:
        await search((event.value or "").strip()[:LONGEST])

    field = ui.input(value=value, on_change=changed)
    field.props(f"outlined dense clearable type=search debounce={DEBOUNCE_MS} maxlength={LONGEST}")
    field.props["placeholder"] = placeholder
    field.props["aria-label"] = placeholder
    field.classes("cz-field cz-search").mark("search")
    with field.add_slot("prepend"):
        ui.icon("search", size="19px").props("aria-hidden=true")
    return field
