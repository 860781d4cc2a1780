"""Saying that an activity is alive while it waits for others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

# Several times within the shortest heartbeat timeout of our workflows.
SECONDS_BETWEEN = 3.0


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Heartbeat in the background. Without it a slow mail server would look like a dead worker, and
    a second attempt would begin beside the first."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(SECONDS_BETWEEN)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
