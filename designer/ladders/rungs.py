"""The pieces that ladders are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from nicegui import ui

from designer.ladders.desk import Desk
from designer.ladders.sheet import Path
from designer.tone import Tone
from designer.widgets import block, chip, icon, words


@contextmanager
def ladder(label: str) -> Iterator[ui.element]:
    with block("lad-ladder", tag="ol") as place:
        place.props["aria-label"] = label
        yield place


def between(text: str, symbol: str = "south") -> None:
    """What lies between two rungs: how long it takes."""
    with block("lad-between", tag="li"):
        icon(symbol, "16px")
        words(text)


def rung(
    desk: Desk,
    path: Path,
    number: str,
    title: str,
    lines: Sequence[str],
    *,
    who: Sequence[str] = (),
    marks: Sequence[tuple[str, Tone]] = (),
) -> ui.element:
    """One step of the ladder: a button that opens its form. `who` are those it is about."""
    t = desk.visitor.t
    wrong = desk.wrong_below(path)
    chosen = desk.selected[: len(path)] == path and bool(path)
    with block("lad-rung" + (" is-chosen" if chosen else ""), tag="li") as place:
        place.mark(f"rung-{number}")
        with block("lad-rung__face", tag="button") as face:
            face.props["type"] = "button"
            face.props["aria-pressed"] = "true" if chosen else "false"
            face.on("click", lambda: desk.select(path), args=[])
            face.mark(f"open-{number}")
            words(number, "lad-number")
            with block("lad-rung__words"):
                with block("cz-row cz-tight"):
                    words(title, "cz-strong")
                    for text, tone in marks:
                        chip(text, tone)
                    if wrong:
                        chip(t.n("{count} mistake", "{count} mistakes", wrong), "bad")
                if who:
                    with block("lad-who"):
                        for one in who:
                            words(one, "lad-person")
                for line in lines:
                    words(line, "cz-soft cz-small lad-line", tag="p")
    return place


def foot(symbol: str, text: str, tone: Tone = "plain") -> None:
    """Where the ladder ends."""
    with block(f"lad-foot is-{tone}", tag="li"):
        icon(symbol, "18px")
        words(text)


def adder(desk: Desk, name: str, click: Callable[[], None], mark: str) -> None:
    if not desk.may_edit:
        return
    with block("lad-add", tag="li"), small_button(name, "add", click).mark(mark):
        pass


def small_button(name: str, symbol: str, click: Callable[[], object]) -> ui.element:
    """With words beside the sign."""
    with block("cz-button lad-small", tag="button") as button:
        button.props["type"] = "button"
        button.on("click", click, args=[])
        icon(symbol, "16px")
        words(name)
    return button


def sign_button(name: str, symbol: str, click: Callable[[], object]) -> ui.element:
    """The sign alone; its name is for those who do not see it."""
    with block("cz-button is-quiet lad-sign", tag="button") as button:
        button.props["type"] = "button"
        button.props["aria-label"] = name
        button.props["title"] = name
        button.on("click", click, args=[])
        icon(symbol, "18px")
    return button
