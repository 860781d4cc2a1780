"""What the demo's people did: orders, deals, tickets, visits, tags, and what they agreed to."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from crm_store.models import (
    LawfulBasis,
    LifecycleStage,
    OrderStatus,
    StageKind,
    TicketPriority,
    TicketStatus,
)
from engine.services.demo.company import Staff
from engine.services.demo.people import DemoContact

TAGS: Final = ("newsletter", "vip", "wholesale", "event", "beta")
_BUYERS: Final = frozenset(
    {
        LifecycleStage.CUSTOMER,
        LifecycleStage.EVANGELIST,
        LifecycleStage.AT_RISK,
        LifecycleStage.CHURNED,
    }
)
# Small units of the currency in one dollar, roughly: prices look right, nothing is computed.
_RATES: Final = {
    "USD": 100, "EUR": 92, "GBP": 79, "CAD": 136, "AUD": 152, "SGD": 134, "CNY": 715, "TWD": 3200,
    "HKD": 780, "CHF": 88, "MXN": 1800, "COP": 400_000, "CLP": 930, "JPY": 150, "BRL": 520,
}  # fmt: skip
_SUBJECTS: Final = (
    "Delivery is late", "Wrong item in the parcel", "How do I change my plan?", "Invoice missing",
    "The app does not start", "Please call me back",
)  # fmt: skip
ORDER_COLUMNS: Final = (
    "external_id", "contact_id", "placed_at", "status", "total_minor", "currency", "item_count",
    "created_at",
)  # fmt: skip
DEAL_COLUMNS: Final = (
    "external_id", "name", "account_id", "contact_id", "owner_id", "product_id", "pipeline_id",
    "stage_id", "stage_entered_at", "amount_minor", "currency", "forecast_category",
    "expected_close_on", "opened_at", "closed_at", "created_at", "updated_at",
)  # fmt: skip
TICKET_COLUMNS: Final = (
    "external_id", "contact_id", "account_id", "owner_id", "subject", "status", "priority",
    "opened_at", "solved_at", "created_at",
)  # fmt: skip
CONSENT_COLUMNS: Final = (
    "contact_id", "channel", "purpose", "granted", "lawful_basis", "source", "recorded_at",
)  # fmt: skip
EVENT_COLUMNS: Final = (
    "source", "message_id", "kind", "name", "contact_id", "properties", "occurred_at",
    "received_at",
)  # fmt: skip


def consents(rnd: random.Random, who: DemoContact) -> Iterator[tuple[Any, ...]]:
    """Three of four agreed to mail, a tenth said no, the others were never asked."""
    chance = rnd.random()
    if chance < 0.85:
        yield (
            who.id, "email", "marketing", chance < 0.75, LawfulBasis.CONSENT, "Checkout form",
            who.created_at,
        )  # fmt: skip


def tags(rnd: random.Random, who: DemoContact) -> Iterator[tuple[Any, ...]]:
    if rnd.random() < 0.4:
        yield who.id, TAGS[0]
    if rnd.random() < 0.15:
        yield who.id, rnd.choice(TAGS[1:])


def orders(rnd: random.Random, who: DemoContact, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Buyers buy again after some weeks; those at risk stopped half a year ago."""
    if who.stage not in _BUYERS:
        return
    quiet = {LifecycleStage.AT_RISK: 180, LifecycleStage.CHURNED: 400}.get(who.stage, 0)
    until = now - timedelta(days=quiet)
    at = who.created_at + timedelta(hours=rnd.randrange(1, 200))
    number = 0
    while at < until and number < 12:
        number += 1
        items = rnd.choice((1, 1, 1, 2, 2, 3, 5))
        dollars = items * rnd.choice((29, 49, 89, 129, 219))
        total = dollars * _RATES[who.place.currency]
        status = OrderStatus.COMPLETED if rnd.random() < 0.95 else OrderStatus.REFUNDED
        yield (
            f"demo-{who.number}-{number}", who.id, at, status, total, who.place.currency, items, at,
        )  # fmt: skip
        at += timedelta(days=rnd.expovariate(1 / 120) + 5)


def deals(
    rnd: random.Random, who: DemoContact, staff: Staff, now: datetime
) -> Iterator[tuple[Any, ...]]:
    if who.account_id is None or rnd.random() > 0.25:
        return
    stage = rnd.choice(staff.stages)
    opened = max(who.created_at, now - timedelta(days=rnd.randrange(1, 300)))
    moved = opened + (now - opened) * rnd.random()
    closed = None if stage.kind == StageKind.OPEN else moved
    amount = rnd.randrange(5, 400) * 100 * _RATES[who.place.currency]
    yield (
        f"demo-deal-{who.number}", f"{rnd.choice(('Rollout', 'Renewal', 'Pilot'))} {who.number}",
        who.account_id, who.id, who.owner_id, rnd.choice(staff.product_ids), staff.pipeline_id,
        stage.id, moved, amount, who.place.currency, stage.forecast_category,
        (now + timedelta(days=rnd.randrange(5, 120))).date(), opened, closed, opened, moved,
    )  # fmt: skip


def tickets(rnd: random.Random, who: DemoContact, now: datetime) -> Iterator[tuple[Any, ...]]:
    if rnd.random() > 0.05:
        return
    opened = max(who.created_at, now - timedelta(hours=rnd.randrange(1, 2000)))
    status = rnd.choice(tuple(TicketStatus))
    solved = None
    if status in (TicketStatus.SOLVED, TicketStatus.CLOSED):
        solved = opened + (now - opened) * rnd.random()
    yield (
        f"demo-ticket-{who.number}", who.id, who.account_id, who.owner_id, rnd.choice(_SUBJECTS),
        status, rnd.choice(tuple(TicketPriority)), opened, solved, opened,
    )  # fmt: skip


def visits(rnd: random.Random, who: DemoContact, now: datetime) -> Iterator[tuple[Any, ...]]:
    if rnd.random() > 0.1:
        return
    for number in range(rnd.randrange(1, 4)):
        at = max(who.created_at, now - timedelta(minutes=rnd.randrange(60, 60 * 24 * 30)))
        page = rnd.choice(("/", "/pricing", "/products", "/help"))
        yield (
            "demo", f"visit-{who.number}-{number}", "page", "Page Viewed", who.id,
            f'{{"path": "{page}"}}', at, at,
        )  # fmt: skip
