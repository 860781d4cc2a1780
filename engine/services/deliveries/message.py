"""What a receiver is sent: Standard Webhooks, signed with every secret that is in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from standardwebhooks import Webhook

from crm_store.webhook_deliveries import ClaimedRow
from engine.outgoing import Call

# What receivers are told to answer within.
TIMEOUT: Final = timedelta(seconds=15)


def body_of(row: ClaimedRow) -> bytes:
    """The same bytes at every try, as long as the event and its person stay as they are."""
    happened = row.occurred_at or row.created_at
    return orjson.dumps(
        {
            "type": row.type,
            "timestamp": happened.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "data": _test_data() if row.event_id is None else _event_data(row),
        }
    )


def call_of(row: ClaimedRow, url: str, secrets: Sequence[str], now: datetime) -> Call:
    """The signed request. Several secrets give several signatures, the newest first."""
    body = body_of(row)
    return Call("POST", url, headers_of(row.message_id, body, secrets, now), body, TIMEOUT)


def headers_of(
    message_id: str, body: bytes, secrets: Sequence[str], now: datetime
) -> dict[str, str]:
    at, text = now.astimezone(UTC), body.decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(one).sign(message_id, at, text) for one in secrets),
    }


def _event_data(row: ClaimedRow) -> dict[str, Any]:
    return {
        "event": row.event_id,
        "source": row.source,
        "kind": row.kind,
        "contact": {"id": row.contact_id, "external_id": row.external_id, "email": row.email},
        "properties": row.properties,
    }


def _test_data() -> dict[str, Any]:
    return {"test": True}
