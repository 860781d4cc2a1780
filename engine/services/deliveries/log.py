"""The log of a subscription's deliveries, and sending them again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import webhook_log as rows
from crm_store.webhook_log import AttemptRow, LoggedRow
from engine.errors import NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.deliveries.message import body_of
from engine.services.subscriptions.keeping import existing

STATES: Final = ("unchecked", "waiting", "handing_over", "delivered", "failed")
MOST_LISTED: Final = 201
# Of one request; more are sent again by asking once more.
MOST_AT_ONCE: Final = 1_000
MOST_SINCE: Final = 10_000
LONGEST_BODY_SHOWN: Final = 4_000
OLDEST: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """The newest first. `older` and `newer`: whether there are some beyond the ends."""

    rows: Sequence[LoggedRow]
    older: bool
    newer: bool


@dataclass(frozen=True, slots=True)
class SeenDelivery:
    """`body` is the beginning of what is sent, made from the event as it stands."""

    row: LoggedRow
    body: str
    cut: bool
    attempts: Sequence[AttemptRow]


async def list_deliveries(
    session: AsyncSession,
    actor: Actor,
    subscription_id: int,
    *,
    states: Collection[str] = (),
    kind: str = "",
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> DeliveryPage:
    """For the page of older ones give the last id as `before`, for that of newer ones the first
    as `after`. Raises NotFound, and Refused for an unknown state."""
    allowed(actor, "read", "webhook")
    await existing(session, subscription_id)
    _refuse_unknown(states)
    limit = min(limit, MOST_LISTED)
    found = await rows.page_of_log(
        session,
        subscription_id,
        states=states,
        kind=kind,
        before=before,
        after=after,
        limit=limit + 1,
    )
    more = len(found) > limit
    if after is not None:
        return DeliveryPage(found[1:] if more else found, True, more)
    return DeliveryPage(found[:limit], more, before is not None)


async def see_delivery(session: AsyncSession, actor: Actor, delivery_id: int) -> SeenDelivery:
    """One with what is sent and its last attempts. Raises NotFound."""
    allowed(actor, "read", "webhook")
    found = await rows.logged(session, delivery_id)
    if found is None:
        raise NotFound(f"There is no delivery {delivery_id}: it is over, and no longer kept.")
    row, told, attempts = found
    body = body_of(told).decode()
    return SeenDelivery(row, body[:LONGEST_BODY_SHOWN], len(body) > LONGEST_BODY_SHOWN, attempts)


async def send_deliveries_again(
    session: AsyncSession,
    actor: Actor,
    subscription_id: int,
    delivery_ids: Collection[int],
    now: datetime,
) -> int:
    """These go again with the message ids they had; how many. Others' deliveries, tests and what
    is on its way are left out. Poke the driver afterwards."""
    allowed(actor, "edit", "webhook")
    known = await existing(session, subscription_id)
    if len(delivery_ids) > MOST_AT_ONCE:
        problem = Problem("/deliveries", "too_many", f"name at most {MOST_AT_ONCE} at once")
        raise Refused("Nothing was sent again.", [problem])
    count = await rows.send_again(session, subscription_id, delivery_ids, now)
    if count:
        after = {"deliveries": count}
        await record(session, actor, "replay", "webhook", known.id, after=after)
    return count


async def send_since_again(
    session: AsyncSession,
    actor: Actor,
    subscription_id: int,
    since: datetime,
    states: Collection[str],
    now: datetime,
) -> int:
    """What came since then and ended so goes again, the oldest first and at most `MOST_SINCE`."""
    allowed(actor, "edit", "webhook")
    known = await existing(session, subscription_id)
    _refuse_unknown(states, ("delivered", "failed"))
    _refuse_far(since, now)
    count = await rows.send_again_since(session, known.id, since, states, now, MOST_SINCE)
    await _audited(session, actor, "replay", known.id, since, count)
    return count


async def send_missed(
    session: AsyncSession, actor: Actor, subscription_id: int, since: datetime, now: datetime
) -> int:
    """Events since then that nobody was subscribed to when they came, the oldest first and at most
    `MOST_SINCE`; how many may go (its rule is still to be asked)."""
    allowed(actor, "edit", "webhook")
    known = await existing(session, subscription_id)
    _refuse_far(since, now)
    count = await rows.add_missed(session, known.id, since, now, MOST_SINCE)
    await _audited(session, actor, "send_missed", known.id, since, count)
    return count


async def _audited(
    session: AsyncSession, actor: Actor, verb: str, id_: int, since: datetime, count: int
) -> None:
    if count:
        after = {"deliveries": count, "since": since.isoformat()}
        await record(session, actor, verb, "webhook", id_, after=after)


def _refuse_unknown(states: Collection[str], known: Collection[str] = STATES) -> None:
    unknown = [one for one in states if one not in known]
    if unknown:
        problem = Problem("/states", "unknown_state", f"name some of {', '.join(known)}")
        raise Refused("No delivery is in such a state.", [problem])


def _refuse_far(since: datetime, now: datetime) -> None:
    if not now - OLDEST <= since <= now:
        message = f"name a moment within the last {OLDEST.days} days"
        raise Refused("Nothing was sent again.", [Problem("/since", "out_of_range", message)])
