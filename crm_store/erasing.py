"""Taking a contact out of every table: what is theirs goes, what is counted stays without them.

The statements run in a transaction that holds the contact alone and their runs (see
`crm_store.giving_way`). `:id` is the contact, `:runs` are their runs. `:texts` are patterns of what
they are called and reached by, for records that are theirs; `:identifying` of what can mean nobody
else, for records of others, and `:in_bytes` the same for bytes.
"""

# ruff: noqa: S608 - the names in the statements are this file's own

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.merging import changed
from crm_store.spellings import in_bytes, whole_words

ERASED: Final = "(erased)"
REASON: Final = "erased"

# Records that stay because others need them: an account's deal, a question and its answer times.
# A deal keeps its name unless it says who they are.
_MENTIONS = "{} ~ ANY(CAST(:texts AS text[]))"
_NAMES_THEM = "{} ~ ANY(CAST(:identifying AS text[]))"
# Who may do what, and who came in, is searched by names and addresses alone: an id that somebody
# chose for themselves, such as "role", must not take that along.
_OF_OURS = (
    "('user', 'role', 'permission', 'api_key', 'write_key', 'sign_in', 'network', 'second_factor',"
    " 'recovery_codes', 'recovery_code', 'single_sign_on', 'secret', 'audit', 'backup', 'restore',"
    " 'retention', 'team')"
)
_OTHERS = f"""concat_ws(' ', before::text, after::text, why) ~ ANY(
    CASE WHEN subject_kind IN {_OF_OURS} THEN CAST(:named AS text[])
         ELSE CAST(:identifying AS text[]) END)"""
# What stands in more rows of others than these is a word and no name.
MOST_OF_OTHERS: Final = 200
# What came from outside is kept as the bytes it came in.
_IN_BYTES = "encode({}, 'escape') ~ CAST(:in_bytes AS text)"
_DEAL_TEXTS = "concat_ws(' ', name, external_id, lost_reason, custom::text)"
_REQUESTS = """(SELECT id, opened_at FROM approval_request
        WHERE contact_id = :id OR run_id = ANY(:runs)
           OR (contact_id IS NULL AND (
               (record_kind = 'deal' AND record_id IN (SELECT id FROM deal WHERE contact_id = :id))
               OR (record_kind = 'ticket'
                   AND record_id IN (SELECT id FROM ticket WHERE contact_id = :id)))))"""
