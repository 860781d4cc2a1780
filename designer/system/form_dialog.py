"""A small form in a dialog: fields, problems at their places, and a deed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.i18n import Translator
from designer.problem_words import placed_words, problem_words, refusal_words
from designer.widgets import Words, ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn, Refused

LONGEST: Final = 200_000


@dataclass(frozen=True, slots=True)
class Blank:
    """A field of the form. With `choices` it is a list to choose from; `places` are what problems
    call it, besides its name."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    choices: Mapping[str, str] | None = None
    lines: bool = False
    fixed: bool = False
    places: Sequence[str] = ()


class FormDialog:
    """Opens at once; `deed` gets the values by name and the dialog closes when it succeeds."""

    def __init__(
        self,
        t: Translator,
        title: str,
        text: str,
        blanks: Sequence[Blank],
        button: str,
        deed: Callable[[dict[str, str]], Awaitable[None]],
        *,
        mark: str = "form",
    ) -> None:
        self._t, self._deed, self._blanks = t, deed, blanks
        self._fields: dict[str, Any] = {}
        self._problems: dict[str, Words] = {}
        # On the page itself: the deed may draw anew what holds the button.
        with ui.context.client.layout:
            self.dialog = ui.dialog()
        with self.dialog, ui.card().classes("cz-dialog") as place:
            place.props["role"] = "dialog"
            place.props["aria-label"] = title
            words(title, "cz-h2", tag="h2")
            if text:
                words(text, "cz-soft", tag="p")
            for blank in blanks:
                self._field(blank)
            self._rest = words("", "cz-bad").props("role=alert")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), self.dialog.close)
                plain_button(button, self._submit, main=True).mark(f"{mark}-submit")
        self.dialog.on("hide", self.dialog.delete, args=[])
        self.dialog.open()

    def _field(self, blank: Blank) -> None:
        field: Any
        if blank.choices is not None:
            field = ui.select(dict(blank.choices), value=blank.value, label=blank.label)
        elif blank.lines:
            field = ui.textarea(label=blank.label, value=blank.value).props("rows=4")
            field.classes("cz-sys__area")
        else:
            field = ui.input(label=blank.label, value=blank.value)
            field.on("keydown.enter", self._submit, args=[])
        field.props("outlined dense").props["maxlength"] = LONGEST
        field.classes("full-width" if blank.lines else "full-width cz-field").mark(
            f"form-{blank.name}"
        )
        if blank.fixed:
            field.disable()
        self._fields[blank.name] = field
        if blank.hint:
            words(blank.hint, "cz-soft cz-small", tag="p")
        problem = words("", "cz-bad cz-small", tag="p").props("role=alert")
        for place in (blank.name, f"/{blank.name}", *blank.places):
            self._problems[place] = problem

    async def _submit(self) -> None:
        for problem in self._problems.values():
            problem.set_text("")
        self._rest.set_text("")
        try:
            await self._deed({name: str(one.value or "") for name, one in self._fields.items()})
        except NotSignedIn:
            ask_to_sign_in()
        except Refused as refused:
            self._tell(refused)
        except CadenzaError as error:
            self._rest.set_text(refusal_words(error, self._t))
        else:
            self.dialog.close()

    def _tell(self, refused: Refused) -> None:
        rest = [] if refused.problems else [refusal_words(refused, self._t)]
        for one in refused.problems:
            place = self._problems.get(one.place) or self._problems.get(_above(one.place))
            if place is None:
                rest.append(placed_words("form", one, self._t))
            else:
                said = problem_words("form", one.code, one.message, self._t)
                place.set_text(" ".join(filter(None, (place.text, said))))
        self._rest.set_text(" ".join(rest))


def _above(place: str) -> str:
    """The field that a place inside it belongs to: "/addresses/3" is of "/addresses"."""
    return place.rpartition("/")[0] if place.count("/") > 1 else place
