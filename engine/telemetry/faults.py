"""Faults in words that hold nobody's data: what kind of error, and where, but never what it says.

Libraries quote what they could not send or parse, and that may be a letter.
"""

from __future__ import annotations

import traceback
from typing import Final

_DEEPEST: Final = 12


def where(error: BaseException) -> str:
    """The class of the error and of what caused it, with the innermost places."""
    said = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        frames = traceback.extract_tb(at.__traceback__)[-_DEEPEST:]
        places = " < ".join(f"{one.filename}:{one.lineno} {one.name}" for one in reversed(frames))
        said.append(f"{type(at).__module__}.{type(at).__qualname__} at {places or '?'}")
        at = at.__cause__ or at.__context__
    return " because of ".join(said)
