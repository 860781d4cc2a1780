"""What deciding about messages reads and writes: the policy, what people got, and who waits.

Everything is set-wise: one statement serves a whole group of messages.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.recipients import hold_contacts_still
from crm_store.rowset import rowset

# The medium of messages that are about a contact and go to a room of ours: no wish of theirs is
# asked, and they are none of what the contact gets.
ROOM: Final = "room"
# Why messages wait of which nobody knows when they go on: somebody must resume it.
RESTING: Final = ("channel_paused", "sender_paused")


class PolicyRow(NamedTuple):
    """A version of the policy; `source` is what people wrote."""

    id: int
    source: str
    document: dict[str, Any]
    saved_by: str
    created_at: datetime


class CountedRow(NamedTuple):
    contact_id: int
    at: datetime
    purpose: str
    topic: str | None
    medium: str


class WaitingRow(NamedTuple):
    """A message that was asked for and not handed over; `channel` is None for the usual one."""

    contact_id: int
    flow_id: int
    purpose: str
    template: str
    channel: str | None
    due: datetime


class NewDeferral(NamedTuple):
    effect_id: int
    reason: str
    until: datetime
    read: dict[str, Any]


class DeferralRow(NamedTuple):
    """Why a message of a run was made to wait, from when until when."""

    node: str
    visit: int
    reason: str
    ruled_at: datetime
    until: datetime
    read: dict[str, Any]
    pending: bool


async def policy_version(session: AsyncSession) -> int:
    """The number of the version that counts; 0 before there is one."""
    found = await session.execute(text("SELECT coalesce(max(id), 0) FROM sending_policy"))
    return int(found.scalar_one())


async def policy_row(session: AsyncSession, version: int | None = None) -> PolicyRow | None:
    """A version, or the last one."""
    found = await session.execute(
        text(
            """
            SELECT id, source, document, saved_by, created_at FROM sending_policy
            WHERE CAST(:version AS bigint) IS NULL OR id = :version ORDER BY id DESC LIMIT 1
            """
        ),
        {"version": version},
    )
    row = found.one_or_none()
    return None if row is None else PolicyRow._make(row)


async def policy_versions(session: AsyncSession, limit: int) -> list[tuple[int, str, datetime]]:
    """(version, who saved it, when), the last one first."""
    found = await session.execute(
        text("SELECT id, saved_by, created_at FROM sending_policy ORDER BY id DESC LIMIT :limit"),
        {"limit": limit},
    )
    return [(row[0], row[1], row[2]) for row in found]


async def lock_policies(session: AsyncSession) -> None:
    """Keep others from saving a policy until this transaction ends; reading goes on."""
    await session.execute(text("LOCK TABLE sending_policy IN SHARE ROW EXCLUSIVE MODE"))


async def add_policy(
    session: AsyncSession, source: str, document: str, saved_by: str, now: datetime
) -> int:
    """Save a version, with its document as JSON; its number."""
    found = await session.execute(
        text(
            """
            INSERT INTO sending_policy (source, document, saved_by, created_at)
            VALUES (:source, CAST(:document AS jsonb), :saved_by, :now) RETURNING id
            """
        ),
        {"source": source, "document": document, "saved_by": saved_by, "now": now},
    )
    return int(found.scalar_one())


async def take_turns(
    session: AsyncSession, contact_ids: Collection[int], counted: Collection[int], now: datetime
) -> None:
    """Keep the wishes of contacts from changing until this transaction ends (see
    `crm_store.recipients.hold_contacts_still`), and of those `counted`, and of those who want few
    messages, be the only one who counts what they got.

    Read what they got in a later statement: it sees what the one before us wrote. Turns are taken
    in the order of contacts, by those alone who prepare messages, so nobody waits in a circle.
    """
    held = await hold_contacts_still(session, contact_ids)
    # a statement of its own: it sees a wish that was committed while we waited
    await session.execute(
        text(
            """
            INSERT INTO sending_turn (contact_id, taken_at)
            SELECT id, :now FROM unnest(CAST(:ids AS bigint[])) AS held(id)
            WHERE id = ANY(CAST(:counted AS bigint[])) OR EXISTS (
                SELECT 1 FROM contact_preference p
                WHERE p.contact_id = held.id AND p.frequency <> 'every')
            ORDER BY id
            ON CONFLICT (contact_id) DO UPDATE SET taken_at = excluded.taken_at
            """
        ),
        {"ids": sorted(held), "counted": list(counted), "now": now},
    )


async def what_they_got(
    session: AsyncSession, contact_ids: Collection[int], since: datetime
) -> list[CountedRow]:
    """Messages that were handed over to these contacts, or may have been, or are just being."""
    found = await session.execute(
        text(
            """
            SELECT contact_id, handed_over_at, purpose, topic, coalesce(medium, 'email')
            FROM message
            WHERE contact_id = ANY(:ids) AND handed_over_at >= :since
              AND state IN ('handing_over', 'sent', 'maybe_sent') AND medium IS DISTINCT FROM :room
            """
        ),
        {"ids": list(contact_ids), "since": since, "room": ROOM},
    )
    return [CountedRow._make(row) for row in found]


async def who_waits(
    session: AsyncSession,
    contact_ids: Collection[int],
    flow_ids: Collection[int],
    but: Collection[int],
) -> list[WaitingRow]:
    """Messages to these contacts that were asked for in these flows and wait for their time, `but`
    those of these effects. What is paused, be it the flow, the node, the channel or the sender, is
    left out: nobody knows when it goes on."""
    found = await session.execute(
        text(
            """
            SELECT e.subject_id, e.flow_id, e.purpose, e.ask ->> 'template', e.ask ->> 'channel',
                   e.not_before
            FROM run r JOIN effect e ON e.run_id = r.id AND e.node = r.node AND e.visit = r.visit
            JOIN flow f ON f.id = r.flow_id
            WHERE r.flow_id = ANY(:flows) AND r.subject_id = ANY(:ids)
              AND r.subject_kind = 'contact' AND r.state <> 'ended'
              AND e.kind = 'send_message' AND e.state = 'pending' AND e.id <> ALL(:but)
              AND f.state <> 'paused' AND e.node <> ALL(f.paused_nodes)
              AND NOT EXISTS (
                SELECT 1 FROM deferral d WHERE d.effect_id = e.id AND d.until = e.not_before
                  AND d.reason = ANY(:resting))
            """
        ),
        {
            "flows": list(flow_ids),
            "ids": list(contact_ids),
            "but": list(but),
            "resting": list(RESTING),
        },
    )
    return [WaitingRow._make(row) for row in found]


async def waiting_since(session: AsyncSession, effect_ids: Collection[int]) -> dict[int, datetime]:
    """When each was first made to wait; those that never were are left out."""
    found = await session.execute(
        text(
            "SELECT effect_id, min(ruled_at) FROM deferral WHERE effect_id = ANY(:ids)"
            " GROUP BY effect_id"
        ),
        {"ids": list(effect_ids)},
    )
    return {row[0]: row[1] for row in found}


async def add_deferrals(
    session: AsyncSession, deferrals: Sequence[NewDeferral], now: datetime
) -> None:
    """Write down why messages wait. One that is made to wait again gets another row."""
    if not deferrals:
        return
    await session.execute(
        text(
            """
            INSERT INTO deferral (effect_id, reason, until, ruled_at, read)
            SELECT effect_id, reason, until, :now, read
            FROM json_to_recordset(CAST(:rows AS json))
                 AS new(effect_id bigint, reason text, until timestamptz, read jsonb)
            """
        ),
        {"now": now, "rows": rowset([one._asdict() for one in deferrals])},
    )


async def keep_deferrals(
    session: AsyncSession, deferrals: Sequence[NewDeferral], now: datetime
) -> None:
    """`add_deferrals` for waits that are looked at again and again: while the reason stays the same
    it stays one row, with its first `ruled_at` and its last `until`."""
    if not deferrals:
        return
    await session.execute(
        text(
            """
            WITH new AS MATERIALIZED (
                SELECT * FROM json_to_recordset(CAST(:rows AS json))
                    AS new(effect_id bigint, reason text, until timestamptz, read jsonb)
            ), kept AS (
                UPDATE deferral d SET until = new.until FROM new
                WHERE d.reason = new.reason AND d.id = (
                    SELECT max(l.id) FROM deferral l WHERE l.effect_id = new.effect_id)
                RETURNING d.effect_id
            )
            INSERT INTO deferral (effect_id, reason, until, ruled_at, read)
            SELECT effect_id, reason, until, :now, read FROM new
            WHERE effect_id NOT IN (SELECT effect_id FROM kept)
            """
        ),
        {"now": now, "rows": rowset([one._asdict() for one in deferrals])},
    )


async def deferrals_of_run(session: AsyncSession, run_id: int) -> list[DeferralRow]:
    """All of them in order; `pending` while the message still waits for that time."""
    found = await session.execute(
        text(
            """
            SELECT e.node, e.visit, d.reason, d.ruled_at, d.until, d.read,
                   e.state = 'pending' AND e.not_before = d.until
            FROM effect e JOIN deferral d ON d.effect_id = e.id
            WHERE e.run_id = :run ORDER BY d.id
            """
        ),
        {"run": run_id},
    )
    return [DeferralRow._make(row) for row in found]
