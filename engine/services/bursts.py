"""Calls of a burst made together, as a database commits in groups."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

Asked = TypeVar("Asked")
Found = TypeVar("Found")

# So many at a time go together; a transaction of more would hold its locks for long.
MOST_TOGETHER: Final = 64
# While a burst lasts, what comes within so long goes together.
GATHERED_SECONDS: Final = 0.03
# What takes longer waits for somebody's lock, and keeps nobody else waiting.
PATIENCE_SECONDS: Final = 0.5


@dataclass(slots=True)
class Burst(Generic[Asked, Found]):
    """One that comes alone goes alone, at once. What comes meanwhile waits a moment and goes
    together: whoever comes to a quiet process does not wait, and a busy one works in batches.

    `together` gives an answer to each, in their order; None: it is to go alone. Where it fails as a
    whole, each of them goes alone, so that nobody is spoiled by another.
    """

    alone: Callable[[Asked], Awaitable[Found]]
    together: Callable[[Sequence[Asked]], Awaitable[Sequence[Found | None]]]
    _waiting: list[tuple[Asked, asyncio.Future[Found]]] = field(default_factory=list)
    _goes: asyncio.Task[None] | None = None
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self, asked: Asked) -> Found:
        future: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if self._goes is None or self._goes.done():
            self._goes = asyncio.create_task(self._go())
        return await future

    async def _go(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            # whoever asked may have gone away meanwhile
            batch = [one for one in batch if not one[1].done()]
            if not batch:
                continue
            one = self._go_alone(*batch[0]) if len(batch) == 1 else self._go_together(batch)
            await asyncio.wait({self._begun(one)}, timeout=PATIENCE_SECONDS)
            if self._waiting:
                await asyncio.sleep(GATHERED_SECONDS)

    async def _go_together(self, batch: Sequence[tuple[Asked, asyncio.Future[Found]]]) -> None:
        call = self.together([asked for asked, _ in batch])
        [found] = await asyncio.gather(call, return_exceptions=True)
        answers: Sequence[Found | None] = (
            [None] * len(batch) if isinstance(found, BaseException) else found
        )
        for (asked, future), answer in zip(batch, answers, strict=True):
            if answer is None:
                self._begun(self._go_alone(asked, future))
            elif not future.done():
                future.set_result(answer)

    async def _go_alone(self, asked: Asked, future: asyncio.Future[Found]) -> None:
        [found] = await asyncio.gather(self.alone(asked), return_exceptions=True)
        if future.done():
            return
        if isinstance(found, BaseException):
            future.set_exception(found)
        else:
            future.set_result(found)

    def _begun(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task
