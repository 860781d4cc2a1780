"""Who is about to get a message: only what the message needs, and whether it may be sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Account, Contact

_NOT_READ = frozenset({"email_key", "name_key", "account_id", "parent_account_id"})
CONTACT_COLUMNS = tuple(c.name for c in Contact.__table__.columns if c.name not in _NOT_READ)
ACCOUNT_COLUMNS = tuple(
    c.name for c in Account.__table__.columns if c.name not in _NOT_READ and c.name != "id"
)
# What deciding and addressing need, whatever the template.
_ALWAYS_READ = frozenset({"id", "email", "phone", "language", "time_zone", "country"})
# Columns that are not the contact's own, ahead of those.
_BESIDE = 9
# The variable whose link confirms the contact's latest open request for messages.
CONFIRM_URL = "confirm_url"
# The variable whose link asks what they thought of the last ticket of theirs that was closed.
SURVEY_URL = "survey_url"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A contact as a message sees it. `granted` is None where nothing was ever recorded.

    `frequency` and `topics_off` are what they chose (or, for topics, what holds for those who never
    did); `unmeasured`: opens and clicks are not looked at. `request` is their open request for
    messages (its id and until when it can be confirmed), `survey` the ticket they are asked about;
    both are read only for what mentions their link.
    """

    contact: dict[str, Any]
    account: dict[str, Any] | None
    granted: bool | None
    suppressed: str | None
    frequency: str = "every"
    topics_off: frozenset[str] = frozenset()
    unmeasured: bool = False
    request: tuple[int, datetime] | None = None
    survey: int | None = None


async def hold_contacts_still(
    session: AsyncSession, contact_ids: Collection[int]
) -> frozenset[int]:
    """Keep consent and suppression of these contacts from changing until this transaction ends;
    returns those that are still there, and stay until then.

    The lock is shared and conflicts only with `crm_store.consents.lock_contact` (and with deleting
    the contact): ordinary changes go on. Whoever reads consent in a *later statement* of this
    transaction (READ COMMITTED) sees every withdrawal that was committed before the lock.
    """
    if not contact_ids:
        return frozenset()
    found = await session.execute(
        text("SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE"),
        {"ids": list(contact_ids)},
    )
    return frozenset(found.scalars())


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
        text(_recipients_sql(contact, account, tags, CONFIRM_URL in fields, SURVEY_URL in fields)),
        {"ids": list(contact_ids), "channel": channel, "purpose": purpose},
    )
    result: dict[int, Recipient] = {}
    first, width = _BESIDE, _BESIDE + len(contact)
    for row in found:
        of_contact = dict(zip(contact, row[first:width], strict=True))
        of_contact["tags"] = row[2]
        of_account = dict(zip(account, row[width:], strict=True))
        known = of_account if of_account.get("id") is not None else None
        result[of_contact["id"]] = Recipient(
            of_contact,
            known,
            row[0],
            row[1],
            row[3],
            _off(row[4], row[5]),
            row[6],
            None if row[7] is None else (row[7][0], datetime.fromtimestamp(row[7][1], UTC)),
            row[8],
        )
    return result


def _off(chosen: Mapping[str, bool] | None, unless_chosen: Sequence[str] | None) -> frozenset[str]:
    """The topics a contact gets nothing about: switched off, or off until somebody chooses them."""
    if not chosen and not unless_chosen:
        return frozenset()
    chosen = chosen or {}
    off = {slug for slug, wanted in chosen.items() if not wanted}
    return frozenset(off.union(slug for slug in unless_chosen or () if not chosen.get(slug)))


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
def _recipients_sql(
    contact: tuple[str, ...], account: tuple[str, ...], tags: bool, request: bool, survey: bool
) -> str:
    chosen = [f"c.{name}" for name in contact] + [f"a.{name}" for name in account]
    tagged = "ARRAY(SELECT tag FROM contact_tag t WHERE t.contact_id = c.id ORDER BY tag)"
    asked = """(SELECT ARRAY[r.id, extract(epoch FROM r.expires_at)::bigint]
                FROM consent_request r WHERE r.contact_id = c.id AND r.confirmed_at IS NULL
                AND r.expires_at > r.asked_at AND r.channel = :channel
                ORDER BY r.id DESC LIMIT 1)"""
    closed = """(SELECT k.id FROM ticket k WHERE k.contact_id = c.id
                AND k.satisfaction_asked_at IS NOT NULL AND k.satisfaction_score IS NULL
                ORDER BY k.satisfaction_asked_at DESC, k.id DESC LIMIT 1)"""
    return f"""
        WITH erased AS MATERIALIZED (
            SELECT EXISTS (SELECT 1 FROM suppression WHERE channel = :channel
                           AND address_key >= 'erased:' AND address_key < 'erased;') AS any_erased)
        SELECT consent.granted, suppression.reason, {tagged if tags else "NULL"},
               coalesce(preference.frequency, 'every'), preference.topics,
               (SELECT array_agg(slug) FROM topic WHERE NOT default_on),
               coalesce(preference.unmeasured, false), {asked if request else "NULL"},
               {closed if survey else "NULL"}, {", ".join(chosen)}
        FROM contact c
        {"LEFT JOIN account a ON a.id = c.account_id" if account else ""}
        LEFT JOIN contact_preference preference ON preference.contact_id = c.id
        LEFT JOIN consent ON consent.contact_id = c.id AND consent.channel = :channel
             AND consent.purpose = :purpose
        LEFT JOIN LATERAL (
            SELECT reason FROM suppression
            WHERE channel = :channel AND address_key = ANY(CASE :channel
                WHEN 'email' THEN ARRAY[c.email_key, '@' || split_part(c.email_key, '@', 2),
                    CASE WHEN (SELECT any_erased FROM erased) THEN erased_key(c.email_key) END]
                WHEN 'sms' THEN ARRAY[c.phone,
                    CASE WHEN (SELECT any_erased FROM erased) THEN erased_key(c.phone) END]
                ELSE ARRAY['contact:' || c.id] END)
              AND (expires_at IS NULL OR expires_at > now())
            LIMIT 1
        ) suppression ON true
        WHERE c.id = ANY(:ids)
        """  # noqa: S608 - column names of our own models
