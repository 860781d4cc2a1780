"""Lines of one kind are written so often and no more; how many were left out is said afterwards.

A fault that meets every row of a million must not fill the disk, nor hide the other faults.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TextIO

from engine.telemetry.counts import LINES, LINES_LEFT_OUT

WINDOW_SECONDS: Final = 10.0
# Kinds remembered at once; a kind is a place in the code, so there are a few hundred.
MOST_KINDS: Final = 1_000


@dataclass(slots=True)
class _Kind:
    began: float
    written: int = 0
    left_out: int = 0


class LimitedHandler(logging.StreamHandler[TextIO]):
    """Writes at most `most` lines of a kind in ten seconds; 0 writes all."""

    def __init__(
        self, stream: TextIO, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stream)
        self._most = most
        self._clock = clock
        self._kinds: OrderedDict[tuple[str, int, str], _Kind] = OrderedDict()

    def emit(self, record: logging.LogRecord) -> None:
        LINES.labels(record.levelname.lower()).inc()
        if self._most <= 0:
            super().emit(record)
            return
        key, now = _key(record), self._clock()
        kind = self._kinds.get(key)
        if kind is None or now - kind.began >= WINDOW_SECONDS:
            if kind is not None and kind.left_out:
                super().emit(_told(record, key, kind.left_out))
            kind = self._kinds[key] = _Kind(now)
            self._kinds.move_to_end(key)
            while len(self._kinds) > MOST_KINDS:
                self._kinds.popitem(last=False)
        if kind.written < self._most:
            kind.written += 1
            super().emit(record)
        else:
            kind.left_out += 1
            LINES_LEFT_OUT.inc()


def _key(record: logging.LogRecord) -> tuple[str, int, str]:
    """The place that wrote the line: its words before any value is put in."""
    event = record.msg.get("event", "") if isinstance(record.msg, dict) else record.msg
    return record.name, record.levelno, str(event)[:200]


def _told(record: logging.LogRecord, key: tuple[str, int, str], count: int) -> logging.LogRecord:
    text = f"{count} more lines like this were left out: {key[2]}"
    return logging.LogRecord(
        record.name, logging.WARNING, record.pathname, record.lineno, "%s", (text,), None
    )
