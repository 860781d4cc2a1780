"""A dialog in which one account is found by name and chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.asking import plain_button
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import NotSignedIn
from engine.services.records.choosing import accounts_called

NO_ACCOUNT: Final = 0
_DEBOUNCE_MS: Final = 200


async def pick_account(designer: Designer, visitor: Visitor) -> int | None:
    """The number of the chosen account, `NO_ACCOUNT`, or None when the dialog was left."""
    t = visitor.t
    with ui.dialog() as dialog, ui.card().classes("cz-dialog cz-picker"):
        words(t("Which account?"), "cz-h2", tag="h2")
        field = ui.input().classes("cz-field full-width")
        field.props(f"outlined dense autofocus type=search debounce={_DEBOUNCE_MS} maxlength=200")
        field.props["placeholder"] = t("Name or domain")
        field.props["aria-label"] = t("Name or domain")
        place = block("cz-picker__finds")
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("No account"), lambda: dialog.submit(NO_ACCOUNT))
            plain_button(t("Cancel"), dialog.close)

    async def search(typed: str) -> None:
        try:
            actor = await designer.actor(visitor.token)
        except NotSignedIn:
            ask_to_sign_in()
            return
        async with designer.transaction() as session:
            found = await accounts_called(session, actor, typed.strip())
        place.clear()
        with place:
            for id_, name in found:
                with block("cz-picker__find", tag="button").props("type=button") as button:
                    button.on("click", _submit(dialog, id_), args=[]).mark("pick-account")
                    words(name, "cz-clip")
            if not found:
                words(t("No account is called like this"), "cz-soft cz-pad")

    async def typed(event: ValueChangeEventArguments[str | None]) -> None:
        await search(event.value or "")

    field.on_value_change(typed)
    await search("")
    answer = await dialog
    dialog.clear()
    dialog.delete()
    return answer if isinstance(answer, int) else None


def _submit(dialog: ui.dialog, id_: int) -> Callable[[], None]:
    return lambda: dialog.submit(id_)
