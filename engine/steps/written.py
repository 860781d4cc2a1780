"""Parts of a node as people write it."""

from __future__ import annotations

from typing import Any


def without_next(item: Any) -> Any:
    """A case or arm without where it leads; what is no mapping is left for `read` to refuse."""
    if not isinstance(item, dict):
        return item
    return {key: value for key, value in item.items() if key != "next"}
