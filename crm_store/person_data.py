"""Every row that is about one person, kind by kind, as JSON: what a person is given who asks.

`:id` is the contact, `:numbers` it and those that were merged into it, `:runs` their runs. Each
query gives one JSON document a row, in a stable order, and is read as a stream.
"""

# ruff: noqa: S608 - the names in the statements are this file's own

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_DEALS: Final = "(SELECT id FROM deal WHERE contact_id = :id)"
_TICKETS: Final = "(SELECT id FROM ticket WHERE contact_id = :id)"

# In the order in which they are read. A key is the name of a file.
KINDS: Final[Mapping[str, str]] = {
    "contact": "SELECT to_jsonb(r) FROM contact r WHERE id = :id",
    "names": "SELECT to_jsonb(r) FROM contact_alias r WHERE contact_id = :id ORDER BY kind, value",
    "merged": "SELECT to_jsonb(r) FROM merged_contact r WHERE kept_id = :id ORDER BY lost_id",
    "field_history": """
        SELECT to_jsonb(r) - 'transaction_id' FROM field_change r
        WHERE contact_id = :id ORDER BY id
    """,
    "tags": "SELECT to_jsonb(r) FROM contact_tag r WHERE contact_id = :id ORDER BY tag",
    "consents": """
        SELECT to_jsonb(r) FROM consent r WHERE contact_id = :id ORDER BY channel, purpose
    """,
    "consent_requests": """
        SELECT to_jsonb(r) FROM consent_request r WHERE contact_id = :id ORDER BY id
    """,
    "preferences": "SELECT to_jsonb(r) FROM contact_preference r WHERE contact_id = :id",
    "suppressions": """
        SELECT to_jsonb(r) FROM suppression r
        WHERE address_key IN (SELECT email_key FROM contact WHERE id = :id
                              UNION SELECT phone FROM contact WHERE id = :id
                              UNION SELECT value FROM contact_alias
                              WHERE contact_id = :id AND kind = 'email_key')
        ORDER BY channel, address_key
    """,
    "segments": """
        SELECT jsonb_build_object('segment', s.name, 'label', s.label, 'since', r.entered_at)
        FROM segment_member r JOIN segment s ON s.id = r.segment_id
        WHERE r.contact_id = :id ORDER BY s.name
    """,
    "scores": "SELECT to_jsonb(r) FROM contact_score r WHERE contact_id = :id ORDER BY model_id",
    "figures": "SELECT to_jsonb(r) FROM contact_summary r WHERE contact_id = :id",
    "dates": """
        SELECT to_jsonb(r) FROM date_fired r WHERE contact_id = :id
        ORDER BY flow_id, source, occasion
    """,
    "events": "SELECT to_jsonb(r) FROM event r WHERE contact_id = :id ORDER BY id",
    "orders": 'SELECT to_jsonb(r) FROM "order" r WHERE contact_id = :id ORDER BY id',
    "messages": """
        SELECT to_jsonb(r) - 'provider_key'
            || jsonb_build_object('flow', f.name, 'said', e.ask -> 'said')
        FROM message r JOIN flow f ON f.id = r.flow_id LEFT JOIN effect e ON e.id = r.effect_id
        WHERE r.contact_id = :id ORDER BY r.id
    """,
    "clicks": """
        SELECT to_jsonb(r) FROM message_click r JOIN message m ON m.id = r.message_id
        WHERE m.contact_id = :id ORDER BY r.message_id, r.link
    """,
    "links": """
        SELECT jsonb_build_object('url', r.url, 'created_at', r.created_at)
        FROM link r WHERE contact_id = :id ORDER BY id
    """,
    "runs": """
        SELECT to_jsonb(r) || jsonb_build_object('flow', f.name) FROM run r
        JOIN flow f ON f.id = r.flow_id WHERE r.id = ANY(:runs) ORDER BY r.id
    """,
    "journal": "SELECT to_jsonb(r) FROM journal r WHERE run_id = ANY(:runs) ORDER BY id",
    "asks": """
        SELECT to_jsonb(r) - 'claimed_by' FROM effect r WHERE run_id = ANY(:runs) ORDER BY id
    """,
    "goals": """
        SELECT to_jsonb(r) FROM goal_reached r WHERE run_id = ANY(:runs) ORDER BY run_id
    """,
    "deals": "SELECT to_jsonb(r) FROM deal r WHERE contact_id = :id ORDER BY id",
    "deal_stages": f"""
        SELECT to_jsonb(r) FROM stage_visit r WHERE deal_id IN {_DEALS} ORDER BY id
    """,
    "tickets": "SELECT to_jsonb(r) FROM ticket r WHERE contact_id = :id ORDER BY id",
    "ticket_comments": f"""
        SELECT to_jsonb(r) FROM ticket_comment r WHERE ticket_id IN {_TICKETS} ORDER BY id
    """,
    "activities": f"""
        SELECT to_jsonb(r) FROM activity r
        WHERE contact_id = :id OR deal_id IN {_DEALS} OR ticket_id IN {_TICKETS} ORDER BY id
    """,
    "approvals": f"""
        SELECT to_jsonb(r) FROM approval_request r
        WHERE contact_id = :id OR run_id = ANY(:runs)
           OR (record_kind = 'deal' AND record_id IN {_DEALS})
           OR (record_kind = 'ticket' AND record_id IN {_TICKETS}) ORDER BY id
    """,
    "approval_decisions": f"""
        SELECT to_jsonb(r) FROM approval_decision r WHERE request_id IN (
            SELECT id FROM approval_request WHERE contact_id = :id OR run_id = ANY(:runs)
               OR (record_kind = 'deal' AND record_id IN {_DEALS})
               OR (record_kind = 'ticket' AND record_id IN {_TICKETS})) ORDER BY id
    """,
    "escalations": "SELECT to_jsonb(r) FROM escalation_case r WHERE contact_id = :id ORDER BY id",
    "notices": """
        SELECT to_jsonb(r) - 'provider_key' FROM notice r
        WHERE contact_id = :id OR run_id = ANY(:runs)
           OR (subject_kind = 'contact' AND subject_id = ANY(:numbers)) ORDER BY id
    """,
    "assignments": """
        SELECT to_jsonb(r) FROM assignment_choice r
        WHERE kind = 'contact' AND record_id = ANY(:numbers) ORDER BY id
    """,
    "audit": """
        SELECT to_jsonb(r) FROM audit r
        WHERE (subject_kind = 'contact'
               AND subject_id = ANY(SELECT unnest(CAST(:numbers AS bigint[]))::text))
           OR (actor_kind = 'subject' AND actor_id = :id) ORDER BY id
    """,
    "privacy_requests": """
        SELECT to_jsonb(r) FROM privacy_request r
        WHERE contact_number = ANY(:numbers) ORDER BY id
    """,
}
_ROWS_AT_ONCE: Final = 500


