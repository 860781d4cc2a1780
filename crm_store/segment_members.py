"""Who is in a segment. A membership comes and goes together with its event, its size and its count.

Whoever decides about members holds the contacts' stripes first, so that nobody writes by what
another has overtaken. Order of locks: stripes, contacts by id, members, counters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.partitions import MOST_SHARDS, partition_of
from crm_store.rowset import rowset

# The first half of the advisory locks' key ("segm"); the second is the stripe.
_STRIPES_LOCK: Final = 0x7365676D
# As many as there may be partitions: where partitions divide them, two partitions share none.
_STRIPES: Final = MOST_SHARDS
# Counters of whoever is no partition of events: recounts and lists kept by hand.
OWN_SLOT: Final = MOST_SHARDS


@dataclass(frozen=True, slots=True)
class Move:
    """A contact that enters or leaves; `partition` is the line its event waits in, `says` what else
    stands in the event's properties, the same for all moves of a contact.
    """

    segment_id: int
    contact_id: int
    enters: bool
    partition: int
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """What the events of coming and going are called, and whose they are."""

    source: str
    kind: str
    entered: str
    left: str


def stripe_of(contact_id: int) -> int:
    """The one of the stripes by which a contact is held."""
    return partition_of(contact_id, _STRIPES)


async def hold_stripes(session: AsyncSession, contact_ids: Collection[int]) -> None:
    """Nobody else decides about members among these contacts until this transaction ends.

    What the next statement reads includes everything that was decided before.
    """
    stripes = sorted({stripe_of(contact_id) for contact_id in contact_ids})
    if stripes:
        await session.execute(
            text(
                "SELECT pg_advisory_xact_lock(:space, stripe) "
                "FROM unnest(CAST(:stripes AS integer[])) AS stripe"
            ),
            {"space": _STRIPES_LOCK, "stripes": stripes},
        )


async def let_deciders_finish(session: AsyncSession) -> None:
    """Wait until everybody has decided who may have read facts before now.

    Whoever decides after this reads what was committed before it.
    """
    await session.execute(
        text(
            "SELECT pg_advisory_xact_lock_shared(:space, stripe) "
            "FROM generate_series(0, :stripes - 1) AS stripe"
        ),
        {"space": _STRIPES_LOCK, "stripes": _STRIPES},
    )


async def memberships(
    session: AsyncSession, segment_ids: Collection[int], contact_ids: Collection[int]
) -> dict[int, frozenset[int]]:
    """Of these segments, those that each of these contacts is in; contacts in none are left out."""
    found = await session.execute(
        text(
            """
            SELECT contact_id, array_agg(segment_id) FROM segment_member
            WHERE contact_id = ANY(
                ARRAY(SELECT CAST(jsonb_array_elements(CAST(:contacts AS jsonb)) AS bigint)))
            AND segment_id = ANY(
                ARRAY(SELECT CAST(jsonb_array_elements(CAST(:segments AS jsonb)) AS bigint)))
            GROUP BY contact_id
            """
        ),
        {"contacts": rowset(list(contact_ids)), "segments": rowset(list(segment_ids))},
    )
    return {contact_id: frozenset(segments) for contact_id, segments in found}


async def write_moves(
    session: AsyncSession,
    moves: Sequence[Move],
    *,
    names: Names,
    now: datetime,
    day: date,
    slot: int,
) -> list[tuple[int, int, bool]]:
    """Write what is not so already, with an event each; (segment, contact, entered) of what moved.

    The events of a segment begin when its members are complete for the first time: those who were
    there when it was made did not enter it.
    """
    if not moves:
        return []
    found = await session.execute(
        text(_WRITE_MOVES),
        {
            "moves": rowset(moves),
            "source": names.source,
            "kind": names.kind,
            "entered": names.entered,
            "left": names.left,
            "now": now,
            "day": day,
            "slot": slot,
        },
    )
    return [(segment_id, contact_id, entered) for segment_id, contact_id, entered in found]


# `went` and `came` lock or make the member's row before its event gets an id, so that the ids of
# one contact's and segment's events are in the order of what happened.
_WRITE_MOVES: Final = """
    WITH given AS MATERIALIZED (
        SELECT g.* FROM jsonb_to_recordset(CAST(:moves AS jsonb)) AS g(
            segment_id bigint, contact_id bigint, enters boolean, partition smallint,
            says jsonb)
        ORDER BY contact_id, segment_id
    ), came AS (
        INSERT INTO segment_member (segment_id, contact_id, entered_at)
        SELECT segment_id, contact_id, :now FROM given WHERE enters
        ON CONFLICT DO NOTHING RETURNING segment_id, contact_id
    ), went AS (
        DELETE FROM segment_member m USING given g
        WHERE NOT g.enters AND m.segment_id = g.segment_id AND m.contact_id = g.contact_id
        RETURNING m.segment_id, m.contact_id
    ), moved AS (
        SELECT segment_id, contact_id, true AS entered FROM came
        UNION ALL SELECT segment_id, contact_id, false FROM went
    ), told AS (
        INSERT INTO event (source, message_id, kind, name, contact_id, properties,
                           occurred_at, received_at)
        SELECT :source, 'segment:' || gen_random_uuid(), :kind,
               CASE WHEN entered THEN :entered ELSE :left END, contact_id,
               says || jsonb_build_object('segment', s.name), :now, :now
        FROM moved JOIN segment s ON s.id = moved.segment_id
        JOIN (SELECT DISTINCT contact_id, says FROM given) because USING (contact_id)
        WHERE s.counted_at IS NOT NULL
        ORDER BY contact_id, s.id
        RETURNING id, contact_id
    ), queued AS (
        INSERT INTO event_pending (event_id, partition)
        SELECT told.id, line.partition FROM told
        JOIN (SELECT DISTINCT contact_id, partition FROM given) line USING (contact_id)
    ), tally AS (
        SELECT segment_id, count(*) FILTER (WHERE entered) AS entered,
               count(*) FILTER (WHERE NOT entered) AS gone
        FROM moved GROUP BY segment_id ORDER BY segment_id
    ), sized AS (
        INSERT INTO segment_size AS s (segment_id, slot, members)
        SELECT segment_id, :slot, entered - gone FROM tally
        ON CONFLICT (segment_id, slot) DO UPDATE SET members = s.members + excluded.members
    ), counted AS (
        INSERT INTO segment_count AS c (segment_id, day, slot, entered, left_)
        SELECT segment_id, :day, :slot, entered, gone FROM tally
        ON CONFLICT (segment_id, day, slot) DO UPDATE
        SET entered = c.entered + excluded.entered, left_ = c.left_ + excluded.left_
    )
    SELECT segment_id, contact_id, entered FROM moved
"""


async def queue_is_longer_than(session: AsyncSession, limit: int) -> bool:
    """Whether more events wait for dispatch than this; looks at no more of them."""
    found = await session.execute(
        text("SELECT count(*) FROM (SELECT 1 FROM event_pending LIMIT :most) waiting"),
        {"most": limit + 1},
    )
    return bool(found.scalar_one() > limit)


async def mend_size(session: AsyncSession, segment_id: int) -> None:
    """Make the size what is counted: members go with contacts that are erased or joined."""
    await session.execute(
        text(
            """
            INSERT INTO segment_size AS s (segment_id, slot, members)
            SELECT :segment, :slot, counted.members - known.members
            FROM (SELECT count(*) AS members FROM segment_member
                  WHERE segment_id = :segment) counted,
                 (SELECT coalesce(sum(members), 0) AS members FROM segment_size
                  WHERE segment_id = :segment) known
            WHERE counted.members <> known.members
            ON CONFLICT (segment_id, slot) DO UPDATE SET members = s.members + excluded.members
            """
        ),
        {"segment": segment_id, "slot": OWN_SLOT},
    )
