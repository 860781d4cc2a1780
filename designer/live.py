"""Numbers that change while somebody looks: asked once for all who look at the same thing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

Value = TypeVar("Value")

EVERY_SECONDS: Final = 2.0
# What takes long to answer is asked more rarely: asking takes a tenth of the time at most.
REST_FACTOR: Final = 10.0
MOST_KEPT: Final = 500


@dataclass(slots=True)
class _Answer:
    value: Any
    fresh_until: float


@dataclass(slots=True)
class Pulses:
    """The last answer to each question, kept while it is fresh; one asks, the others wait."""

    _answers: dict[Hashable, _Answer] = field(default_factory=dict)
    _asking: dict[Hashable, asyncio.Lock] = field(default_factory=dict)

    async def ask(self, key: Hashable, question: Callable[[], Awaitable[Value]]) -> Value:
        """The answer of at most two seconds ago, or of longer ago when asking is slow."""
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:
            known = self._answers.get(key)
            if known is not None and time.monotonic() < known.fresh_until:
                return known.value  # type: ignore[no-any-return]
            began = time.monotonic()
            try:
                value = await question()
            except BaseException:
                self._asking.pop(key, None)
                raise
            took = time.monotonic() - began
            rest = max(EVERY_SECONDS * 0.9, took * REST_FACTOR)
            self._answers[key] = _Answer(value, time.monotonic() + rest)
        self._forget()
        return value

    def clear(self) -> None:
        """Ask everything anew: somebody just changed something and wants to see it."""
        self._answers.clear()

    def _forget(self) -> None:
        while len(self._answers) > MOST_KEPT:
            oldest = next(iter(self._answers))
            del self._answers[oldest]
            self._asking.pop(oldest, None)
