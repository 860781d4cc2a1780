"""Who failed to sign in is written down a few seconds later, while somebody fails.

Not with the answer: how long that takes must not tell whether there is such an account.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from nicegui import background_tasks

from engine.services.away import DATABASE_FAULTS
from engine.services.sign_in import SignIns

log = logging.getLogger(__name__)
EVERY_SECONDS: Final = 3.0


def failure_writer(sign_ins: SignIns) -> Callable[[], None]:
    """To be called at each failure: begins to write, and goes on for as long as something waits."""
    writing: asyncio.Task[None] | None = None

    async def write() -> None:
        while sign_ins.failures.waits:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await sign_ins.write_failures()
            except DATABASE_FAULTS as error:
                log.warning("failed sign-ins are not written down: %s", type(error).__name__)

    def begin() -> None:
        nonlocal writing
        if writing is None or writing.done():
            writing = background_tasks.create(write(), name="failed sign-ins")

    return begin
