"""A letter in a frame where nothing runs and nothing is fetched, as different programs show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from nicegui import ui

from designer.components.mail_view import framed
from designer.widgets import block
from engine.services.files import with_pictures_at

Look: TypeAlias = Literal["light", "dark", "inverted"]
Width: TypeAlias = Literal["desktop", "phone"]

# Programs that leave a letter's colours alone and only say that the reader likes it dark.
_DARK: Final = (
    '<meta name="color-scheme" content="dark">'
    "<style>:root{color-scheme:dark;background:#1b1b1d;color:#e8e8ea}</style>"
)
# Programs that turn the colours over; pictures keep theirs.
_INVERTED: Final = (
    "<style>html{background:#fff;filter:invert(1) hue-rotate(180deg)}"
    "img,video{filter:invert(1) hue-rotate(180deg)}</style>"
)
_HEADS: Final[Mapping[Look, str]] = {"light": "", "dark": _DARK, "inverted": _INVERTED}


def letter_frame(
    html: str, title: str, *, pictures: Mapping[str, str], look: Look, width: Width
) -> ui.element:
    """`pictures` are addresses by content id; they hold the pictures themselves."""
    paper = LetterPaper(title)
    paper.show(html, pictures=pictures, look=look, width=width)
    return paper.place


class LetterPaper:
    """The frame, to be filled again and again."""

    def __init__(self, title: str) -> None:
        self._shown = ""
        self._classes = ""
        with block("cz-paper") as self.place:
            # An empty sandbox: no scripts, no forms, no links that open, an origin of its own.
            self._frame = ui.element("iframe").classes("cz-mail")
            self._frame.props["sandbox"] = ""
            self._frame.props["referrerpolicy"] = "no-referrer"
            self._frame.props["title"] = title

    def show(self, html: str, *, pictures: Mapping[str, str], look: Look, width: Width) -> None:
        """The same letter again does not load the frame anew."""
        shown = framed(_HEADS[look] + with_pictures_at(html, pictures.get))
        if shown != self._shown:
            self._shown = shown
            self._frame.props["srcdoc"] = shown
        classes = f"is-{width} is-{look}"
        if classes != self._classes:
            self.place.classes(remove=self._classes, add=classes)
            self._classes = classes
