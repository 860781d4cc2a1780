"""Who receives nothing, so that the effect of a flow can be measured against them."""

from __future__ import annotations

import hashlib
from typing import Final

# What is hashed before the number of the subject.
DRAW_PREFIX: Final = "holdout:{flow}:"


def is_held_out(flow: str, subject_id: int, percent: float) -> bool:
    """Whether the subject belongs to the flow's holdout: always the same answer for the same pair.

    The share is a threshold: raising the percentage keeps everybody who was held out before.
    SQL draws the same number (`crm_store.drawing`): the first four bytes of
    sha256('holdout:<flow>:<id>') as an unsigned big-endian integer, times 100, below percent times
    2^32.
    """
    if percent <= 0:
        return False
    digest = hashlib.sha256(f"{DRAW_PREFIX.format(flow=flow)}{subject_id}".encode()).digest()
    return int.from_bytes(digest[:4]) * 100 < percent * 2**32
