"""A dialog in which one account is found by its name and chosen."""

from __future__ import annotations

from functools import partial
from typing import Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.asking import plain_button
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.sales.dialogs import taken_away
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.deals.board import Named, accounts_called

_DEBOUNCE_MS: Final = 200
_LONGEST: Final = 100


async def pick_account(designer: Designer, visitor: Visitor) -> Named | None:
    """None when the dialog was left without a choice."""
    t = visitor.t
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        dialog.props["aria-label"] = t("Choose an account")
        words(t("Choose an account"), "cz-h2", tag="h2")

        async def typed(event: ValueChangeEventArguments[str | None]) -> None:
            await look((event.value or "").strip()[:_LONGEST])

        field = ui.input(on_change=typed).classes("cz-field full-width").mark("account-search")
        field.props(f"outlined dense autofocus type=search debounce={_DEBOUNCE_MS}")
        field.props["placeholder"] = t("Name of the account")
        field.props["aria-label"] = t("Name of the account")
        found_here = block("sl-finds").props("role=listbox")
        found_here.props["aria-label"] = t("Accounts")
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close)

    async def look(part: str) -> None:
        found_here.clear()
        try:
            actor = await designer.actor(visitor.token)
            async with designer.transaction() as session:
                found = await accounts_called(session, actor, part)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            with found_here:
                words(all_words(error, t), "cz-bad", tag="p")
            return
        with found_here:
            for one in found:
                button = words(one.name, "cz-find sl-find", tag="button")
                button.props("type=button role=option").mark(f"account-{one.id}")
                button.on("click", partial(dialog.submit, one), args=[])
            if not found:
                told = (
                    t("No account is called like this.") if part else t("Type a part of its name.")
                )
                words(told, "cz-soft cz-small cz-pad", tag="p")

    await look("")
    chosen = await dialog
    taken_away(dialog)
    return chosen if isinstance(chosen, Named) else None