_STATEMENTS: Final[Sequence[tuple[str, str]]] = (
    # before the requests go: the next look at such a deal lets its clocks go on
    (
        "deal_stay",
        f"""
        WITH theirs AS {_REQUESTS},
        freed AS (
            UPDATE deal_stay SET pending = NULL, request_id = NULL FROM theirs
            WHERE deal_stay.request_id = theirs.id RETURNING deal_stay.deal_id, theirs.opened_at)
        UPDATE clock SET due_at = freed.opened_at, hosted_at = NULL,
                         revision = nextval('clock_revision')
        FROM freed WHERE kind = 'deal' AND entity_id = freed.deal_id
        """,
    ),
    (
        # a closed deal had a stay for its waiting alone
        "deal_stay of closed",
        """
        DELETE FROM deal_stay USING deal, stage
        WHERE deal.id = deal_stay.deal_id AND stage.id = deal.stage_id AND stage.kind <> 'open'
          AND deal.contact_id = :id AND deal_stay.request_id IS NULL
        """,
    ),
    (
        "approval_request",
        f"""
        WITH theirs AS {_REQUESTS},
        hosts AS (
            UPDATE clock SET due_at = theirs.opened_at, hosted_at = NULL,
                             revision = nextval('clock_revision')
            FROM theirs WHERE kind = 'approval' AND entity_id = theirs.id),
        told AS (
            DELETE FROM notice USING theirs
            WHERE notice.subject_kind = 'approval' AND notice.subject_id = theirs.id),
        answers AS (
            UPDATE given_answer SET given = '{{}}' FROM theirs
            WHERE kind = 'approval' AND entity_id = theirs.id)
        DELETE FROM approval_request WHERE id IN (SELECT id FROM theirs)
        """,
    ),
    (
        "notice",
        """
        DELETE FROM notice
        WHERE (subject_kind = 'contact' AND subject_id = ANY(CAST(:numbers AS bigint[])))
           OR (subject_kind = 'run' AND subject_id = ANY(:runs))
           OR (subject_kind = 'deal'
               AND subject_id IN (SELECT id FROM deal WHERE contact_id = :id))
           OR (subject_kind = 'ticket'
               AND subject_id IN (SELECT id FROM ticket WHERE contact_id = :id))
        """,
    ),
    (
        "given_answer",
        """
        UPDATE given_answer SET given = '{}'
        WHERE kind = 'ticket' AND entity_id IN (SELECT id FROM ticket WHERE contact_id = :id)
        """,
    ),
    (
        "effect",
        """
        UPDATE effect SET ask = CASE state WHEN 'handing_over' THEN ask ELSE '{}' END,
               receipt = CASE WHEN receipt IS NOT NULL
                              THEN jsonb_build_object('outcome', receipt -> 'outcome') END
        WHERE run_id = ANY(:runs)
        """,
    ),
    ("journal", "DELETE FROM journal WHERE run_id = ANY(:runs)"),
    (
        "suppression",
        (
            "DELETE FROM suppression WHERE channel IN ('chat', 'webhook')"
            " AND address_key = 'contact:' || CAST(:id AS bigint)"
        ),
    ),
    ("version_move_run", "UPDATE version_move_run SET was = NULL WHERE run_id = ANY(:runs)"),
    (
        "run",
        """
        UPDATE run SET memo = '{}', happening = NULL, entry_key = 'erased:' || id,
               entry_event_id = NULL
        WHERE id = ANY(:runs)
        """,
    ),
    ("goal_reached", "UPDATE goal_reached SET event_id = NULL WHERE run_id = ANY(:runs)"),
    # an address that was sent to many tells nothing of them; of others only the site stays
    (
        "message_click",
        """
        WITH theirs AS (
            DELETE FROM message_click c USING message m
            WHERE m.id = c.message_id AND m.contact_id = :id AND c.link NOT LIKE '%/…'
              AND NOT EXISTS (SELECT 1 FROM link WHERE link.contact_id IS NULL
                              AND link.digest = sha256(convert_to(c.link, 'UTF8')))
            RETURNING c.message_id, c.link, c.by_machine, c.first_at)
        INSERT INTO message_click (message_id, link, by_machine, first_at)
        SELECT message_id, coalesce(substring(link FROM '^[a-z]+://[^/?#]+'), '') || '/…',
               by_machine, min(first_at)
        FROM theirs GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING
        """,
    ),
    (
        "message",
        """
        UPDATE message SET contact_id = NULL, address = NULL, subject = NULL,
               reason = split_part(reason, ':', 1)
        WHERE contact_id = :id
        """,
    ),
    (
        "audit of activities",
        f"""
        UPDATE audit SET before = NULL, after = NULL, why = NULL, cleared_at = now()
        FROM activity a
        WHERE audit.subject_kind = 'activity' AND audit.subject_id = a.id::text
          AND (a.contact_id = :id OR (
               (a.deal_id IN (SELECT id FROM deal WHERE contact_id = :id)
                OR a.ticket_id IN (SELECT id FROM ticket WHERE contact_id = :id))
               AND {_MENTIONS.format("concat_ws(' ', before::text, after::text, why)")}))
        """,
    ),
    (
        "activity",
        f"""
        UPDATE activity SET subject = '{ERASED}', body = NULL
        WHERE (deal_id IN (SELECT id FROM deal WHERE contact_id = :id)
               OR ticket_id IN (SELECT id FROM ticket WHERE contact_id = :id))
          AND contact_id IS DISTINCT FROM :id
          AND {_MENTIONS.format("concat_ws(' ', subject, body)")}
        """,
    ),
    (
        "deal",
        f"""
        UPDATE deal SET contact_id = NULL,
               name = CASE WHEN mentions THEN '{ERASED}' ELSE name END,
               external_id = CASE WHEN mentions THEN NULL ELSE external_id END,
               lost_reason = CASE WHEN mentions THEN NULL ELSE lost_reason END,
               custom = CASE WHEN mentions THEN '{{}}' ELSE custom END
        FROM (SELECT id AS deal_id, {_MENTIONS.format(_DEAL_TEXTS)} AS mentions
              FROM deal WHERE contact_id = :id) theirs
        WHERE deal.id = theirs.deal_id
        """,
    ),
    (
        "ticket_comment",
        (
            "DELETE FROM ticket_comment"
            " WHERE ticket_id IN (SELECT id FROM ticket WHERE contact_id = :id)"
        ),
    ),
    (
        "ticket",
        (
            f"UPDATE ticket SET contact_id = NULL, subject = '{ERASED}', external_id = NULL,"
            " subject_key = NULL, satisfaction_comment = NULL WHERE contact_id = :id"
        ),
    ),
    (
        "audit",
        """
        UPDATE audit SET before = NULL, after = NULL, why = NULL, cleared_at = now()
        WHERE subject_kind = 'contact' AND subject_id = ANY(CAST(:numbers AS text[]))
        """,
    ),
    (
        "audit of their records",
        f"""
        UPDATE audit SET before = NULL, after = NULL, why = NULL, cleared_at = now()
        WHERE subject_kind IN ('deal', 'ticket')
          AND subject_id IN (SELECT id::text FROM unnest(CAST(:records AS bigint[])) id)
          AND {_MENTIONS.format("concat_ws(' ', before::text, after::text, why)")}
        """,
    ),
    (
        "audit of others",
        f"""
        UPDATE audit SET before = NULL, after = NULL, why = NULL, cleared_at = now()
        WHERE {_OTHERS}
        """,
    ),
    (
        "actor",
        (
            f"UPDATE audit SET actor_name = '{ERASED}', before = NULL, after = NULL, why = NULL,"
            " cleared_at = now() WHERE actor_kind = 'subject' AND actor_id = :id"
        ),
    ),
    (
        # their hosts look, find nothing and end
        "escalation_case",
        """
        WITH theirs AS (SELECT id, opened_at FROM escalation_case WHERE contact_id = :id),
        hosts AS (
            UPDATE clock SET due_at = theirs.opened_at, hosted_at = NULL,
                             revision = nextval('clock_revision')
            FROM theirs WHERE kind = 'escalation' AND entity_id = theirs.id),
        told AS (
            DELETE FROM notice USING theirs
            WHERE notice.subject_kind = 'escalation' AND notice.subject_id = theirs.id),
        answers AS (
            UPDATE given_answer SET given = '{}' FROM theirs
            WHERE kind = 'escalation' AND entity_id = theirs.id)
        DELETE FROM escalation_case WHERE contact_id = :id
        """,
    ),
    (
        "assignment",
        """
        WITH waiting AS (
            DELETE FROM assignment_queue
            WHERE kind = 'contact' AND record_id = ANY(CAST(:numbers AS bigint[])))
        DELETE FROM assignment_choice
        WHERE kind = 'contact' AND record_id = ANY(CAST(:numbers AS bigint[]))
        """,
    ),
    (
        "dead_letter",
        (
            f"DELETE FROM dead_letter WHERE {_IN_BYTES.format('body')}"
            f" OR {_NAMES_THEM.format('problems::text')}"
        ),
    ),
    # lines of an import that could not be taken, as they stood in its file
    (
        "job_file",
        f"""
        DELETE FROM job_file USING job
        WHERE job.id = job_file.job_id AND job.state NOT IN ('waiting', 'running')
          AND {_IN_BYTES.format("content")}
        """,
    ),
    (
        "job",
        f"""
        UPDATE job SET given = '{{}}', result = NULL, problem = NULL
        WHERE state NOT IN ('waiting', 'running')
          AND {_NAMES_THEM.format("concat_ws(' ', given::text, result::text, problem::text)")}
        """,
    ),
    (
        "webhook_attempt",
        f"UPDATE webhook_attempt SET answer = '' WHERE {_NAMES_THEM.format('answer')}",
    ),
    (
        "privacy_request",
        """
        UPDATE privacy_request SET note = NULL
        WHERE contact_number = ANY(CAST(:numbers AS bigint[])) AND note IS NOT NULL
        """,
    ),
    (
        "idempotency_key",
        f"DELETE FROM idempotency_key WHERE {_NAMES_THEM.format('answer::text')}",
    ),
)
# Last of all, as the statements before make history of their own.
_HISTORY: Final = f"""
    DELETE FROM field_change
    WHERE contact_id = :id OR (
        record IN ('deal', 'ticket') AND record_id = ANY(:records)
        AND (field IN ('name', 'subject', 'external_id', 'lost_reason') OR field LIKE 'custom.%')
        AND {_MENTIONS.format("concat_ws(' ', old::text, new::text)")})
"""


