"""What is taken out of values and words before those see them who are not shown a field.

What a contact's fields hold is also said elsewhere: in the properties of an event, the journal of a
run, the subject of a mail. There a value is known by the name it stands under, an e-mail address
also by how it looks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

# In the place of what the reader is not shown, so that it is not taken for empty.
HIDDEN: Final = "(hidden)"
# Looser than what an address must be: better a word too many is taken out than an address left in.
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:=@]+\.[^\s<>\"'(),;:=@]+")
# Under these names a list of what was read says which field each value is of.
_NAMES: Final = ("fact", "field", "name", "path", "var")
_VALUES: Final = frozenset({"value", "values", "old", "new", "before", "after", "text", "said"})


def without_hidden(value: Any, hidden: frozenset[str]) -> Any:
    """The same JSON without what is `hidden`: names of fields as `hidden_fields` gives them."""
    if not hidden:
        return value
    return _cleared(value, frozenset(_folded(one) for one in hidden))


def words_without(words: str | None, hidden: frozenset[str]) -> str | None:
    """Text without addresses, where those are hidden."""
    return _ADDRESS.sub(HIDDEN, words) if words and "email" in hidden else words


def _cleared(value: Any, hidden: frozenset[str]) -> Any:
    match value:
        case str():
            return words_without(value, hidden)
        case Mapping():
            names = [one for key in _NAMES if isinstance(one := value.get(key), str)]
            told = any(_folded(one) in hidden for one in names)
            return {
                words_without(str(key), hidden): HIDDEN
                if _folded(str(key)) in hidden or (told and key in _VALUES)
                else _cleared(one, hidden)
                for key, one in value.items()
            }
        case list() | tuple():
            return [_cleared(one, hidden) for one in value]
    return value


def _folded(name: str) -> str:
    """`contact.email`, `Email` and `e-mail` are the field `email`."""
    last = name.rpartition(".")[2]
    return "".join(one for one in last.casefold() if one.isalnum())
