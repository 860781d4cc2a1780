"""Which stored target each address of a letter is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.links import links_to, put_links

# Some 3 MB; a campaign has a dozen.
REMEMBERED: Final = 10_000


class Targets:
    """Ids of stored targets, remembered for addresses that several contacts were sent.

    Those never go, so a remembered id stays good. An address that one contact alone was sent is
    looked up each time: its row goes when the contact is erased.
    """

    def __init__(self) -> None:
        self._of_engine: WeakKeyDictionary[Engine, OrderedDict[str, int]] = WeakKeyDictionary()

    async def ids_of(
        self,
        session: AsyncSession,
        letters: Iterable[tuple[int, Collection[str]]],
        now: datetime,
    ) -> dict[str, int]:
        """Ids by address, storing what is new; `letters` are contacts with their addresses."""
        sent_to = _sent_to(letters)
        remembered = self._of_engine.setdefault(session.get_bind().engine, OrderedDict())
        ids = {url: id_ for url in sent_to if (id_ := remembered.get(url)) is not None}
        unmet = {url: contact for url, contact in sent_to.items() if url not in ids}
        if not unmet:
            return ids
        stored = await links_to(session, unmet)
        for url, link in stored.items():
            if link.contact_id is None:
                remembered[url] = link.id
            if link.contact_id is None or link.contact_id == unmet[url]:
                ids[url] = link.id
        while len(remembered) > REMEMBERED:
            remembered.popitem(last=False)
        new = {url: contact for url, contact in unmet.items() if url not in ids}
        # What is written here is not remembered: this transaction may yet be undone.
        return ids | {url: link.id for url, link in (await put_links(session, new, now)).items()}


def _sent_to(letters: Iterable[tuple[int, Collection[str]]]) -> dict[str, int | None]:
    """Each address with the only contact among these who is sent it."""
    sent_to: dict[str, int | None] = {}
    for contact_id, urls in letters:
        for url in urls:
            sent_to[url] = contact_id if sent_to.get(url, contact_id) == contact_id else None
    return sent_to
