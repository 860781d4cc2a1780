"""Reading the folder that failures are delivered into, as far as it has something new."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Final

from crm_store.bounce_files import note_position, position_of
from engine.channels.bounces.maildir import Maildir, is_maildir
from engine.channels.bounces.mbox import START, Place, read_from
from engine.errors import NotFound
from engine.services.bounces.taking import BounceDesk, Counted

AT_ONCE: Final = 200


async def read_folder(
    desk: BounceDesk, path: Path, now: datetime, *, at_once: int = AT_ONCE
) -> tuple[Counted, bool]:
    """The next mails of a Maildir or an mbox file, and whether there may be more.

    Safe to stop anywhere: what was taken in but not put aside is read again and changes nothing.
    Raises NotFound.
    """
    if await asyncio.to_thread(is_maildir, path):
        return await _maildir(desk, path, now, at_once)
    if await asyncio.to_thread(path.is_file):
        return await _mbox(desk, path, now, at_once)
    raise NotFound(
        f'BOUNCE_MAILBOX is "{path}", which is neither a Maildir nor a file. Make it, or correct '
        "the path; the worker must be able to read it."
    )


async def _maildir(
    desk: BounceDesk, path: Path, now: datetime, at_once: int
) -> tuple[Counted, bool]:
    folder = Maildir(path)
    mails = await asyncio.to_thread(folder.arrived, at_once)
    counted = await desk.take([mail.raw for mail in mails], now)
    await asyncio.to_thread(folder.put_aside, mails)
    return counted, len(mails) == at_once


async def _mbox(desk: BounceDesk, path: Path, now: datetime, at_once: int) -> tuple[Counted, bool]:
    name = str(await asyncio.to_thread(path.resolve))
    async with desk.store.transaction() as session:
        known = await position_of(session, name)
    place = START if known is None else Place(*known)
    mails, end = await asyncio.to_thread(read_from, path, place, at_once)
    counted = await desk.take(mails, now)
    if end != place:
        async with desk.store.transaction() as session:
            await note_position(session, name, end.position, end.before, now)
    return counted, len(mails) == at_once
