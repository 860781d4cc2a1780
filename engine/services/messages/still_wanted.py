"""Asking once more, before a message begins, of those that had to wait since they were prepared.

A group is prepared and committed, and then its messages wait in the process for the pace or for a
connection. Somebody may leave meanwhile. Whoever begins long after the commit is asked about again,
and all others of the group with them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from crm_store.recipients import Recipient, recipients
from crm_store.session import Store
from engine.services.messages.asks import Prepared
from engine.services.messages.drafting import MARKETING, barrier_to, topic_of
from engine.services.templates import TemplateLibrary

log = logging.getLogger(__name__)

# What is known of somebody's wishes is believed for so long. It is less than the page waits on
# which people leave (`under_way`), so nothing begins after that page was shown.
FRESH: Final = timedelta(seconds=2)
_ANSWERED_WITHIN: Final = timedelta(seconds=2)
_NO_ANSWER: Final = (OperationalError, InterfaceError, NoConnectionFree, TimeoutError)


class StillWanted:
    """One group whose preparing has just committed; wishes were held still until then."""

    def __init__(self, store: Store, library: TemplateLibrary, group: Sequence[Prepared]) -> None:
        self._store = store
        self._library = library
        self._group = [one for one in group if one.ask.way.to_people]
        self._known_at = asyncio.get_running_loop().time()
        self._unwanted: frozenset[int] = frozenset()
        self._one_looks = asyncio.Lock()

    def asked_before_beginning(self, one: Prepared) -> Prepared:
        if not one.ask.way.to_people:
            return one
        wanted = partial(self._is_wanted, one.ask.effect_id)
        return replace(one, outgoing=replace(one.outgoing, still_wanted=wanted))

    async def _is_wanted(self, effect_id: int) -> bool:
        async with self._one_looks:
            now = asyncio.get_running_loop().time()
            if now - self._known_at > FRESH.total_seconds():
                self._unwanted = await self._look()
                self._known_at = now
        return effect_id not in self._unwanted

    async def _look(self) -> frozenset[int]:
        """Effects of those that must not go any more: all of them while nobody can say."""
        try:
            async with asyncio.timeout(_ANSWERED_WITHIN.total_seconds()):
                return await self._forbidden()
        except _NO_ANSWER as error:
            log.warning("messages wait, as wishes cannot be read: %s", type(error).__name__)
            return frozenset(one.ask.effect_id for one in self._group)

    async def _forbidden(self) -> frozenset[int]:
        contacts: dict[str, set[int]] = defaultdict(set)
        for one in self._group:
            contacts[one.ask.medium].add(one.ask.contact_id)
        reads = frozenset[str]().union(*(one.ask.way.reads() for one in self._group))
        people: dict[tuple[int, str], Recipient] = {}
        async with self._store.transaction() as session:
            for medium, ids in contacts.items():
                found = await recipients(session, sorted(ids), medium, MARKETING, reads)
                people |= {(id_, medium): one for id_, one in found.items()}
        forbidden = set()
        for one in self._group:
            ask = one.ask
            person = people.get((ask.contact_id, ask.medium))
            topic = topic_of(self._library, ask.template)
            if person is None or barrier_to(person, ask.purpose, topic, ask.medium, ask.way):
                forbidden.add(ask.effect_id)
        return frozenset(forbidden)