async def hold_one_moment(session: AsyncSession) -> None:
    """Everything this transaction reads is of one moment. To be called first."""
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


async def whose(session: AsyncSession, contact_id: int) -> int | None:
    """The contact that this number means today; None when there is nobody."""
    found = await session.execute(
        text(
            "SELECT id FROM contact WHERE id = :id UNION ALL"
            " SELECT kept_id FROM merged_contact WHERE lost_id = :id LIMIT 1"
        ),
        {"id": contact_id},
    )
    number: int | None = found.scalar_one_or_none()
    return number


async def of_address(session: AsyncSession, email_key: str) -> int | None:
    """The contact of this folded address, also of one they had before."""
    found = await session.execute(
        text(
            "SELECT id FROM contact WHERE email_key = :key UNION ALL"
            " SELECT contact_id FROM contact_alias WHERE kind = 'email_key' AND value = :key"
            " LIMIT 1"
        ),
        {"key": email_key},
    )
    number: int | None = found.scalar_one_or_none()
    return number


async def about(session: AsyncSession, contact_id: int) -> dict[str, Any]:
    """What the queries of `KINDS` are asked with."""
    lost = await session.execute(
        text("SELECT lost_id FROM merged_contact WHERE kept_id = :id"), {"id": contact_id}
    )
    numbers = [contact_id, *lost.scalars()]
    runs = await session.execute(
        text(
            f"""
            SELECT id FROM run
            WHERE (subject_kind = 'contact' AND subject_id = :id)
               OR (subject_kind = 'deal' AND subject_id IN {_DEALS})
               OR (subject_kind = 'ticket' AND subject_id IN {_TICKETS})
            """
        ),
        {"id": contact_id},
    )
    return {"id": contact_id, "numbers": numbers, "runs": list(runs.scalars())}


async def rows_of(
    session: AsyncSession, kind: str, given: Mapping[str, Any]
) -> AsyncIterator[Sequence[dict[str, Any]]]:
    """The rows of a kind, a few hundred at a time."""
    statement = KINDS[kind]
    asked = {name: value for name, value in given.items() if f":{name}" in statement}
    stream = await session.stream(
        text(statement), asked, execution_options={"yield_per": _ROWS_AT_ONCE}
    )
    async for page in stream.scalars().partitions():
        yield page


async def where_found(
    session: AsyncSession, patterns: Sequence[str], *, skip: Sequence[str] = ()
) -> dict[str, int]:
    """Rows of every table in which one of these texts still stands, whatever the column.

    It reads every text there is: for the proof after an erasure, not for every day.
    """
    columns = await session.execute(
        text(
            """
            SELECT c.table_name, array_agg(CAST(c.column_name AS text) ORDER BY c.column_name),
                   array_agg(CAST(c.data_type AS text) ORDER BY c.column_name)
            FROM information_schema.columns c
            JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
              AND c.data_type IN ('text', 'jsonb', 'json', 'ARRAY', 'character varying', 'bytea')
              AND NOT (c.table_name = 'stored_file' AND c.column_name = 'content')
            GROUP BY c.table_name ORDER BY c.table_name
            """
        )
    )
    found: dict[str, int] = {}
    for table, names, types in columns.all():
        if table in skip or not patterns:
            continue
        said = ", ".join(_as_text(*one) for one in zip(names, types, strict=True))
        count = await session.scalar(
            text(
                f'SELECT count(*) FROM "{table}"'
                f" WHERE concat_ws(' ', {said}) ~ ANY(CAST(:patterns AS text[]))"
            ),
            {"patterns": list(patterns)},
        )
        if count:
            found[table] = int(count)
    return found


def _as_text(column: str, kind: str) -> str:
    return f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
