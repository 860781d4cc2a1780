"""Making two contacts one: everything that was the one's becomes the other's.

The statements run in a transaction that holds both contacts alone and their runs (see
`crm_store.giving_way`), so nobody reads half of it. `:keep` stays and `:lose` goes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import CursorResult, Result, bindparam, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact
from crm_store.segment_members import OWN_SLOT

_JSON: Final = bindparam("entries", type_=JSONB)
# A record that no rule knows: the history of a contact that is gone must not be taken for the
# history of the one that stays, or what was so on a day in the past would be told wrongly.
FORMER_HISTORY: Final = "merged_contact"

# What refers to a contact by number alone and may come twice for one contact.
_FOLLOWS: Final[Mapping[str, str]] = {
    "event": "UPDATE event SET contact_id = :keep WHERE contact_id = :lose",
    "order": 'UPDATE "order" SET contact_id = :keep WHERE contact_id = :lose',
    "deal": "UPDATE deal SET contact_id = :keep WHERE contact_id = :lose",
    "ticket": "UPDATE ticket SET contact_id = :keep WHERE contact_id = :lose",
    "activity": "UPDATE activity SET contact_id = :keep WHERE contact_id = :lose",
    "message": "UPDATE message SET contact_id = :keep WHERE contact_id = :lose",
    "digest_item": "UPDATE digest_item SET contact_id = :keep WHERE contact_id = :lose",
    "notice": "UPDATE notice SET contact_id = :keep WHERE contact_id = :lose",
    "consent_request": "UPDATE consent_request SET contact_id = :keep WHERE contact_id = :lose",
    "link": "UPDATE link SET contact_id = :keep WHERE contact_id = :lose",
    "approval_request": "UPDATE approval_request SET contact_id = :keep WHERE contact_id = :lose",
    # Where both have an open case of one policy, what is asked later joins that of the one kept.
    "escalation_case": """
        UPDATE escalation_case e SET contact_id = :keep,
               subject_id = CASE subject_kind WHEN 'contact' THEN :keep ELSE subject_id END,
               fold_key = CASE WHEN subject_kind = 'contact' AND EXISTS (
                   SELECT 1 FROM escalation_case k
                   WHERE k.subject_kind = 'contact' AND k.subject_id = :keep
                     AND k.fold_key = e.fold_key AND k.ended_at IS NULL
               ) THEN NULL ELSE fold_key END
        WHERE contact_id = :lose
    """,
    "contact_alias": "UPDATE contact_alias SET contact_id = :keep WHERE contact_id = :lose",
    "merged_contact": "UPDATE merged_contact SET kept_id = :keep WHERE kept_id = :lose",
    "effect": "UPDATE effect SET subject_id = :keep WHERE run_id = ANY(:runs)",
    "goal_reached": "UPDATE goal_reached SET subject_id = :keep WHERE run_id = ANY(:runs)",
    "field_change": """
        UPDATE field_change SET contact_id = :keep,
               record = CASE record WHEN 'contact' THEN 'merged_contact' ELSE record END
        WHERE contact_id = :lose
    """,
}
# What a contact has once: it is taken over where the one that stays has none.
_FILLS: Final[Mapping[str, str]] = {
    "contact_tag": """
        INSERT INTO contact_tag (contact_id, tag)
        SELECT :keep, tag FROM contact_tag WHERE contact_id = :lose ON CONFLICT DO NOTHING
    """,
    "segment_member": """
        UPDATE segment_member m SET contact_id = :keep WHERE contact_id = :lose AND NOT EXISTS (
            SELECT 1 FROM segment_member k
            WHERE k.segment_id = m.segment_id AND k.contact_id = :keep)
    """,
    "contact_score": """
        INSERT INTO contact_score AS s (model_id, contact_id, total, band, due_at, scored_at,
                                        adjusted)
        SELECT model_id, :keep, total, band, due_at, scored_at, adjusted
        FROM contact_score WHERE contact_id = :lose
        ON CONFLICT (model_id, contact_id) DO UPDATE SET adjusted = s.adjusted + excluded.adjusted
    """,
    "date_fired": """
        INSERT INTO date_fired (contact_id, flow_id, source, occasion, due_at, fired_at)
        SELECT :keep, flow_id, source, occasion, due_at, fired_at
        FROM date_fired WHERE contact_id = :lose
        ON CONFLICT DO NOTHING
    """,
    # The stricter choice of both, as with consent.
    "contact_preference": """
        INSERT INTO contact_preference AS p (contact_id, frequency, unmeasured, topics, updated_at)
        SELECT :keep, frequency, unmeasured, topics, updated_at
        FROM contact_preference WHERE contact_id = :lose
        ON CONFLICT (contact_id) DO UPDATE SET
            frequency = (ARRAY['weekly', 'daily', 'every'])[least(
                array_position(ARRAY['weekly', 'daily', 'every'], p.frequency),
                array_position(ARRAY['weekly', 'daily', 'every'], excluded.frequency))],
            unmeasured = p.unmeasured OR excluded.unmeasured,
            topics = excluded.topics || p.topics || coalesce(
                (SELECT jsonb_object_agg(key, value) FROM jsonb_each(excluded.topics)
                 WHERE value = 'false'), '{}')
    """,
    "split_taken": """
        UPDATE split_taken t SET subject_id = :keep
        FROM unnest(CAST(:flows AS bigint[]), CAST(:nodes AS text[])) AS at(flow_id, node)
        WHERE t.flow_id = at.flow_id AND t.node = at.node AND t.subject_id = :lose
          AND NOT EXISTS (
            SELECT 1 FROM split_taken k
            WHERE k.flow_id = t.flow_id AND k.node = t.node AND k.subject_id = :keep)
    """,
}
# Every table in which a contact is named, and those that other statements here deal with.
CARRIED: Final = frozenset(
    {
        *(*_FOLLOWS, *_FILLS),
        *("consent", "run", "contact_summary", "merged_contact", "contact"),
        # goes with the contact, and the one that stays has its own
        "sending_turn",
    }
)


class MergedRun(NamedTuple):
    """A locked run. `arriving`: it has come to its node, and the step was not asked yet."""

    id: int
    flow_id: int
    flow_version_id: int
    entry_key: str
    state: str
    node: str
    arriving: bool


async def lock_both(session: AsyncSession, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Whole rows of contacts, held alone; those that are not there are left out."""
    found = await session.execute(
        text("SELECT * FROM contact WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
        {"ids": list(ids)},
    )
    names = tuple(found.keys())
    return {row[names.index("id")]: dict(zip(names, row, strict=True)) for row in found}


async def lock_runs_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, list[MergedRun]]:
    """All runs of these contacts, by contact, in the order in which they entered."""
    found = await session.execute(
        text(
            """
            SELECT r.subject_id, r.id, r.flow_id, r.flow_version_id, r.entry_key, r.state, r.node,
                   coalesce(r.happening ->> 'what' IN ('entered', 'arrived'), false)
            FROM flow f JOIN run r ON r.flow_id = f.id AND r.subject_id = ANY(:ids)
            WHERE r.subject_kind = 'contact' ORDER BY r.id FOR UPDATE OF r
            """
        ),
        {"ids": list(ids)},
    )
    runs: dict[int, list[MergedRun]] = {id_: [] for id_ in ids}
    for row in found:
        runs[row[0]].append(MergedRun(*row[1:]))
    return runs