async def lost_ids_of(session: AsyncSession, contact_id: int) -> list[int]:
    """The numbers of contacts that were merged into this one."""
    found = await session.execute(
        text("SELECT lost_id FROM merged_contact WHERE kept_id = :id ORDER BY lost_id"),
        {"id": contact_id},
    )
    return list(found.scalars())


async def names_of(session: AsyncSession, contact_id: int) -> list[tuple[str, str]]:
    """(kind, value) of every other name."""
    found = await session.execute(
        text("SELECT kind, value FROM contact_alias WHERE contact_id = :id ORDER BY kind, value"),
        {"id": contact_id},
    )
    return [(row[0], row[1]) for row in found]


async def records_of(session: AsyncSession, contact_id: int) -> list[int]:
    found = await session.execute(
        text(
            "SELECT id FROM deal WHERE contact_id = :id UNION SELECT id FROM ticket"
            " WHERE contact_id = :id"
        ),
        {"id": contact_id},
    )
    return list(found.scalars())


async def suppress_erased(
    session: AsyncSession, channel: str, address_keys: Sequence[str], now: datetime
) -> None:
    """Write to these addresses never again, and keep of each only a salted hash."""
    if not address_keys:
        return
    given = {"channel": channel, "addresses": list(address_keys)}
    await session.execute(
        text("DELETE FROM suppression WHERE address_key = ANY(:addresses)"),
        {"addresses": list(address_keys)},
    )
    await session.execute(
        text(
            """
            INSERT INTO suppression (channel, address_key, reason, recorded_at)
            SELECT :channel, erased_key(address), :reason, :now
            FROM unnest(CAST(:addresses AS text[])) AS address
            ON CONFLICT (channel, address_key) DO NOTHING
            """
        ),
        {**given, "reason": REASON, "now": now},
    )


