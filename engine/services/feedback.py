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
from crm_store.message_touches import Became, Touch, touch
from crm_store.messages import PUT_OFF, UNANSWERED, write_answers
from crm_store.models import MessageState
from crm_store.reported_messages import (
    ReportedMessage,
    hold_wishes,
    messages_by_key,
    suppress_all,
    withdraw_all,
)
from crm_store.sender_health import count
from crm_store.session import Store
from crm_store.soft_bounces import refused_in_a_row
from engine.channels.reports import Bounce, Report, What
from engine.measuring.breaker import Limits
from engine.services.events import NewEvent, partitions_of, record_events
from engine.services.links.tokens import without_tokens
from engine.services.sender_health import judge_domains
from engine.settings import Reports

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


_BECAME: Final[Mapping[What, Became]] = {
    What.DELIVERED: Became.DELIVERED,
    What.BOUNCED: Became.BOUNCED,
    What.BLOCKED: Became.SOFT_BOUNCED,
    What.OPENED: Became.OPENED,
    What.CLICKED: Became.CLICKED,
    What.COMPLAINED: Became.COMPLAINED,
    What.UNSUBSCRIBED: Became.UNSUBSCRIBED,
}
_LIMITS: Final = Limits()
# Why an address rests for a while.
SOFT: Final = "soft_bounced"


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from reports: `soft_bounces` in a row within a time make an address rest, and
    sender domains are judged by their `limits`."""

    soft_bounces: int = 3
    soft_within: timedelta = timedelta(days=30)
    soft_rest: timedelta = timedelta(days=30)
    limits: Limits = _LIMITS

    @classmethod
    def of(cls, settings: Reports) -> Consequences:
        return cls(
            settings.soft_bounces,
            timedelta(days=settings.soft_bounce_days),
            timedelta(days=settings.soft_rest_days),
            Limits(
                settings.least_sent,
                settings.warn_bounces,
                settings.pause_bounces,
                settings.warn_complaints,
                settings.pause_complaints,
            ),
        )


USUAL: Final = Consequences()


@dataclass(frozen=True, slots=True)
class Taken:
    """`fresh` events were recorded; poke dispatch for `partitions` after the commit."""

    fresh: int = 0
    suppressed: int = 0
    partitions: frozenset[int] = frozenset()


async def take_in(
    store: Store,
    source: str,
    reports: Sequence[Report],
    *,
    partitions: int,
    now: datetime,
    consequences: Consequences = USUAL,
) -> Taken:
    """`take_reports` in a transaction of its own, which gives way to drivers that are at work on
    the same people and begins anew."""

    async def write() -> Taken:
        async with store.transaction() as session, impatiently(session):
            return await take_reports(
                session, source, reports, partitions=partitions, now=now, consequences=consequences
            )

    return await again_and_again(write, _ATTEMPTS)


async def take_reports(
    session: AsyncSession,
    source: str,
    reports: Sequence[Report],
    *,
    partitions: int,
    now: datetime,
    consequences: Consequences = USUAL,
) -> Taken:
    """Write down a batch of reports of one provider; `source` names it in the events.

    Reports on messages that are not ours, or whose contact was erased, are left out.
    """
    ours = await _ours(session, reports)
    await _settle(session, [message for _, message in ours], partitions, now)
    touched = await touch(session, [_touch(*one, now) for one in ours if one[0].what in _BECAME])
    await judge_domains(session, await count(session, touched), consequences.limits, now)
    stopped = await _suppress(session, ours, now)
    await _let_rest(session, ours, consequences, now)
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
    session: AsyncSession, messages: Sequence[ReportedMessage], partitions: int, now: datetime
) -> None:
    """Whose answer was lost has it now, and is not tried again."""
    sent = MessageState.SENT.value
    unclear = {message.id for message in messages if message.state in _UNCLEAR}
    answers = [(id_, sent, "reported") for id_ in sorted(unclear)]
    # who waits for it is poked for the report's own event
    await write_answers(session, answers, now, partitions)


def _touch(report: Report, message: ReportedMessage, now: datetime) -> Touch:
    became = _BECAME[report.what]
    if report.bounce is Bounce.BLOCK:
        became = Became.BLOCKED
    # Of an address with anything after its path only the path is kept: the rest may name somebody.
    shown = None if report.url is None else without_tokens(report.url)
    link = None if shown is None else shown.partition("#")[0].partition("?")[0]
    return Touch(message.id, became, min(report.at, now), report.by_machine, link=link)


async def _suppress(
    session: AsyncSession, ours: Sequence[tuple[Report, ReportedMessage]], now: datetime
) -> int:
    addresses = {
        folded(message.address): _SUPPRESSED[report.what]
        for report, message in ours
        if report.what in _SUPPRESSED and message.address is not None
    }
    return len(await suppress_all(session, list(addresses.items()), now))


async def _let_rest(
    session: AsyncSession,
    ours: Sequence[tuple[Report, ReportedMessage]],
    consequences: Consequences,
    now: datetime,
) -> None:
    """Addresses whose mailbox takes nothing for a while get nothing for a while."""
    refused = [
        (message.contact_id, message.address)
        for report, message in ours
        if report.what is What.BLOCKED
        and report.bounce is not Bounce.BLOCK
        and message.address is not None
    ]
    tired = await refused_in_a_row(
        session, refused, consequences.soft_bounces, now - consequences.soft_within
    )
    keys = sorted({folded(address) for address in tired})
    until = now + consequences.soft_rest
    await suppress_all(session, [(key, SOFT) for key in keys], now, until)


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
        properties["url"] = without_tokens(report.url)
    if report.code is not None:
        properties["code"] = report.code
    if report.bounce is not None:
        properties["bounce"] = report.bounce.value
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
