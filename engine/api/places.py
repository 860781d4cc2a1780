"""Where in a request a mistake is, as problem documents name it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from engine.errors import Problem

_BODY: Final = "/body"


def item_of(problem: Problem) -> dict[str, str]:
    item = {"place": problem.place, "code": problem.code, "message": problem.message}
    if problem.place.startswith("/"):
        item["pointer"] = problem.place.removeprefix(_BODY)
    return item


def place_of(loc: Sequence[int | str], body: Any, kind: str) -> str:
    """`/body` and a pointer, `?name` for a query parameter, else the header's or path's name.

    What stands in `loc` and not in the body is the framework's own, such as the branch of a choice.
    """
    where, *path = loc
    if where != "body":
        return f"?{path[0]}" if where == "query" else str(path[-1])
    place, here = _BODY, body
    for part in path:
        if not _has(here, part):
            return f"{place}/{_escaped(part)}" if kind == "missing" else place
        here = here[part]
        place = f"{place}/{_escaped(part)}"
    return place


def _has(here: Any, part: int | str) -> bool:
    if isinstance(here, dict):
        return part in here
    return isinstance(here, list) and isinstance(part, int) and part < len(here)


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
