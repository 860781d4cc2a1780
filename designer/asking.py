"""A button that says what it is about to do, asks, and shows why it could not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.i18n import Translator
from designer.widgets import ask_to_sign_in, block, icon, words
from engine.errors import CadenzaError, NotSignedIn
from engine.flows.problems import FlowRefused


def asking_button(
    t: Translator,
    symbol: str,
    name: str,
    question: str,
    consequence: str,
    deed: Callable[[], Awaitable[None]],
    *,
    main: bool = False,
) -> None:
    """`deed` is done after a yes; it leads on to a page itself."""
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(question, "cz-h2", tag="h2")
        words(consequence, "cz-soft", tag="p")
        problems = block("cz-stack cz-tight")
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close)
            go = plain_button(name, None, main=True).mark("confirm", f"confirm-{symbol}")

    async def confirmed() -> None:
        problems.clear()
        try:
            await deed()
        except FlowRefused as refused:
            with problems:
                words(t("It cannot be published yet:"), "cz-strong")
                for problem in refused.flow_problems:
                    words(str(problem), "cz-code", tag="div")
            return
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            with problems:
                words(error.message, "cz-bad")
            return
        dialog.close()

    go.on("click", confirmed, args=[])
    opener = plain_button(name, dialog.open, main=main, symbol=symbol)
    opener.mark(f"do-{symbol}")


def plain_button(
    name: str, click: Callable[[], object] | None, *, main: bool = False, symbol: str = ""
) -> ui.element:
    button = block("cz-button is-main" if main else "cz-button", tag="button")
    button.props["type"] = "button"
    if click is not None:
        button.on("click", click, args=[])
    with button:
        if symbol:
            icon(symbol, "18px")
        words(name)
    return button