async def take_runs(
    session: AsyncSession, keep: int, keys: Mapping[int, str], slots_freed: Collection[int]
) -> None:
    """Give runs, by id with the entry key each has from now on, to the contact that stays."""
    await session.execute(
        text(
            """
            UPDATE run SET subject_id = :keep, entry_key = new.entry_key,
                   slot = CASE WHEN run.id = ANY(:freed) THEN NULL ELSE run.slot END
            FROM unnest(CAST(:ids AS bigint[]), CAST(:keys AS text[])) AS new(id, entry_key)
            WHERE run.id = new.id
            """
        ),
        {
            "keep": keep,
            "ids": list(keys),
            "keys": list(keys.values()),
            "freed": list(slots_freed),
        },
    )


async def carry_over(
    session: AsyncSession,
    keep: int,
    lose: int,
    *,
    partition: int,
    run_ids: Sequence[int],
    splits: Sequence[tuple[int, str]],
) -> dict[str, int]:
    """Give everything else to the contact that stays; rows by table. `run_ids` are the runs of the
    one that goes, `splits` the nodes by flow where it may have been given an arm that is compared.

    What is still to be dispatched waits in the line of the contact that stays, so that its events
    stay in their order.
    """
    given = {
        "keep": keep,
        "lose": lose,
        "runs": list(run_ids),
        "flows": [flow_id for flow_id, _ in splits],
        "nodes": [node for _, node in splits],
    }
    await session.execute(
        text(
            "UPDATE event_pending SET partition = :partition FROM event"
            " WHERE event.id = event_id AND event.contact_id = :lose"
        ),
        {"partition": partition, "lose": lose},
    )
    moved: dict[str, int] = {}
    for table, statement in (*_FOLLOWS.items(), *_FILLS.items()):
        count = changed(await session.execute(text(statement), given))
        if count:
            moved[table] = count
    return moved


