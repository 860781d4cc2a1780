"""JSON in the one spelling that equal values share."""

from __future__ import annotations

import json
from typing import Any


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def alike(one: Any, other: Any) -> bool:
    """Whether two values are stored as the same JSON: a tuple is a list, true is not 1."""
    return one is other or canonical(one) == canonical(other)
