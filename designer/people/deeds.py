"""Doing something about people as whoever is signed in then, and showing why it could not be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words, ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.actor import Actor

Deed = Callable[[Any, Actor], Awaitable[Any]]


async def done(designer: Designer, visitor: Visitor, deed: Deed, problem: Words) -> bool:
    """One transaction; whatever waits for people is looked at again after it."""
    problem.set_text("")
    try:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await deed(session, actor)
    except NotSignedIn:
        ask_to_sign_in()
        return False
    except CadenzaError as error:
        problem.set_text(all_words(error, visitor.t))
        return False
    designer.runtime.pokes.clocks()
    return True


class Form:
    """A dialog with fields, a place for what went wrong, and a button that does it."""

    def __init__(self, visitor: Visitor, title: str, text: str = "") -> None:
        self._visitor = visitor
        with ui.dialog() as self.dialog, ui.card().classes("cz-dialog") as self._card:
            words(title, "cz-h2", tag="h2")
            if text:
                words(text, "cz-soft", tag="p")
            self.fields = block("cz-stack ppl-form")

    def __enter__(self) -> Form:
        self.fields.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.fields.__exit__()

    def finish(self, name: str, deed: Callable[[Words], Awaitable[bool]], mark: str) -> None:
        """`deed` gets the place for what went wrong; a page that changed is built anew."""
        t = self._visitor.t
        with self._card:
            problem = words("", "cz-bad").mark(f"problem-{mark}")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), self.dialog.close)
                go = plain_button(name, None, main=True).mark(f"confirm-{mark}")

        async def confirmed() -> None:
            if await deed(problem):
                self.dialog.close()
                ui.navigate.reload()

        go.on("click", confirmed, args=[])

    def opener(self, name: str, symbol: str, mark: str, *, main: bool = False) -> ui.element:
        return plain_button(name, self.dialog.open, symbol=symbol, main=main).mark(mark)