def changed(result: Result[Any]) -> int:
    """How many rows a statement wrote."""
    return result.rowcount if isinstance(result, CursorResult) else 0


async def write_contact(session: AsyncSession, keep: int, values: Mapping[str, Any]) -> None:
    if values:
        await session.execute(
            update(Contact)
            .where(Contact.id == keep)
            .values(**values)
            .execution_options(synchronize_session=False)
        )


async def add_former_names(session: AsyncSession, keep: int, names: Mapping[str, str]) -> None:
    """Remember what the contact that went was called, by kind of name."""
    for kind, value in names.items():
        await session.execute(
            text(
                "INSERT INTO contact_alias (kind, value, contact_id) VALUES (:kind, :value, :keep)"
                " ON CONFLICT (kind, value) DO UPDATE SET contact_id = excluded.contact_id"
            ),
            {"kind": kind, "value": value, "keep": keep},
        )


async def has_default_model(session: AsyncSession) -> bool:
    found = await session.execute(text("SELECT 1 FROM scoring_model WHERE is_default"))
    return found.first() is not None


async def remove_merged(
    session: AsyncSession, keep: int, lose: int, now: datetime, day: date
) -> None:
    """Remove the contact that went, now that nothing is its own, and remember who it is."""
    await leave_segments(session, lose, day)
    await session.execute(text("DELETE FROM contact WHERE id = :lose"), {"lose": lose})
    await session.execute(
        text(
            "INSERT INTO merged_contact (lost_id, kept_id, merged_at) VALUES (:lose, :keep, :now)"
        ),
        {"keep": keep, "lose": lose, "now": now},
    )


async def leave_segments(session: AsyncSession, contact_id: int, day: date) -> None:
    """Count a contact that is about to be removed out of the segments it is still in."""
    await session.execute(
        text(
            """
            WITH gone AS (
                DELETE FROM segment_member WHERE contact_id = :id RETURNING segment_id
            ), sized AS (
                INSERT INTO segment_size AS s (segment_id, slot, members)
                SELECT segment_id, :slot, -1 FROM gone ORDER BY segment_id
                ON CONFLICT (segment_id, slot) DO UPDATE SET members = s.members - 1
            )
            INSERT INTO segment_count AS c (segment_id, day, slot, entered, left_)
            SELECT segment_id, :day, :slot, 0, 1 FROM gone ORDER BY segment_id
            ON CONFLICT (segment_id, day, slot) DO UPDATE SET left_ = c.left_ + 1
            """
        ),
        {"id": contact_id, "slot": OWN_SLOT, "day": day},
    )


async def end_runs(
    session: AsyncSession,
    runs: Sequence[MergedRun],
    outcome: str,
    entries: Mapping[int, dict[str, Any]],
    now: datetime,
) -> dict[tuple[int, str, str], int]:
    """End runs that are open, with a last entry of their journals; what is to be added to the
    counters of their nodes. The rows must be locked."""
    if not runs:
        return {}
    await session.execute(
        text(
            """
            UPDATE run SET state = 'ended', outcome = :outcome, due_at = NULL, paused_due = NULL,
                   listens = '{}', happening = NULL, memo = '{}', slot = NULL, moved_at = :now,
                   ended_at = :now
            WHERE id = ANY(:ids)
            """
        ),
        {"ids": [run.id for run in runs], "outcome": outcome, "now": now},
    )
    for run in runs:
        await session.execute(
            text(
                "INSERT INTO journal (run_id, at, entries) VALUES (:run, :now, :entries)"
            ).bindparams(_JSON),
            {"run": run.id, "now": now, "entries": [entries[run.id]]},
        )
    counts: dict[tuple[int, str, str], int] = {}
    for run in runs:
        # who has just arrived was not counted as standing there
        for exit_ in (("",) if run.arriving else ()) + (f"({outcome})",):
            key = (run.flow_version_id, run.node, exit_)
            counts[key] = counts.get(key, 0) + 1
    return counts
