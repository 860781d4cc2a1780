"""Telling a driver's activity that runs in this very process, without a round through Temporal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Listener:
    """Somebody at the door. A ring that was heard is answered by looking once more."""

    loop: asyncio.AbstractEventLoop
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self) -> None:
        self._bell.set()

    async def rung(self, seconds: float) -> bool:
        """Whether it rang since the last call, or rings within so many seconds.

        After False no ring was missed, as long as the door is left before anything is awaited.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            # it may have rung between the last moment and now
            pass
        rang = self._bell.is_set()
        self._bell.clear()
        return rang


@dataclass(slots=True)
class Doorbell:
    """Rings at doors, by name. `ring` says whether somebody is there who will look; if not, the
    driver must be told in the usual way.
    """

    _doors: dict[str, set[Listener]] = field(default_factory=dict)

    def ring(self, door: str) -> bool:
        loop = asyncio.get_running_loop()
        heard = [one for one in self._doors.get(door, ()) if one.loop is loop]
        for listener in heard:
            listener.hear()
        return bool(heard)

    @contextmanager
    def answering(self, door: str) -> Iterator[Listener]:
        """Be at the door. Leave only after a `rung` that was False, or look again some other way:
        whoever rang meanwhile has told nobody else.
        """
        listener = Listener(asyncio.get_running_loop())
        self._doors.setdefault(door, set()).add(listener)
        try:
            yield listener
        finally:
            self._doors[door].discard(listener)
