"""What providers report about messages becomes events of the contact, and stops what must stop.

An event is recorded once by the provider's own id, however often it is reported and in whatever
order. A report of any kind says that the provider had the message: one that counted as *maybe sent*
is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.giving_way import again_and_again, impatiently
from crm_store.messages import PUT_OFF, UNANSWERED, write_answers
from crm_store.models import MessageState
from crm_store.reported_messages import (
    ReportedMessage,
    hold_wishes,
    messages_by_key,
    suppress_all,
    withdraw_all,
)
from crm_store.session import Store
from engine.channels.reports import Report, What
from engine.services.events import NewEvent, partitions_of, record_events

# An event from further ahead than a clock can be off is taken as of now.
_AHEAD: Final = timedelta(minutes=5)
NAMES: Final[Mapping[What, str]] = {
    What.DELIVERED: "Message Delivered",
    What.BOUNCED: "Message Bounced",
    What.BLOCKED: "Message Blocked",
    What.DROPPED: "Message Dropped",
    What.OPENED: "Message Opened",
    What.CLICKED: "Message Clicked",
    What.COMPLAINED: "Message Complained",
    What.UNSUBSCRIBED: "Unsubscribed",
}
# Apart from opens by people, which rules count.
OPENED_BY_MACHINE: Final = "Message Opened By Machine"
_CHANGES_WISHES: Final = frozenset({What.BOUNCED, What.COMPLAINED, What.UNSUBSCRIBED})
_ATTEMPTS: Final = 8
# How often a contact may be merged into another while its reports wait for it.
_MERGED_MEANWHILE: Final = 3
_UNCLEAR: Final = frozenset({*UNANSWERED, PUT_OFF})
_SUPPRESSED: Final[Mapping[What, str]] = {
    What.BOUNCED: "bounced",
    What.COMPLAINED: "complained",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """`fresh` events were recorded; poke dispatch for `partitions` after the commit."""

    fresh: int = 0
    suppressed: int = 0
    partitions: frozenset[int] = frozenset()


async def take_in(
    store: Store, source: str, reports: Sequence[Report], *, partitions: int, now: datetime
) -> Taken:
    """`take_reports` in a transaction of its own, which gives way to drivers that are at work on
    the same people and begins anew."""

    async def write() -> Taken:
        async with store.transaction() as session, impatiently(session):
            return await take_reports(session, source, reports, partitions=partitions, now=now)

    return await again_and_again(write, _ATTEMPTS)


async def take_reports(
    session: AsyncSession, source: str, reports: Sequence[Report], *, partitions: int, now: datetime
) -> Taken:
    """Write down a batch of reports of one provider; `source` names it in the events.

    Reports on messages that are not ours, or whose contact was erased, are left out.
    """
    ours = await _ours(session, reports)
    await _settle(session, [message for _, message in ours], now)
    stopped = await _suppress(session, ours, now)
    await _take_back_consent(session, source, ours, now)
    events = [_event(source, report, message, now) for report, message in ours
              if report.what in NAMES]  # fmt: skip
    written = await record_events(session, events, partitions, now)
    fresh = [event.contact_id for event, id_ in zip(events, written, strict=True) if id_]
    return Taken(len(fresh), stopped, partitions_of(fresh, partitions))


async def _ours(
    session: AsyncSession, reports: Sequence[Report]
) -> list[tuple[Report, ReportedMessage]]:
    """The reports with their messages, whose contacts are held until this transaction ends.

    Waiting for a contact may be waiting for a merge: the message is somebody else's afterwards.
    """
    ours: list[tuple[Report, ReportedMessage]] = []
    left = list(reports)
    for _ in range(_MERGED_MEANWHILE):
        known = await messages_by_key(session, {report.provider_key for report in left})
        found = [(report, known[report.provider_key]) for report in left
                 if report.provider_key in known]  # fmt: skip
        wishes = {m.contact_id for report, m in found if report.what in _CHANGES_WISHES}
        there = await hold_wishes(session, wishes, {m.contact_id for _, m in found} - wishes)
        ours += [(report, message) for report, message in found if message.contact_id in there]
        left = [report for report, message in found if message.contact_id not in there]
        if not left:
            break
    return ours


async def _settle(
    session: AsyncSession, messages: Sequence[ReportedMessage], now: datetime
) -> None:
    """Whose answer was lost has it now, and is not tried again."""
    sent = MessageState.SENT.value
    unclear = {message.id for message in messages if message.state in _UNCLEAR}
    await write_answers(session, [(id_, sent, "reported") for id_ in sorted(unclear)], now)


async def _suppress(
    session: AsyncSession, ours: Sequence[tuple[Report, ReportedMessage]], now: datetime
) -> int:
    addresses = {
        folded(message.address): _SUPPRESSED[report.what]
        for report, message in ours
        if report.what in _SUPPRESSED and message.address is not None
    }
    return len(await suppress_all(session, list(addresses.items()), now))


async def _take_back_consent(
    session: AsyncSession,
    source: str,
    ours: Sequence[tuple[Report, ReportedMessage]],
    now: datetime,
) -> None:
    """Who complains or unsubscribes at the provider wants no more marketing."""
    latest: dict[int, datetime] = {}
    for report, message in ours:
        if report.what in (What.UNSUBSCRIBED, What.COMPLAINED):
            at = max(latest.get(message.contact_id, report.at), report.at)
            latest[message.contact_id] = min(at, now)
    await withdraw_all(session, list(latest.items()), source)


def _event(source: str, report: Report, message: ReportedMessage, now: datetime) -> NewEvent:
    properties: dict[str, Any] = {
        "message_id": message.id,
        "flow_id": message.flow_id,
        "template": message.template,
        "channel": message.channel,
    }
    if report.url is not None:
        properties["url"] = report.url
    if report.code is not None:
        properties["code"] = report.code
    machine = report.what is What.OPENED and report.by_machine
    return NewEvent(
        source=source,
        message_id=report.id,
        name=OPENED_BY_MACHINE if machine else NAMES[report.what],
        contact_id=message.contact_id,
        properties=properties,
        occurred_at=now if report.at > now + _AHEAD else report.at,
        kind="message",
    )
