"""Places in documents of other systems: `data.customer.email`, `items.0.sku`. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

LONGEST: Final = 200
_PATH: Final = re.compile(r"[^.\x00-\x1f]{1,100}(\.[^.\x00-\x1f]{1,100}){0,15}")


def is_path(text: str) -> bool:
    """Names and numbers of list items with dots between them."""
    return len(text) <= LONGEST and _PATH.fullmatch(text) is not None


def at(document: Any, path: str) -> Any:
    """The value at the place; None where there is nothing."""
    here = document
    for name in path.split("."):
        if isinstance(here, dict):
            here = here.get(name)
        elif isinstance(here, list) and name.isascii() and name.isdigit():
            here = here[int(name)] if int(name[:9]) < len(here) and len(name) < 9 else None
        else:
            return None
    return here


def nested(values: dict[str, Any]) -> dict[str, Any]:
    """`{"a.b": 1, "a.c": 2}` is `{"a": {"b": 1, "c": 2}}`; see `clash`."""
    document: dict[str, Any] = {}
    for path, value in values.items():
        *outer, last = path.split(".")
        here = document
        for name in outer:
            here = here.setdefault(name, {})
        here[last] = value
    return document


def clash(paths: list[str]) -> str | None:
    """A path that leads through another one, so that both cannot be in one document."""
    known = set(paths)
    for path in paths:
        names = path.split(".")
        if any(".".join(names[:length]) in known for length in range(1, len(names))):
            return path
    return None
