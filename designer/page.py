"""What every page has in common: language, theme, and what is seen when it cannot be shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from nicegui import ui
from nicegui.language import Language as QuasarLanguage

from designer.i18n import N_
from designer.problem_words import refusal_words
from designer.shell import frame
from designer.visitor import asking, current
from designer.widgets import empty_state
from engine.errors import CadenzaError, NotAllowed, NotFound
from engine.services.audit_log.refusals import Refusals
from engine.services.door import came_through, door

PageFunction = Callable[..., Awaitable[None]]

# Building a page may wait for the database; longer than this and it counts as broken.
SLOWEST_BUILD_SECONDS = 20.0


class Page(ui.page):
    """A page whose first bytes are in the person's language and theme already: nothing flashes."""

    def __init__(self, path: str) -> None:
        super().__init__(path, response_timeout=SLOWEST_BUILD_SECONDS)

    def resolve_language(self) -> QuasarLanguage | None:
        visitor = asking()
        return "zh-CN" if visitor and visitor.language == "zh-CN" else "en-US"

    def resolve_dark(self) -> bool | None:
        visitor = asking()
        return visitor.dark if visitor else None


def page(path: str) -> Callable[[PageFunction], PageFunction]:
    """Register a page. What a service refuses is shown in the frame, in words."""

    def register(function: PageFunction) -> PageFunction:
        @wraps(function)
        async def shown(*arguments: Any, **named: Any) -> None:
            if door() is None:
                came_through("page")
            try:
                await function(*arguments, **named)
            except CadenzaError as error:
                ui.context.client.layout.clear()
                await _refused(error)
                if isinstance(error, NotAllowed):
                    await _noted(error, path)

        Page(path)(shown)
        return function

    return register


async def _noted(error: NotAllowed, path: str) -> None:
    """By the pattern of the address, which nobody makes up; once, where its transaction did."""
    request = ui.context.client.request
    refusals: Refusals | None = getattr(request.app.state, "refusals", None) if request else None
    if refusals is not None:
        await refusals.note_error(error, actor=current().actor, what=f"page {path}")


async def _refused(error: CadenzaError) -> None:
    t = current().t
    match error:
        case NotFound():
            title, icon = t(N_("This is not here")), "search_off"
            text = t(N_("It was deleted, or the address has a mistake."))
        case NotAllowed():
            title, icon = t(N_("You may not see this")), "lock"
            text = t(N_("Ask an admin for a role that may."))
        case _:
            title, icon = t(N_("This cannot be shown now")), "error_outline"
            text = refusal_words(error, t)
    with ui.context.client.layout, frame("", title):
        empty_state(icon, title, text, link=("/", t("Back to the start")))
