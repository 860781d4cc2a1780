"""Messages as rows: what is handed over, and what became of it.

Everything is set-wise: one statement serves a whole group of messages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import MessageState
from crm_store.rowset import rowset
from crm_store.sent_messages import became_sent

# Certainly not accepted, and it will be tried again.
PUT_OFF: Final = MessageState.PUT_OFF.value
# What may be tried again: in these states the provider has certainly not accepted the message.
RETRIABLE = (PUT_OFF, MessageState.REFUSED.value, MessageState.WITHHELD.value)
NOTHING_SAID: Final[Mapping[int, Mapping[str, Any]]] = {}
# What waits for an answer.
UNANSWERED = (MessageState.HANDING_OVER.value, MessageState.MAYBE_SENT.value)


@dataclass(frozen=True, slots=True)
class NewMessage:
    effect_id: int
    run_id: int
    flow_id: int
    node: str
    contact_id: int
    channel: str
    purpose: str
    template: str
    language: str | None
    address: str | None
    subject: str | None
    provider_key: str
    state: str
    reason: str | None
    sender_domain: str | None = None
    template_version: str | None = None
    topic: str | None = None
    medium: str | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An earlier message of an effect."""

    id: int
    effect_id: int
    provider_key: str
    state: str


async def earlier_messages(session: AsyncSession, effect_ids: Collection[int]) -> list[HandedOver]:
    """The messages that these effects already led to, locked."""
    found = await session.execute(
        text(
            """
            SELECT id, effect_id, provider_key, state FROM message
            WHERE effect_id = ANY(:ids) ORDER BY id FOR UPDATE
            """
        ),
        {"ids": list(effect_ids)},
    )
    return [HandedOver(*row) for row in found]


async def insert_messages(
    session: AsyncSession, messages: Sequence[NewMessage], now: datetime
) -> dict[str, int]:
    """Write messages down before they go; message ids by provider key.

    A key that exists is taken over when it was certainly not accepted; else it is left alone and
    missing from the answer.
    """
    if not messages:
        return {}
    found = await session.execute(
        text(
            """
            INSERT INTO message (effect_id, run_id, flow_id, node, contact_id, channel, purpose,
                                 template, language, address, subject, provider_key, state, reason,
                                 sender_domain, template_version, topic, medium,
                                 handed_over_at)
            SELECT new.*, :now
            FROM json_to_recordset(CAST(:rows AS json))
                 AS new(effect_id bigint, run_id bigint, flow_id bigint, node text,
                        contact_id bigint, channel text, purpose text, template text,
                        language text, address text, subject text, provider_key text, state text,
                        reason text, sender_domain text, template_version text, topic text,
                        medium text)
            ON CONFLICT (provider_key) DO UPDATE SET
                channel = excluded.channel, language = excluded.language,
                address = excluded.address, subject = excluded.subject, state = excluded.state,
                reason = excluded.reason, sender_domain = excluded.sender_domain,
                template_version = excluded.template_version,
                topic = excluded.topic, medium = excluded.medium,
                handed_over_at = excluded.handed_over_at,
                answered_at = NULL
            WHERE message.state = ANY(CAST(:retriable AS text[]))
            RETURNING provider_key, id
            """
        ),
        {
            "now": now,
            "retriable": list(RETRIABLE),
            "rows": rowset(messages),
        },
    )
    return {row[0]: row[1] for row in found}


async def write_answers(
    session: AsyncSession,
    answers: Sequence[tuple[int, str, str | None]],
    now: datetime,
    queue_in: int = 0,
    said: Mapping[int, Mapping[str, Any]] = NOTHING_SAID,
) -> frozenset[int]:
    """Record (message, state, reason) for messages that wait for an answer.

    What is sent becomes an event of its contact, queued in so many partitions (none: 0), with what
    is `said` of the contact. Returns the partitions to poke.

    A message that has its answer keeps it, so recording twice is recording once. Only "sent", told
    late by somebody whose claim had run out, still counts for one that was put off meanwhile: it is
    not sent again.
    """
    if not answers:
        return frozenset()
    found = await session.execute(
        text(
            """
            UPDATE message SET state = new.state, answered_at = :now,
                   -- of an erased contact's message the code alone: the rest may quote the address
                   reason = CASE WHEN message.contact_id IS NULL
                                 THEN split_part(new.reason, ':', 1) ELSE new.reason END
            FROM json_to_recordset(CAST(:rows AS json)) AS new(id bigint, state text, reason text)
            WHERE message.id = new.id
              AND (message.state = ANY(CAST(:unanswered AS text[]))
                   OR (message.state = 'put_off' AND new.state = 'sent'))
            RETURNING message.id, message.state
            """
        ),
        {
            "now": now,
            "unanswered": list(UNANSWERED),
            "rows": rowset(
                [
                    {"id": identity, "state": state, "reason": reason}
                    for identity, state, reason in answers
                ]
            ),
        },
    )
    sent = [row[0] for row in found if row[1] == MessageState.SENT]
    return await became_sent(session, sent, now, queue_in, said)


async def note_reasons(session: AsyncSession, reasons: Sequence[tuple[int, str]]) -> None:
    """Say why a message still waits for its answer; its state stays."""
    if reasons:
        await session.execute(
            text(
                """
                UPDATE message SET reason = new.reason
                FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS new(id, reason)
                WHERE message.id = new.id AND message.state = 'handing_over'
                """
            ),
            {"ids": [i for i, _ in reasons], "reasons": [reason for _, reason in reasons]},
        )


async def open_hand_overs(
    session: AsyncSession, effect_ids: Collection[int]
) -> list[tuple[int, int, str, str, str]]:
    """(effect, message, provider key, purpose, channel) of messages without an answer."""
    found = await session.execute(
        text(
            """
            SELECT effect_id, id, provider_key, purpose, channel FROM message
            WHERE effect_id = ANY(:ids) AND state = 'handing_over' ORDER BY id
            """
        ),
        {"ids": list(effect_ids)},
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in found]
