"""Clocks of open things: part of the transaction that changes them, told to hosts after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from crm_store.clocks import put_clocks, remove_clocks
from engine.services.tending import ClockKind as ClockKind
from engine.services.work import Work


async def set_clocks(work: Work, kind: ClockKind, dues: Mapping[int, datetime | None]) -> None:
    """When things are to be looked at next; None: it is open and nothing is due.

    A first clock opens the thing's host after the commit. The same time again costs a statement
    and tells nobody. Lock the things themselves before.
    """
    work.after.tell(await put_clocks(work.session, kind, dues))


async def end_clocks(work: Work, kind: ClockKind, ids: Collection[int]) -> None:
    """They are over, and their hosts end after the commit; twice is harmless."""
    work.after.tell(await remove_clocks(work.session, kind, ids))
