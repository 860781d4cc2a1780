"""Sending a test of a letter: to oneself, or to the seed list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.asking import plain_button
from designer.i18n import Translator
from designer.letter_asked import Asked
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, notice, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.trying_messages import Desk, TestAsk, Tried, as_reference, send_test
from engine.services.trying_messages.testing import To


def test_buttons(
    designer: Designer,
    visitor: Visitor,
    desk: Desk,
    wanted: Asked | Callable[[], Asked],
    *,
    before: Callable[[], Awaitable[None]] | None,
) -> None:
    """One for each place a test may go to; what became of it is said in a dialog. `before` is done
    first: keeping what is sent."""
    t = visitor.t
    with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
        told = block("cz-stack cz-tight").mark("test-told")
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Close"), dialog.close)

    async def send(to: To, every_language: bool) -> None:
        asked = wanted() if callable(wanted) else wanted
        contact = None if asked.contact is None else as_reference(asked.contact)
        language = None if every_language else asked.language
        ask = TestAsk(asked.name, to, contact, language, every_language, asked.draft)
        told.clear()
        if before is not None:
            await before()
        try:
            actor = await designer.actor(visitor.token)
            tried = await send_test(
                designer.runtime.store, actor, desk, designer.runtime.channel, ask
            )
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            with told:
                notice(all_words(error, t, "letter"), "bad", "error_outline")
        else:
            with told:
                _tell(tried, t)
        dialog.open()

    async def to_me() -> None:
        await send("me", False)

    async def to_seeds() -> None:
        await send("seeds", True)

    buttons = (
        (t("To the seed list"), to_seeds, "groups", "test-seeds"),
        (t("Send me a test"), to_me, "send", "test-me"),
    )
    for name, deed, symbol, mark in buttons:
        # a phone shows the symbol alone
        plain_button(name, deed, symbol=symbol).mark(mark).props["aria-label"] = name


def _tell(tried: list[Tried], t: Translator) -> None:
    for one in tried:
        if one.answer == "sent":
            text = t("Sent to {address}: “{subject}”", address=one.address, subject=one.subject)
            notice(text, "accent", "check_circle")
        else:
            reason = one.reason or one.answer
            text = t("Not sent to {address}: {reason}", address=one.address, reason=reason)
            notice(text, "bad", "error_outline")
    words(
        t("A test is not counted, its links do nothing, and nobody else gets it."),
        "cz-soft cz-small",
        tag="p",
    )
