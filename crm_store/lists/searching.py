"""Finding contacts by a few letters of a name or an address, among a million of them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, or_

from crm_store.base import folded
from crm_store.models import Contact

# Greater than every character that text in the database can hold.
_LAST_CHARACTER: Final = "\U0010ffff"
# The trigram index answers "contains" from three letters on; shorter texts must begin the name.
SHORTEST_CONTAINED: Final = 3
LONGEST_SEARCH: Final = 200


def starts_with(column: SQLColumnExpression[Any], beginning: str) -> ColumnElement[bool]:
    """A range in code-point order: exact, and answered by an ordinary index."""
    return and_(column >= beginning, column < beginning + _LAST_CHARACTER)


def contact_matches(words: str, *, by_address: bool = True) -> ColumnElement[bool]:
    """Name or address contains the words; one or two letters must begin them. Not `by_address`: for
    those who must not learn addresses by looking for them, nor where one stands for a name."""
    key = folded(words)[:LONGEST_SEARCH]
    if not by_address:
        named = or_(Contact.email_key.is_(None), Contact.name_key != Contact.email_key)
        if len(key) < SHORTEST_CONTAINED:
            return and_(starts_with(Contact.name_key, key), named)
        return and_(Contact.name_key.contains(key, autoescape=True), named)
    if len(key) < SHORTEST_CONTAINED:
        return or_(starts_with(Contact.name_key, key), starts_with(Contact.email_key, key))
    return or_(
        Contact.name_key.contains(key, autoescape=True),
        Contact.email_key.contains(key, autoescape=True),
    )
