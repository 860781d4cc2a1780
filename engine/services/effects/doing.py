"""Several deeds side by side under one claim."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from engine.services.effects.base import StillOurs

Result = TypeVar("Result")


async def do_while(
    work: Sequence[Callable[[], Awaitable[Result]]],
    *,
    cut_off: Result,
    fault: Callable[[Exception], Result],
    still_ours: StillOurs,
    every: timedelta,
) -> list[Result]:
    """The results in order, one for each, come what may.

    `still_ours` is asked every so often and renews the claim. Once it says no, what is still under
    way is cut off, with the result `cut_off`. A fault is the result of its own deed alone.
    """

    async def ended(one: Callable[[], Awaitable[Result]]) -> Result:
        try:
            return await one()
        except asyncio.CancelledError:  # only we cancel, and want the result
            return cut_off
        except Exception as error:  # noqa: BLE001 - the deeds beside it must be written down
            return fault(error)

    under_way = [asyncio.create_task(ended(one)) for one in work]
    while under_way:
        _, pending = await asyncio.wait(under_way, timeout=every.total_seconds())
        if not pending:
            break
        if not await still_ours():
            for task in pending:
                task.cancel()
            await asyncio.wait(pending)
            break
    return [task.result() for task in under_way]
