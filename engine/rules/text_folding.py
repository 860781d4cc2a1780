"""How texts are compared where spelling variants mean the same, such as mail addresses."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """NFKC and case folding without surrounding blanks: the form kept in the store's shadow
    columns.
    """
    if text.isascii():
        return text.strip().lower()
    return unicodedata.normalize("NFKC", text).strip().casefold()


def fold_part(text: str) -> str:
    """Like `fold` for a piece of a text, whose blanks at the ends count."""
    return unicodedata.normalize("NFKC", text).casefold()