async def admit_again(session: AsyncSession, channel: str, address_key: str) -> bool:
    """Let an address that was erased be written to again; whether it had been."""
    found = await session.execute(
        text(
            "DELETE FROM suppression WHERE channel = :channel"
            " AND address_key = erased_key(:address) RETURNING 1"
        ),
        {"channel": channel, "address": address_key},
    )
    return found.first() is not None


async def is_a_word(session: AsyncSession, words: str) -> bool:
    """Whether so many records of others have it that it means nobody. People choose what they are
    called: whoever calls themselves like an event must not take the records of all others along."""
    pattern = [whole_words(words)]
    given = {"identifying": pattern, "named": pattern, "in_bytes": in_bytes([words])}
    found = await session.scalar(
        text(
            f"""
            SELECT EXISTS (SELECT 1 FROM audit WHERE {_OTHERS} OFFSET :most LIMIT 1)
                OR EXISTS (SELECT 1 FROM dead_letter WHERE {_IN_BYTES.format("body")}
                           OFFSET :most LIMIT 1)
                OR EXISTS (SELECT 1 FROM idempotency_key WHERE
                           {_NAMES_THEM.format("answer::text")} OFFSET :most LIMIT 1)
            """
        ),
        {**given, "most": MOST_OF_OTHERS},
    )
    return bool(found)


async def erase(
    session: AsyncSession,
    contact_id: int,
    *,
    run_ids: Sequence[int],
    lost_ids: Sequence[int],
    texts: Sequence[str],
    identifying: Sequence[str],
    named: Sequence[str],
) -> dict[str, int]:
    """Blank and remove; rows by table. The contact's own rows go with the contact. `named` are
    those of `identifying` that are names and addresses."""
    given: Mapping[str, Any] = {
        "id": contact_id,
        "runs": list(run_ids),
        "numbers": [str(number) for number in (contact_id, *lost_ids)],
        "texts": [whole_words(one) for one in texts],
        "identifying": [whole_words(one) for one in identifying],
        "named": [whole_words(one) for one in named],
        "in_bytes": in_bytes(identifying),
        "records": await records_of(session, contact_id),
    }
    rows: dict[str, int] = {}
    # the audit refuses every other change, see its trigger
    await session.execute(text("SELECT set_config('cadenza.audit', 'update', true)"))
    for table, statement in _STATEMENTS:
        rows[table] = changed(await session.execute(text(statement), given))
    for table in ("event", "order"):
        found = await session.execute(
            text(f'SELECT count(*) FROM "{table}" WHERE contact_id = :id'),
            given,
        )
        rows[table] = int(found.scalar_one())
    rows["field_change"] = changed(await session.execute(text(_HISTORY), given))
    await session.execute(text("DELETE FROM contact WHERE id = :id"), given)
    return {table: count for table, count in rows.items() if count}
