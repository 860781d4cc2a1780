"""A document while somebody draws it: changed one place at a time, and every change undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

# Nobody goes back further, and documents are small.
MOST_STEPS: Final = 200


def value_at(document: Any, path: Path, usual: Any = None) -> Any:
    """What stands there; `usual` where nothing does."""
    for key in path:
        if isinstance(document, Mapping) and key in document:
            document = document[key]
        elif isinstance(document, Sequence) and not isinstance(document, str):
            if not isinstance(key, int) or not -len(document) <= key < len(document):
                return usual
            document = document[key]
        else:
            return usual
    return document


def with_value(document: Any, path: Path, value: Any) -> Any:
    """The document with this value there. None takes a key away; mappings on the way are made."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        items = list(document or ())
        items[head] = with_value(items[head], rest, value)
        return items
    known = dict(document or {})
    if not rest and value is None:
        known.pop(head, None)
        return known
    known[head] = with_value(known.get(head), rest, value)
    return known


def inserted(document: Any, path: Path, index: int, item: Any) -> Any:
    """With one more item in the list at `path`."""
    items = list(value_at(document, path) or ())
    items.insert(index, item)
    return with_value(document, path, items)


def without(document: Any, path: Path, index: int) -> Any:
    items = list(value_at(document, path) or ())
    del items[index]
    return with_value(document, path, items)


def moved(document: Any, path: Path, index: int, by: int) -> Any:
    """An item of a list some places further; at the ends it stays there."""
    items = list(value_at(document, path) or ())
    item = items.pop(index)
    items.insert(min(max(index + by, 0), len(items)), item)
    return with_value(document, path, items)


@dataclass(slots=True)
class Sheet:
    """The document as it is drawn now, and what it was before."""

    document: Any
    _past: list[Any] = field(default_factory=list)
    _future: list[Any] = field(default_factory=list)

    def put(self, document: Any) -> bool:
        """Whether anything is otherwise now."""
        if document == self.document:
            return False
        self._past.append(self.document)
        del self._past[:-MOST_STEPS]
        self._future.clear()
        self.document = document
        return True

    def undo(self) -> bool:
        return self._step(self._past, self._future)

    def redo(self) -> bool:
        return self._step(self._future, self._past)

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def _step(self, source: list[Any], other: list[Any]) -> bool:
        if not source:
            return False
        other.append(self.document)
        self.document = source.pop()
        return True
