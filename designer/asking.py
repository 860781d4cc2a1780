"""A button that says what it is about to do, asks, and shows why it could not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.i18n import Translator
from designer.problem_words import all_words, flow_problem_words
from designer.widgets import ask_to_sign_in, block, icon, words
from engine.errors import CadenzaError, NotSignedIn
from engine.flows.problems import FlowRefused
from engine.services.agreement import NeedsApproval


def asking_button(
    t: Translator,
    symbol: str,
    name: str,
    question: str,
    consequence: str,
    deed: Callable[[], Awaitable[None]],
    *,
    main: bool = False,
    ask: Callable[[], Awaitable[str]] | None = None,
) -> None:
    """`deed` is done after a yes; it leads on to a page itself. Where a chain of approvals must
    agree first, `ask` is offered instead: it asks them, and answers whom it waits for."""
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        words(question, "cz-h2", tag="h2")
        words(consequence, "cz-soft", tag="p")
        problems = block("cz-stack cz-tight")
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close)
            go = plain_button(name, None, main=True).mark("confirm", f"confirm-{symbol}")

    async def confirmed() -> None:
        if await attempt(deed):
            dialog.close()

    async def asked() -> None:
        whom: list[str] = []

        async def asks() -> None:
            if ask is not None:
                whom.append(await ask())

        if await attempt(asks):
            go.visible = False
            with problems:
                words(t("They were asked. It comes into force once they agree."), "cz-good")
                words(" ".join(whom), "cz-strong")

    async def attempt(what: Callable[[], Awaitable[None]]) -> bool:
        problems.clear()
        try:
            await what()
        except FlowRefused as refused:
            with problems:
                words(t("It cannot be published yet:"), "cz-strong")
                for problem in refused.flow_problems:
                    words(flow_problem_words(problem, t), "cz-code", tag="div")
            return False
        except NotSignedIn:
            ask_to_sign_in()
            return False
        except NeedsApproval as refused:
            chain = refused.chain
            text = t("The approval chain “{chain}” must agree to this first.", chain=chain)
            with problems:
                words(text, "cz-bad")
                if ask is not None:
                    plain_button(t("Ask them"), asked, symbol="send").mark(f"ask-{symbol}")
            return False
        except CadenzaError as error:
            with problems:
                words(all_words(error, t), "cz-bad")
            return False
        return True

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
