"""Operations on webhooks and the audit, and a subscription with a delivery that failed."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.operation import Operation

ADMIN = ("admin",)
READ, WRITE = "read:webhook", "write:webhook"
SINCE = "2026-02-01T00:00:00Z"
WEBHOOKS = (
    Operation("list_webhooks", "GET", "/api/webhooks", (READ,), ADMIN),
    Operation("get_webhook", "GET", "/api/webhooks/1", (READ,), ADMIN),
    Operation("list_deliveries", "GET", "/api/webhooks/1/deliveries", (READ,), ADMIN),
    Operation("get_delivery", "GET", "/api/webhooks/deliveries/1", (READ,), ADMIN),
    Operation("search_audit", "GET", f"/api/audit?since={SINCE}", ("read:audit",), ADMIN),
    Operation("verify_audit", "GET", "/api/audit/verify", ("read:audit",), ADMIN),
    Operation("export_audit", "GET", "/api/audit/export?verb=none", ("read:audit",), ADMIN),
    Operation(
        "create_webhook",
        "POST",
        "/api/webhooks",
        (WRITE,),
        ADMIN,
        {"name": "Shop", "url": "https://shop.example.com/in", "event_types": ["*"]},
        changes=True,
    ),
    Operation(
        "change_webhook",
        "PATCH",
        "/api/webhooks/1",
        (WRITE, READ),
        ADMIN,
        {"name": "Other"},
        {"If-Match": "*"},
        changes=True,
    ),
    Operation(
        "enable_webhook", "POST", "/api/webhooks/1/enable", (WRITE, READ), ADMIN, changes=True
    ),
    Operation(
        "disable_webhook", "POST", "/api/webhooks/2/disable", (WRITE, READ), ADMIN, changes=True
    ),
    Operation("test_webhook", "POST", "/api/webhooks/1/test", (WRITE,), ADMIN, changes=True),
    Operation(
        "rotate_webhook_secret",
        "POST",
        "/api/webhooks/1/rotate",
        (WRITE,),
        ADMIN,
        {"overlap_hours": 1},
        changes=True,
    ),
    Operation(
        "replay_deliveries",
        "POST",
        "/api/webhooks/1/replay",
        (WRITE,),
        ADMIN,
        {"deliveries": [1]},
        changes=True,
    ),
    Operation("delete_webhook", "DELETE", "/api/webhooks/1", (WRITE,), ADMIN, changes=True),
)
STATE_OF_WEBHOOKS = (
    "(SELECT jsonb_agg(to_jsonb(w) ORDER BY id) FROM webhook_subscription w),"
    " (SELECT jsonb_agg(to_jsonb(d) ORDER BY id) FROM webhook_delivery d)"
)


async def furnish_webhooks(session: AsyncSession, contact_id: int) -> None:
    """`1` is new and has a delivery that failed, `2` is enabled and asks for what never happens."""
    for statement in (
        (
            "INSERT INTO webhook_subscription (id, name, url, event_types, secret,"
            " enabled, changed_at,"
            " changed_by) OVERRIDING SYSTEM VALUE VALUES"
            " (1, 'Warehouse', 'https://warehouse.example.com/in', ARRAY['Order"
            " Completed'], 'sealed',"
            " false, now(), 'Ada'), (2, 'Till', 'https://till.example.com/in', ARRAY['Nothing'],"
            " 'sealed', true, now(), 'Ada')"
        ),
        "SELECT setval(pg_get_serial_sequence('webhook_subscription', 'id'), 2)",
        (
            "INSERT INTO event (id, source, message_id, name, contact_id, occurred_at, received_at)"
            " OVERRIDING SYSTEM VALUE VALUES (900000, 'shop', 'w-1', 'Order Completed', :contact,"
            " now(), now())"
        ),
        (
            "INSERT INTO webhook_delivery (id, subscription_id, event_id, message_id, type, state,"
            " due_at, created_at, ended_at) OVERRIDING SYSTEM VALUE VALUES"
            " (1, 1, 900000, 'msg_1', 'Order Completed', 'failed', now(), now(), now())"
        ),
        "SELECT setval(pg_get_serial_sequence('webhook_delivery', 'id'), 1)",
    ):
        values = {"contact": contact_id} if ":contact" in statement else {}
        await session.execute(text(statement), values)
