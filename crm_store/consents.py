"""What contacts agreed to, and addresses nothing is sent to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Media in which a contact has no address that others could have too: there the list has themselves.
_BY_NUMBER = ("chat", "webhook")


@dataclass(frozen=True, slots=True)
class LockedContact:
    id: int
    email_key: str | None
    language: str | None
    phone: str | None

    @property
    def keys(self) -> dict[str, str]:
        """By medium, what the list of those who get nothing knows them by."""
        found = {"email": self.email_key, "sms": self.phone}
        found |= dict.fromkeys(_BY_NUMBER, number_key(self.id))
        return {medium: key for medium, key in found.items() if key is not None}


def number_key(contact_id: int) -> str:
    """A contact on the list, in media without addresses; see `crm_store.recipients`."""
    return f"contact:{contact_id}"


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """What is recorded for one channel and purpose. `evidence` says how it was given: when it was
    asked and confirmed, and which words were agreed to."""

    channel: str
    purpose: str
    granted: bool
    lawful_basis: str
    source: str
    recorded_at: datetime
    evidence: dict[str, Any] | None = None


async def lock_contact(session: AsyncSession, contact_id: int) -> LockedContact | None:
    """Hold the contact's wishes for changing them: nothing to this contact is prepared for sending
    until this transaction ends (see `crm_store.recipients.hold_contacts_still`)."""
    found = await session.execute(
        text("SELECT id, email_key, language, phone FROM contact WHERE id = :id FOR UPDATE"),
        {"id": contact_id},
    )
    row = found.one_or_none()
    return None if row is None else LockedContact(*row)


@dataclass(frozen=True, slots=True)
class KnownContact:
    language: str | None
    has_phone: bool


async def contact_known(session: AsyncSession, contact_id: int) -> KnownContact | None:
    """What a page for the contact has to know; nothing is locked."""
    found = await session.execute(
        text("SELECT language, phone IS NOT NULL FROM contact WHERE id = :id"),
        {"id": contact_id},
    )
    row = found.one_or_none()
    return None if row is None else KnownContact(*row)


async def contact_language(session: AsyncSession, contact_id: int) -> str | None:
    found = await session.execute(
        text("SELECT language FROM contact WHERE id = :id"), {"id": contact_id}
    )
    language: str | None = found.scalar_one_or_none()
    return language


async def consents_of(session: AsyncSession, contact_id: int) -> list[ConsentRow]:
    found = await session.execute(
        text(
            """
            SELECT channel, purpose, granted, lawful_basis, source, recorded_at, evidence
            FROM consent WHERE contact_id = :id ORDER BY channel, purpose
            """
        ),
        {"id": contact_id},
    )
    return [ConsentRow(*row) for row in found]


async def put_consent(session: AsyncSession, contact_id: int, consent: ConsentRow) -> None:
    """Record a wish; the earlier one of the same channel and purpose is replaced."""
    evidence = consent.evidence
    await session.execute(
        text(
            """
            INSERT INTO consent (contact_id, channel, purpose, granted, lawful_basis, source,
                                 recorded_at, evidence)
            VALUES (:contact, :channel, :purpose, :granted, :basis, :source, :at,
                    CAST(:evidence AS jsonb))
            ON CONFLICT (contact_id, channel, purpose) DO UPDATE SET
                granted = excluded.granted, lawful_basis = excluded.lawful_basis,
                source = excluded.source, recorded_at = excluded.recorded_at,
                evidence = excluded.evidence
            """
        ),
        {
            "contact": contact_id,
            "channel": consent.channel,
            "purpose": consent.purpose,
            "granted": consent.granted,
            "basis": consent.lawful_basis,
            "source": consent.source,
            "at": consent.recorded_at,
            "evidence": None if evidence is None else orjson.dumps(evidence).decode(),
        },
    )


async def forget_consent(
    session: AsyncSession, contact_id: int, channel: str, purpose: str
) -> None:
    """As if it had never been asked."""
    await session.execute(
        text(
            "DELETE FROM consent"
            " WHERE contact_id = :contact AND channel = :channel AND purpose = :purpose"
        ),
        {"contact": contact_id, "channel": channel, "purpose": purpose},
    )


async def suppressions_of(session: AsyncSession, contact_id: int) -> list[tuple[str, str]]:
    """(channel, reason) of all that keeps this contact from being written to, by medium."""
    found = await session.execute(
        text(
            """
            SELECT DISTINCT s.channel, s.reason FROM contact c
            CROSS JOIN LATERAL (VALUES
                ('email', c.email_key), ('email', erased_key(c.email_key)),
                ('sms', c.phone), ('sms', erased_key(c.phone)),
                ('chat', 'contact:' || c.id), ('webhook', 'contact:' || c.id)) known(channel, key)
            JOIN suppression s ON s.channel = known.channel AND s.address_key = known.key
            WHERE c.id = :id AND (s.expires_at IS NULL OR s.expires_at > now())
            ORDER BY s.channel, s.reason
            """
        ),
        {"id": contact_id},
    )
    return [(row[0], row[1]) for row in found]


async def suppressions_of_address(session: AsyncSession, address_key: str) -> list[tuple[str, str]]:
    """(channel, reason) of all that keeps this address from being written to."""
    found = await session.execute(
        text(
            "SELECT channel, reason FROM suppression"
            " WHERE address_key IN (:address, erased_key(:address))"
            " AND (expires_at IS NULL OR expires_at > now()) ORDER BY channel"
        ),
        {"address": address_key},
    )
    return [(row[0], row[1]) for row in found]


async def suppression_reason(session: AsyncSession, channel: str, address_key: str) -> str | None:
    """Why nothing is sent to this address; None when it may be written to."""
    found = await session.execute(
        text(
            "SELECT reason FROM suppression WHERE channel = :channel"
            " AND address_key IN (:address, erased_key(:address))"
            " AND (expires_at IS NULL OR expires_at > now()) LIMIT 1"
        ),
        {"channel": channel, "address": address_key},
    )
    reason: str | None = found.scalar_one_or_none()
    return reason


async def suppress(
    session: AsyncSession, channel: str, address_key: str, reason: str, now: datetime
) -> bool:
    """Send nothing to this address any more; False when that was so already. Lock the contact that
    has the address first, so that no message to it is just being prepared."""
    found = await session.execute(
        text(
            """
            INSERT INTO suppression (channel, address_key, reason, recorded_at)
            VALUES (:channel, :address, :reason, :now)
            ON CONFLICT (channel, address_key) DO UPDATE SET reason = excluded.reason,
                recorded_at = excluded.recorded_at, expires_at = NULL
            WHERE suppression.expires_at IS NOT NULL RETURNING 1
            """
        ),
        {"channel": channel, "address": address_key, "reason": reason, "now": now},
    )
    return found.one_or_none() is not None


async def lift_suppression(
    session: AsyncSession, channel: str, address_key: str, reason: str
) -> bool:
    """Write to this address again, if it was for this reason that nobody did; whether it was."""
    found = await session.execute(
        text(
            """
            DELETE FROM suppression
            WHERE channel = :channel AND address_key = :address AND reason = :reason RETURNING 1
            """
        ),
        {"channel": channel, "address": address_key, "reason": reason},
    )
    return found.one_or_none() is not None
