"""Ctrl-C and SIGTERM ask the process to stop in order; a second one does not wait."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Coroutine
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = 130


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` at the first signal; leave at once at the second (our children leave with us)."""

    def asked() -> None:
        if stop.is_set():
            os._exit(INTERRUPTED)
        stop.set()

    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, asked)


async def run_until_stopped(stop: asyncio.Event, *parts: Coroutine[Any, Any, None]) -> None:
    """Run the parts side by side. When one ends or fails, the others are asked to stop too."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        await _all_of(tasks)


async def _all_of(tasks: list[asyncio.Task[None]]) -> None:
    results: list[BaseException | None] = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result


async def cancelled(task: Awaitable[None]) -> None:
    """Wait for a task that was cancelled."""
    await asyncio.gather(task, return_exceptions=True)
