"""Taking a cell apart: alternatives between commas, texts in quotes, signs before values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Sign = Literal["=", "!=", "<", "<=", ">", ">="]

_SIGN: Final = re.compile(r"(>=|<=|!=|<>|≥|≤|≠|>|<|=|＞＝|＜＝|＞|＜|＝)\s*")
_SIGNS: Final[dict[str, Sign]] = {
    ">=": ">=",
    "≥": ">=",
    "＞＝": ">=",
    "<=": "<=",
    "≤": "<=",
    "＜＝": "<=",
    "!=": "!=",
    "<>": "!=",
    "≠": "!=",
    ">": ">",
    "＞": ">",
    "<": "<",
    "＜": "<",
    "=": "=",
    "＝": "=",
}


class CellRefused(ValueError):
    """The cell cannot be read; the message says what was found and what to write."""


@dataclass(frozen=True, slots=True)
class Word:
    """A value as it was written; `quoted` ones are texts whatever they look like."""

    text: str
    quoted: bool = False


def split(cell: str, separators: str = ",，、") -> list[str]:
    """The pieces between separators outside of quotes, without surrounding blanks. Raises
    CellRefused for an open quote or an empty piece.
    """
    pieces, piece, inside = [], "", False
    for character in cell:
        if character == '"':
            inside = not inside
        if character in separators and not inside:
            pieces.append(piece)
            piece = ""
        else:
            piece += character
    pieces.append(piece)
    if inside:
        raise CellRefused('a quote is opened and never closed; write "..." around a text.')
    trimmed = [one.strip() for one in pieces]
    if not all(trimmed):
        raise CellRefused("there is nothing between two commas; take one out.")
    return trimmed


def word(piece: str) -> Word:
    """A piece as one value: `"a ""b"" c"` is the text a "b" c."""
    if len(piece) >= 2 and piece[0] == piece[-1] == '"':
        return Word(piece[1:-1].replace('""', '"'), quoted=True)
    return Word(piece)


def signed(piece: str) -> tuple[Sign | None, str]:
    """A leading sign and what follows it."""
    found = _SIGN.match(piece)
    if found is None:
        return None, piece
    rest = piece[found.end() :].strip()
    if not rest:
        raise CellRefused(f'there is nothing behind "{found[1]}".')
    return _SIGNS[found[1]], rest
