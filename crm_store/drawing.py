"""The number that chance gives a contact: the same in Python and in SQL, for ever."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, literal
from sqlalchemy.dialects.postgresql import BIT

_DRAWN_BITS = 32


def drawn_expression(prefix: str, contact_id: ColumnElement[int]) -> ColumnElement[int]:
    """The first four bytes of the SHA-256 of the prefix and the id, as an unsigned integer."""
    named = literal(prefix, Text).op("||")(cast(contact_id, Text))
    digest = func.sha256(func.convert_to(named, "UTF8"))
    bits: ColumnElement[Any] = literal("x", Text).op("||")(
        func.encode(func.substr(digest, 1, _DRAWN_BITS // 8), "hex")
    )
    return cast(cast(bits, BIT(_DRAWN_BITS)), BigInteger)


def below_percent(drawn: ColumnElement[int], percent: int) -> ColumnElement[bool]:
    """Whether the number falls into the first so many hundredths of what can be drawn."""
    return drawn * literal(100, BigInteger) < literal(percent * 2**_DRAWN_BITS, BigInteger)
