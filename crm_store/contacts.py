"""What other systems call a contact, and joining two that turn out to be one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.giving_way import impatiently
from crm_store.round_trips import Ask

ANONYMOUS = "anonymous_id"
FORMER_ID = "external_id"

_NEW_ALIASES = """
    INSERT INTO contact_alias (kind, value, contact_id)
    SELECT CAST(%(kind)s AS text), value, id
    FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r(value text, id bigint)
    ON CONFLICT DO NOTHING RETURNING value
"""


def new_aliases(kind: str, contact_of: Mapping[str, int]) -> Ask:
    """Remember names of contacts; there is a row for each that went in, as another transaction may
    be first."""
    rows = [{"value": value, "id": contact_of[value]} for value in sorted(contact_of)]
    return Ask(_NEW_ALIASES, {"kind": kind, "rows": orjson.dumps(rows).decode()})


async def join_visitors(session: AsyncSession, person_of: Mapping[int, int]) -> None:
    """Give visitors' aliases, events and runs to the persons they turned out to be, and with the
    runs their goals and arms.

    Where the person has entered the same flow under the same key, the visitor's run stays, and with
    it the visitor as an empty row; others go. Drivers are waited for only a moment: the caller does
    its transaction again when it fails with a code of `giving_way.AGAIN`.
    """
    pairs = [{"visitor": visitor, "person": person} for visitor, person in person_of.items()]
    if not pairs:
        return
    async with impatiently(session):
        # Whoever lets a visitor into a flow just now is waited for, so that its run is seen here.
        await session.execute(
            text("SELECT 1 FROM contact WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
            {"ids": list(person_of)},
        )
        for statement in _JOIN:
            await session.execute(text(statement), pairs)


# A run is found by flow and subject, the index that keeps people from entering twice.
_RUNS_TO_MOVE = """
    SELECT r.id FROM flow f JOIN run r ON r.flow_id = f.id AND r.subject_id = :visitor
    WHERE r.subject_kind = 'contact' AND NOT EXISTS (
        SELECT 1 FROM run other WHERE other.flow_id = r.flow_id AND other.subject_id = :person
        AND other.entry_key = r.entry_key)
"""

_JOIN: Sequence[str] = (
    "UPDATE contact_alias SET contact_id = :person WHERE contact_id = :visitor",
    "UPDATE event SET contact_id = :person WHERE contact_id = :visitor",
    'UPDATE "order" SET contact_id = :person WHERE contact_id = :visitor',
    "UPDATE deal SET contact_id = :person WHERE contact_id = :visitor",
    "UPDATE ticket SET contact_id = :person WHERE contact_id = :visitor",
    "UPDATE activity SET contact_id = :person WHERE contact_id = :visitor",
    """
    WITH told AS (UPDATE notice SET contact_id = :person WHERE contact_id = :visitor),
         asked AS (UPDATE approval_request SET contact_id = :person WHERE contact_id = :visitor)
    UPDATE escalation_case SET contact_id = :person, fold_key = NULL,
           subject_id = CASE subject_kind WHEN 'contact' THEN :person ELSE subject_id END
    WHERE contact_id = :visitor
    """,
    """
    UPDATE field_change SET contact_id = :person
    WHERE contact_id = :visitor AND record <> 'contact'
    """,
    """
    INSERT INTO contact_tag (contact_id, tag)
    SELECT :person, tag FROM contact_tag WHERE contact_id = :visitor ON CONFLICT DO NOTHING
    """,
    """
    UPDATE segment_member m SET contact_id = :person WHERE contact_id = :visitor AND NOT EXISTS (
        SELECT 1 FROM segment_member p
        WHERE p.segment_id = m.segment_id AND p.contact_id = :person)
    """,
    # Asks that nobody is claiming just now go to the person; the others end with the visitor.
    f"""
    UPDATE effect SET subject_id = :person WHERE id IN (
        SELECT id FROM effect WHERE run_id IN ({_RUNS_TO_MOVE}) AND state = 'pending'
        FOR UPDATE SKIP LOCKED)
    """,  # noqa: S608 - a constant
    # The goals of those runs, and the arms that chance gave in their flows; a person's own stands.
    # Nodes are found one by one: a flow has few of them, and the arms of everybody.
    f"""
    WITH RECURSIVE moving AS MATERIALIZED ({_RUNS_TO_MOVE}),
        reached AS (UPDATE goal_reached SET subject_id = :person
                    WHERE run_id IN (SELECT id FROM moving)),
        split(flow_id, node) AS (
            SELECT inside.flow_id, (SELECT min(node) FROM split_taken t
                                    WHERE t.flow_id = inside.flow_id)
            FROM (SELECT DISTINCT flow_id FROM run
                  WHERE id IN (SELECT id FROM moving)) inside
            UNION ALL
            SELECT s.flow_id, (SELECT min(node) FROM split_taken t
                               WHERE t.flow_id = s.flow_id AND t.node > s.node)
            FROM split s WHERE s.node IS NOT NULL)
    UPDATE split_taken t SET subject_id = :person FROM split
    WHERE t.flow_id = split.flow_id AND t.node = split.node AND t.subject_id = :visitor
      AND NOT EXISTS (
        SELECT 1 FROM split_taken p
        WHERE p.flow_id = t.flow_id AND p.node = t.node AND p.subject_id = :person)
    """,  # noqa: S608 - a constant
    # Without their slots, as the person may hold the same; a run without one is counted as well.
    f"UPDATE run SET subject_id = :person, slot = NULL WHERE id IN ({_RUNS_TO_MOVE})",  # noqa: S608
    """
    DELETE FROM contact WHERE id = :visitor AND NOT EXISTS
        (SELECT 1 FROM flow f JOIN run r ON r.flow_id = f.id AND r.subject_id = :visitor
         WHERE r.subject_kind = 'contact')
    """,
)


async def ids_by_email(session: AsyncSession, email_keys: Collection[str]) -> dict[str, int]:
    """Contacts by folded address; unknown addresses are left out."""
    found = await session.execute(
        text("SELECT email_key, id FROM contact WHERE email_key = ANY(:keys)"),
        {"keys": list(email_keys)},
    )
    return {row[0]: row[1] for row in found}
