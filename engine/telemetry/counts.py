"""What this process has counted since it began, for `/metrics`. Labels are words of our own code:
kinds, outcomes, names of activities; never what a person or another system wrote.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

PROCESS: Final = CollectorRegistry()
# Rules take microseconds, a batch of them milliseconds; activities up to half a minute.
_FAST: Final = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
_SLOW: Final = (0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

SENDS: Final = Counter(
    "cadenza_sends",
    "Messages handed to a channel, by its medium and what came of it.",
    ["channel", "outcome"],
    registry=PROCESS,
)
WITHHELD: Final = Counter(
    "cadenza_sends_not_begun",
    "Messages that were not handed over, by why not.",
    ["verdict"],
    registry=PROCESS,
)
RULE_SECONDS: Final = Histogram(
    "cadenza_rule_seconds",
    "Time to ask rules in memory, by what they decide; for one event or one contact.",
    ["what"],
    buckets=_FAST,
    registry=PROCESS,
)
ACTIVITY_SECONDS: Final = Histogram(
    "cadenza_activity_seconds",
    "Time of the drivers' and hosts' work, by activity and how it ended.",
    ["activity", "outcome"],
    buckets=_SLOW,
    registry=PROCESS,
)
OUTGOING_SECONDS: Final = Histogram(
    "cadenza_outgoing_call_seconds",
    "Time of calls to other systems, by how they ended.",
    ["outcome"],
    buckets=_SLOW,
    registry=PROCESS,
)
LINES: Final = Counter("cadenza_log_lines", "Log lines, by level.", ["level"], registry=PROCESS)
LINES_LEFT_OUT: Final = Counter(
    "cadenza_log_lines_left_out", "Log lines left out as too many alike.", registry=PROCESS
)
HOSTS_REFUSED: Final = Counter(
    "cadenza_hosts_refused", "Requests under a name that is not ours.", registry=PROCESS
)


# Looked up once: they are met for every event.
TRIGGER_SECONDS: Final = RULE_SECONDS.labels("triggers")
SEGMENT_SECONDS: Final = RULE_SECONDS.labels("segments")


@contextmanager
def timed(histogram: Histogram) -> Iterator[None]:
    """Observe how long the block took, also when it raises. `histogram` has its labels."""
    began = time.perf_counter()
    try:
        yield
    finally:
        histogram.observe(time.perf_counter() - began)
