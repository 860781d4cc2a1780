"""Doing the few effects of a small batch in the activity that asked for them.

A lone event would meet its mail only after a second driver had been poked, scheduled and answered.
Large batches are left to the perform drivers, whose lanes are made for them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

from temporalio import activity

from crm_store.partitions import APART_FROM
from engine.activities.parts import Parts
from engine.services.plans import FlowBook
from engine.services.travelling import Written

# A provider that takes longer holds up the driver that waits for it, so it is left alone for a
# while: latency is then the provider's, not ours.
SLOW_SECONDS = 0.5

log = logging.getLogger(__name__)


async def perform_at_once(parts: Parts, written: Written, book: FlowBook) -> Written:
    """What is still to be told after the effects of a small batch were done here, one group a
    shard; all of it where the batch is large or the channel slow.

    Effects are claimed rows, as everywhere: a crash or a perform driver beside it changes nothing.
    """
    may = parts.haste.allowed(time.monotonic()) and not activity.is_worker_shutdown()
    if not may or not 0 < written.asked <= parts.channel.group_size:
        return written
    began = time.monotonic()
    # a call of another system is left to its own drivers: it may take many seconds
    shards = sorted(shard for shard in written.perform_shards if shard < APART_FROM)
    groups = await asyncio.gather(
        *(_group(parts, shard, book) for shard in shards), return_exceptions=True
    )
    now = time.monotonic()
    if now - began > SLOW_SECONDS:
        parts.haste.was_slow(now)
    else:
        parts.haste.was_quick()
    left = {shard for shard in written.perform_shards if shard >= APART_FROM}
    for shard, done in zip(shards, groups, strict=True):
        if isinstance(done, Exception):
            log.error("effects of shard %s are left to their driver", shard, exc_info=done)
        elif isinstance(done, BaseException):
            raise done
        if done is not True:
            left.add(shard)
    return replace(written, perform_shards=frozenset(left))


async def _group(parts: Parts, shard: int, book: FlowBook) -> bool:
    """One group of a shard; whether nothing of it is left for the shard's driver."""
    limit = parts.channel.group_size
    group = await parts.performer(slot=shard * parts.sizes.lanes).perform_group(shard, limit)
    for written in group.written:
        parts.tell(written, book)
    reopened = any(written.reopened for written in group.written)
    return group.taken < limit and not reopened
