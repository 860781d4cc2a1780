"""Messages as rows: who is about to get one, what was handed over, what became of it.

Everything is set-wise: one statement serves a whole group of messages.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Account, Contact, MessageState

# Certainly not accepted, and it will be tried again.
PUT_OFF: Final = "put_off"
# What may be tried again: in these states the provider has certainly not accepted the message.
RETRIABLE = (PUT_OFF, MessageState.REFUSED.value, MessageState.WITHHELD.value)
# What waits for an answer.
UNANSWERED = (MessageState.HANDING_OVER.value, MessageState.MAYBE_SENT.value)

_NOT_READ = frozenset({"email_key", "name_key", "account_id", "parent_account_id"})
CONTACT_COLUMNS = tuple(c.name for c in Contact.__table__.columns if c.name not in _NOT_READ)
ACCOUNT_COLUMNS = tuple(
    c.name for c in Account.__table__.columns if c.name not in _NOT_READ and c.name != "id"
)
# What deciding and addressing need, whatever the template.
_ALWAYS_READ = frozenset({"id", "email", "language", "time_zone"})


@dataclass(frozen=True, slots=True)
class Recipient:
    """A contact as a message sees it. `granted` is None where nothing was ever recorded."""

    contact: dict[str, Any]
    account: dict[str, Any] | None
    granted: bool | None
    suppressed: str | None


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


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An earlier message of an effect."""

    id: int
    effect_id: int
    provider_key: str
    state: str


async def hold_contacts_still(session: AsyncSession, contact_ids: Collection[int]) -> None:
    """Keep consent and suppression of these contacts from changing until this transaction ends.

    The lock is shared and conflicts only with `crm_store.consents.lock_contact` (and with deleting
    the contact): ordinary changes go on. Whoever reads consent in a *later statement* of this
    transaction (READ COMMITTED) sees every withdrawal that was committed before the lock.
    """
    await session.execute(
        text("SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE"),
        {"ids": list(contact_ids)},
    )


async def recipients(
    session: AsyncSession,
    contact_ids: Collection[int],
    channel: str,
    purpose: str,
    fields: frozenset[str],
) -> dict[int, Recipient]:
    """Contacts with their consent to `purpose` and the reason of a suppression.

    `fields` are dotted names such as "contact.city" or "account.custom.plan": of each record only
    the columns behind them are read (and of the contact those that every message needs).
    """
    contact, account, tags = _columns_for(fields)
    found = await session.execute(
        text(_recipients_sql(contact, account, tags)),
        {"ids": list(contact_ids), "channel": channel, "purpose": purpose},
    )
    result: dict[int, Recipient] = {}
    first, width = 3, 3 + len(contact)
    for row in found:
        of_contact = dict(zip(contact, row[first:width], strict=True))
        of_contact["tags"] = row[2]
        of_account = dict(zip(account, row[width:], strict=True))
        known = of_account if of_account.get("id") is not None else None
        result[of_contact["id"]] = Recipient(of_contact, known, row[0], row[1])
    return result


@lru_cache(maxsize=256)
def _columns_for(fields: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Columns of contact and account behind these names, and whether tags are wanted."""
    wanted = {tuple(field.split(".")[:2]) for field in fields}
    contact = tuple(
        column
        for column in CONTACT_COLUMNS
        if column in _ALWAYS_READ or ("contact", column) in wanted
    )
    of_account = {parts[1] for parts in wanted if parts[0] == "account" and len(parts) == 2}
    if "annual_revenue" in of_account:
        of_account |= {"annual_revenue_minor", "currency"}
    account = tuple(column for column in ACCOUNT_COLUMNS if column in of_account)
    return contact, (("id", *account) if of_account else ()), ("contact", "tags") in wanted


@lru_cache(maxsize=256)
def _recipients_sql(contact: tuple[str, ...], account: tuple[str, ...], tags: bool) -> str:
    chosen = [f"c.{name}" for name in contact] + [f"a.{name}" for name in account]
    tagged = "ARRAY(SELECT tag FROM contact_tag t WHERE t.contact_id = c.id ORDER BY tag)"
    return f"""
        SELECT consent.granted, suppression.reason, {tagged if tags else "NULL"},
               {", ".join(chosen)}
        FROM contact c
        {"LEFT JOIN account a ON a.id = c.account_id" if account else ""}
        LEFT JOIN consent ON consent.contact_id = c.id AND consent.channel = :channel
             AND consent.purpose = :purpose
        LEFT JOIN suppression ON suppression.channel = :channel
             AND suppression.address_key = c.email_key
        WHERE c.id = ANY(:ids)
        """  # noqa: S608 - column names of our own models


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
                                 handed_over_at)
            SELECT new.*, :now
            FROM unnest(CAST(:effects AS bigint[]), CAST(:runs AS bigint[]),
                        CAST(:flows AS bigint[]), CAST(:nodes AS text[]),
                        CAST(:contacts AS bigint[]), CAST(:channels AS text[]),
                        CAST(:purposes AS text[]), CAST(:templates AS text[]),
                        CAST(:languages AS text[]), CAST(:addresses AS text[]),
                        CAST(:subjects AS text[]), CAST(:keys AS text[]),
                        CAST(:states AS text[]), CAST(:reasons AS text[])) AS new
            ON CONFLICT (provider_key) DO UPDATE SET
                channel = excluded.channel, language = excluded.language,
                address = excluded.address, subject = excluded.subject, state = excluded.state,
                reason = excluded.reason, handed_over_at = excluded.handed_over_at,
                answered_at = NULL
            WHERE message.state = ANY(CAST(:retriable AS text[]))
            RETURNING provider_key, id
            """
        ),
        {
            "now": now,
            "retriable": list(RETRIABLE),
            "effects": [m.effect_id for m in messages],
            "runs": [m.run_id for m in messages],
            "flows": [m.flow_id for m in messages],
            "nodes": [m.node for m in messages],
            "contacts": [m.contact_id for m in messages],
            "channels": [m.channel for m in messages],
            "purposes": [m.purpose for m in messages],
            "templates": [m.template for m in messages],
            "languages": [m.language for m in messages],
            "addresses": [m.address for m in messages],
            "subjects": [m.subject for m in messages],
            "keys": [m.provider_key for m in messages],
            "states": [m.state for m in messages],
            "reasons": [m.reason for m in messages],
        },
    )
    return {row[0]: row[1] for row in found}


async def write_answers(
    session: AsyncSession, answers: Sequence[tuple[int, str, str | None]], now: datetime
) -> list[int]:
    """Record (message, state, reason) for messages that wait for an answer; the ids changed.

    A message that has its answer keeps it, so recording twice is recording once. Only "sent", told
    late by somebody whose claim had run out, still counts for one that was put off meanwhile: it is
    not sent again.
    """
    if not answers:
        return []
    found = await session.execute(
        text(
            """
            UPDATE message SET state = new.state, reason = new.reason, answered_at = :now
            FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:reasons AS text[]))
                 AS new(id, state, reason)
            WHERE message.id = new.id
              AND (message.state = ANY(CAST(:unanswered AS text[]))
                   OR (message.state = 'put_off' AND new.state = 'sent'))
            RETURNING message.id
            """
        ),
        {
            "now": now,
            "unanswered": list(UNANSWERED),
            "ids": [identity for identity, _, _ in answers],
            "states": [state for _, state, _ in answers],
            "reasons": [reason for _, _, reason in answers],
        },
    )
    return [row[0] for row in found]


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
