"""One person's way, step by step: a list to walk through, the drawing beside it, the letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from nicegui import ui
from nicegui.events import KeyEventArguments

from designer.asking import plain_button
from designer.components.flow_canvas import FlowCanvas
from designer.components.letter_frame import letter_frame
from designer.try_it.told import Step
from designer.visitor import Visitor
from designer.widgets import Words, block, icon, words
from engine.services.simulating.letters import Written

_BACK: Final = ("ArrowLeft", "k")
_ON: Final = ("ArrowRight", "j")


class OneWay:
    """Stands on the last step at first; the arrow keys, Home and End go through the others."""

    def __init__(self, steps: Sequence[Step], canvas: FlowCanvas, visitor: Visitor) -> None:
        self.steps, self._canvas, self._visitor = steps, canvas, visitor
        self.at = len(steps) - 1
        self._rows: list[ui.element] = []
        self._buttons: dict[str, ui.element] = {}
        self._build()

    def go(self, place: int) -> None:
        place = min(max(place, 0), len(self.steps) - 1)
        self._mark(self.at, active=False)
        self.at = place
        self._mark(place, active=True)
        self._rows[place].run_method("scrollIntoView", {"block": "nearest"})
        self.show_on_canvas()

    def show_on_canvas(self) -> None:
        """Also when the canvas was drawn anew."""
        step = self.steps[self.at]
        self._canvas.show_run(step.nodes, step.edges)
        if step.line.node is not None:
            self._canvas.focus(step.line.node)
        t = self._visitor.t
        text = t("Step {number} of {count}", number=self.at + 1, count=len(self.steps))
        self._where.set_text(text)
        for name, off in (("back", self.at == 0), ("on", self.at == len(self.steps) - 1)):
            self._buttons[name].props["disabled"] = off
            self._buttons[name].update()

    def _build(self) -> None:
        t = self._visitor.t
        with block("cz-try__steps") as bar:
            bar.props["role"] = "toolbar"
            bar.props["aria-label"] = t("Steps")
            self._button("first", "first_page", t("First step (Home)"), lambda: 0)
            self._button("back", "chevron_left", t("Step back (←)"), lambda: self.at - 1)
            self._where: Words = words("", "cz-number cz-small")
            self._where.props["role"] = "status"
            self._button("on", "chevron_right", t("Step on (→)"), lambda: self.at + 1)
            self._button("last", "last_page", t("Last step (End)"), lambda: len(self.steps) - 1)
        with block("cz-timeline cz-try__timeline", tag="ol") as timeline:
            timeline.props["aria-label"] = t("What happened and why")
            for place, step in enumerate(self.steps):
                self._row(place, step)
        ui.keyboard(self._key, ignore=["input", "select", "textarea"], repeating=True)
        self._mark(self.at, active=True)
        self.show_on_canvas()

    def _button(self, name: str, symbol: str, label: str, target: Callable[[], int]) -> None:
        button = block("cz-button is-quiet", tag="button").mark(f"way-{name}")
        button.props["type"] = "button"
        button.props["aria-label"] = label
        button.props["title"] = label
        button.on("click", lambda: self.go(target()), args=[])
        with button:
            icon(symbol, "20px")
        self._buttons[name] = button

    def _row(self, place: int, step: Step) -> None:
        line, t, formats = step.line, self._visitor.t, self._visitor.formats
        with block("cz-try__step", tag="li").mark(f"way-step-{place}") as row:
            row.on("click", lambda: self.go(place), args=[])
            with block("cz-dot" if line.tone == "plain" else f"cz-dot is-{line.tone}"):
                icon(line.icon)
            with block():
                title = words(line.title, "cz-line__title cz-try__title", tag="button")
                title.props["type"] = "button"
                for reason in line.why:
                    words(reason, "cz-line__why", tag="div")
                if step.letter is not None:
                    letter = step.letter
                    subject = letter.message.subject or letter.message.text[:120]
                    words(subject, "cz-line__why", tag="div")
                    button = plain_button(
                        t("Show the message"), lambda: self._letter(letter), symbol="drafts"
                    )
                    button.classes("cz-try__letter").mark(f"way-letter-{place}")
                words(formats.weekday_moment(line.at), "cz-line__at", tag="div")
        self._rows.append(row)

    def _letter(self, letter: Written) -> None:
        open_letter(letter, self._visitor)

    def _mark(self, place: int, *, active: bool) -> None:
        row = self._rows[place]
        row.classes(add="is-at") if active else row.classes(remove="is-at")
        if active:
            row.props["aria-current"] = "step"
        else:
            row.props.pop("aria-current", None)
        row.update()

    def _key(self, event: KeyEventArguments) -> None:
        modified = event.modifiers
        if not event.action.keydown or modified.ctrl or modified.alt or modified.meta:
            return
        key = str(event.key.name)
        places = {"Home": 0, "End": len(self.steps) - 1}
        if key in _BACK:
            self.go(self.at - 1)
        elif key in _ON:
            self.go(self.at + 1)
        elif key in places:
            self.go(places[key])


def open_letter(letter: Written, visitor: Visitor) -> None:
    """The message as it would have been written, in a frame where nothing runs."""
    t, message = visitor.t, letter.message
    with ui.dialog() as dialog, ui.card().classes("cz-dialog cz-try__dialog"):
        words(message.subject or t("A message without a subject"), "cz-h2", tag="h2")
        words(t("Language: {language}", language=message.language), "cz-soft cz-small")
        if message.html:
            letter_frame(message.html, t("The message"), pictures={}, look="light", width="desktop")
        else:
            words(message.short_text or message.text, "cz-pre", tag="pre")
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Close"), dialog.close)
    dialog.on("hide", dialog.delete, args=[])
    dialog.open()
