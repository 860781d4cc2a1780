"""Writing down that letters were opened and links followed.

While one group is being written, those who come meanwhile gather and are the next: a flood costs
one transaction after the other and never one each. A letter is opened and each of its links is
followed once a minute at most. What cannot be written is lost: it is a measurement, and nobody may
be kept from the page they asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.giving_way import again_and_again, impatiently
from crm_store.links import link_by_id
from crm_store.looked_at import LookedAt, messages_looked_at
from crm_store.message_touches import Became, Touch, touch
from crm_store.messages import write_answers
from crm_store.models import MessageState
from crm_store.reported_messages import hold_wishes
from crm_store.session import Store
from engine.services.events import NewEvent, partitions_of, record_events
from engine.services.links.machines import MOMENT, Look, What, machine_by

log = logging.getLogger(__name__)

SOURCE: Final = "cadenza"
# Beyond this, whoever comes is served and not counted.
MOST_WAITING: Final = 5_000
MOST_AT_ONCE: Final = 500
_ATTEMPTS: Final = 4
_REMEMBERED: Final = 10_000
_PERIOD_SECONDS: Final = 60
_NAMES: Final[Mapping[tuple[What, bool], str]] = {
    (What.OPEN, False): "Message Opened",
    (What.OPEN, True): "Message Opened By Machine",
    (What.CLICK, False): "Message Clicked",
    (What.CLICK, True): "Message Clicked By Machine",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at a message; for a click the link and where it leads."""

    message_id: int
    look: Look
    at: datetime
    link_id: int | None = None
    url: str | None = None


@dataclass(slots=True)
class Looks:
    """`poke` tells the dispatch drivers of these partitions that events came. `patience` is how
    long somebody who looks is kept for the writing."""

    store: Store
    partitions: int
    poke: Callable[[Collection[int]], None]
    patience: timedelta = timedelta(milliseconds=250)
    _waiting: list[Seen] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None
    _followed: OrderedDict[int, tuple[int, datetime]] = field(default_factory=OrderedDict)
    _targets: OrderedDict[int, str] = field(default_factory=OrderedDict)

    async def target(self, link_id: int) -> str | None:
        """Where a stored link leads; None when it is no more."""
        known = self._targets.get(link_id)
        if known is not None:
            return known
        async with self.store.transaction() as session:
            link = await link_by_id(session, link_id)
        if link is None:
            return None
        if link.contact_id is None:
            # what one contact alone was sent goes when they are erased
            self._targets[link_id] = link.url
            _forget_beyond(self._targets)
        return link.url

    def moment_ago(self, message_id: int, link_id: int, at: datetime) -> bool:
        """Whether another link of the message was followed within a `MOMENT`; this one is noted."""
        before = self._followed.get(message_id)
        self._followed[message_id] = (link_id, at)
        self._followed.move_to_end(message_id)
        _forget_beyond(self._followed)
        return before is not None and before[0] != link_id and at - before[1] < MOMENT

    async def add(self, seen: Seen) -> None:
        """Have it written. Returns when that is done, or `patience` is over; never raises."""
        if len(self._waiting) >= MOST_WAITING:
            return
        self._waiting.append(seen)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await asyncio.wait([self._writing], timeout=self.patience.total_seconds())

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                self.poke(await again_and_again(lambda: self._write(group), _ATTEMPTS))  # noqa: B023
            except (SQLAlchemyError, OSError):
                log.exception("%s opens and clicks cannot be written", len(group))

    async def _write(self, group: Sequence[Seen]) -> frozenset[int]:
        async with self.store.transaction() as session, impatiently(session):
            return await write_looks(session, group, self.partitions)


async def write_looks(
    session: AsyncSession, group: Sequence[Seen], partitions: int
) -> frozenset[int]:
    """Events and moments of messages, in six statements whatever their number; the partitions to
    poke. Messages of nobody, and of those who do not want it, are left out."""
    messages = await messages_looked_at(session, {seen.message_id for seen in group})
    there = await hold_wishes(session, (), {one.contact_id for one in messages.values()})
    ours = [
        (seen, message)
        for seen in group
        if (message := messages.get(seen.message_id)) is not None
        and message.contact_id in there
        and not message.unmeasured
    ]
    if not ours:
        return frozenset()
    now = max(seen.at for seen, _ in ours)
    judged = [(seen, message, _rule(seen, message)) for seen, message in ours]
    # A person who looks at a letter has got it. Programs look at it while it is being handed over,
    # before it is refused or put off.
    unclear = sorted(
        {one.id for _, one, rule in judged if rule is None and one.state == MessageState.MAYBE_SENT}
    )
    answers = [(id_, MessageState.SENT.value, "looked_at") for id_ in unclear]
    await write_answers(session, answers, now, partitions)
    events = [_event(seen, message, rule) for seen, message, rule in judged]
    written = await record_events(session, events, partitions, now)
    fresh = [
        (seen, message, rule)
        for (seen, message, rule), id_ in zip(judged, written, strict=True)
        if id_ is not None
    ]
    await touch(session, [_touch(seen, rule) for seen, _, rule in fresh])
    return partitions_of((message.contact_id for _, message, _ in fresh), partitions)


def _rule(seen: Seen, message: LookedAt) -> str | None:
    look, after = seen.look, seen.at - message.taken_at
    return machine_by(
        Look(look.what, look.method, look.agent, look.headers, after, look.moment_ago)
    )


def _event(seen: Seen, message: LookedAt, rule: str | None) -> NewEvent:
    properties: dict[str, Any] = {
        "message_id": message.id,
        "flow_id": message.flow_id,
        "template": message.template,
        "channel": message.channel,
        "by_machine": rule is not None,
    }
    if rule is not None:
        properties["machine_by"] = rule
    if seen.url is not None:
        properties |= {"url": seen.url, "link_id": seen.link_id}
    minute = int(seen.at.timestamp()) // _PERIOD_SECONDS
    place = f"{message.id}:{seen.link_id or 0}:{int(rule is not None)}:{minute}"
    return NewEvent(
        source=SOURCE,
        message_id=f"{seen.look.what}:{place}",
        name=_NAMES[seen.look.what, rule is not None],
        contact_id=message.contact_id,
        properties=properties,
        occurred_at=seen.at,
        kind="message",
    )


def _touch(seen: Seen, rule: str | None) -> Touch:
    became = Became.OPENED if seen.look.what is What.OPEN else Became.CLICKED
    return Touch(seen.message_id, became, seen.at, rule is not None, seen.link_id)


def _forget_beyond(kept: OrderedDict[int, Any]) -> None:
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)
