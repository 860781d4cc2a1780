"""Waiting until nothing is on its way to a contact."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from crm_store.merged_contacts import now_known_as
from crm_store.open_messages import being_handed_over
from crm_store.session import Store

LOOK_AGAIN_SECONDS = 0.05


async def until_nothing_is_under_way(
    store: Store, contact_id: int, *, at_most: timedelta = timedelta(seconds=3)
) -> bool:
    """Return True when no message to this contact is between "handing over" and its answer.

    Called after a withdrawal has committed and before it is acknowledged: later messages see the
    withdrawal, and earlier ones have ended by then, so nothing is handed over after the
    acknowledgement. False when `at_most` has passed, and that is to be said: a message may have
    begun before, and its provider is slow, or a crash cut it off and it stays open until it is
    settled. None begins afterwards all the same, as `at_most` is longer than
    `still_wanted.FRESH`.
    """
    try:
        async with asyncio.timeout(at_most.total_seconds()):
            # other processes end hand-overs, so there is nothing here that could be awaited
            while await _under_way(store, contact_id):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
    except TimeoutError:
        return False
    return True


async def _under_way(store: Store, contact_id: int) -> bool:
    async with store.transaction() as session:
        # a link of long ago may name a contact who is part of another one by now
        return await being_handed_over(session, await now_known_as(session, contact_id)) > 0
