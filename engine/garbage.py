"""How often a process of ours looks for garbage that refers to itself."""

from __future__ import annotations

import gc


def spare_the_garbage_collector() -> None:
    """Batches make hundreds of thousands of short-lived values and no cycles. With the default
    thresholds the collector walks the whole loaded product again and again: a sixth of a worker's
    time, and half of what a batch of events costs at the door.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
