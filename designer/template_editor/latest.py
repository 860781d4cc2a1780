"""Doing something a moment after the last of many asks, one at a time, and never for an old one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Latest:
    """`work` is begun when nobody asked for `delay` seconds. While it runs, asks are remembered as
    one: it is begun once more, so what is shown in the end belongs to the last ask."""

    def __init__(self, work: Callable[[], Awaitable[None]], delay: float) -> None:
        self._work = work
        self._delay = delay
        self._asked = 0
        self._done = 0
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def waits(self) -> bool:
        """Whether there is an ask that nothing was begun for."""
        return self._asked > self._done

    def ask(self) -> None:
        if self._closed:
            return
        self._asked += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._until_quiet())

    async def now(self) -> None:
        """Do at once what is waiting, and return when it is done."""
        if self._task is not None and not self._task.done():
            if not self.waits:
                await asyncio.shield(self._task)
                return
            self._task.cancel()
            await asyncio.wait({self._task})
        while self.waits and not self._closed:
            self._done = self._asked
            await self._work()

    def close(self) -> None:
        self._closed = True
        if self._task is not None:
            self._task.cancel()

    async def _until_quiet(self) -> None:
        while self.waits:
            seen = -1
            while seen != self._asked:
                seen = self._asked
                await asyncio.sleep(self._delay)
            self._done = seen
            await self._work()
