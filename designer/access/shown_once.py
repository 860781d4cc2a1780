"""Something secret that is shown once: a key, a link, a password."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.asking import plain_button
from designer.people.deeds import Form
from designer.visitor import Visitor
from designer.widgets import Words, block, words


class ShownOnce:
    """A dialog of its own, so that closing a form does not take the secret with it. It stays until
    it is closed on purpose."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        with ui.dialog().props("persistent") as self._dialog:
            self._card = ui.card().classes("cz-dialog")

    def show(self, title: str, text: str, secrets: list[str]) -> None:
        t = self._visitor.t
        self._card.clear()
        with self._card:
            words(title, "cz-h2", tag="h2")
            words(text, "cz-soft", tag="p")
            if secrets:
                with block("acc-secret") as place:
                    place.props["tabindex"] = "0"
                    for one in secrets:
                        words(one, "cz-code", tag="div").mark("secret")
            with block("cz-row cz-dialog__buttons"):
                if secrets:
                    plain_button(t("Copy"), lambda: ui.clipboard.write("\n".join(secrets)))
                name = t("I have kept it") if secrets else t("Close")
                plain_button(name, self._done, main=True).mark("kept")
        self._dialog.open()

    def _done(self) -> None:
        self._dialog.close()
        # the page is built anew without it
        ui.navigate.reload()


def finish_with_secret(
    form: Form,
    name: str,
    save: Callable[[Words], Awaitable[bool]],
    mark: str,
    show: Callable[[], None],
) -> None:
    """As `Form.finish`; afterwards the secret is shown, and the page is built anew after that."""

    async def deed(problem: Words) -> bool:
        if await save(problem):
            form.dialog.close()
            show()
        # the form itself would build the page anew, and the secret would be gone
        return False

    form.finish(name, deed, mark)
