"""A set of records made to break comparisons: absent values, empty texts, wildcards, edges of
windows and numbers.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from crm_store.base import folded
from crm_store.models import ExchangeRate, FieldChange, Segment, SegmentMember
from engine.rules import STATIC_LIST, Catalogue, CustomField, Label, Type
from engine.services.fact_columns import (
    ACCOUNT,
    CONTACT,
    CONTACT_TAG,
    DEAL,
    EVENT,
    MESSAGE,
    ORDER,
    TICKET,
)
from engine.services.summary_columns import SUMMARY

HISTORY = FieldChange.__table__
ZONE = "Europe/Berlin"
# An hour before clocks go forward in Berlin.
NOW = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
MAX = 2**53 - 1

TEXTS = [
    *("", "a", "A", "b", "%", "_", "\\", "'", '"', "a%b", "a_b", "ab", "a\\b", "é", "e\u0301"),
    *("ß", "SS", "ss", "ﬁ", "fi", "𝄞", "𝄞a", "\uffee", "ａ", "10", "9", "true", "null", " a", "a "),
    *("line\nbreak", "Ada", "ada", "İ", "ı"),
]
NUMBERS = [0, 1, -1, 2, 3, 10, 40, 100, -MAX, MAX, MAX - 1, 7, 12]
FRACTIONS = [0.1, 0.2, 0.3, 0.30000000000000004, 2.5, -0.5, 1e-15, 1e15 + 0.5]
MINORS = [0, 1, 99, 100, 101, 5_000, 50_000, MAX]
CURRENCIES = ["EUR", "USD", "JPY"]
TAGS = ["vip", "press", "VIP", "%", "", "née"]
EVENT_NAMES = ["Signed Up", "Message Opened", "Order Completed", "%", "é"]
ORDER_STATUSES = ["open", "paid", "completed", "refunded"]
STAGES = ["lead", "customer", "churned"]
MESSAGE_STATES = ["sent", "maybe_sent", "refused", "withheld"]
BANDS = ["champion", "loyal", "lost"]

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
INSTANTS = [
    NOW,
    NOW - _SECOND,
    NOW + _SECOND,
    NOW - 3 * _DAY,
    NOW - 3 * _DAY - _SECOND,
    NOW - 3 * _DAY + _SECOND,
    NOW + 2 * _DAY,
    NOW + 2 * _DAY + timedelta(microseconds=1),
    NOW - 30 * _DAY,
    NOW - 400 * _DAY,
    # local midnights in Berlin on both sides of the clock change, and UTC midnights
    datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
    datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 21, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 2, 28, 23, 0, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
    datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
]
DATES = [
    date(2026, 3, 28),
    date(2026, 3, 29),
    date(2026, 3, 30),
    date(2026, 3, 1),
    date(2026, 2, 28),
    date(2024, 2, 29),
    date(2025, 12, 31),
    date(1990, 1, 1),
]
# What sources really send: every JSON type under one name, and texts that only look like something.
PROPERTIES: list[Any] = [
    *(None, True, False, "", [], {}, 0, 1, 5, 5.5, 0.1, 0.2, -1, "5", "true", "vip"),
    *(["vip"], ["vip", 1, None], [""], {"total": 5}, [{"total": 5}], "2026-03-28", "2026-02-30"),
    *("2026-03-28T23:00:00Z", "2026-03-29T01:00:00+01:00", "2026-03-29 01:00:00", "now"),
    *(
        "infinity",
        "today",
        "2026-03-29T24:00:00Z",
        "2026-03-29T01:00:60Z",
        "20260328",
        "0000-01-01",
    ),
    *(MAX, MAX + 1, MAX + 2, -MAX - 1, 1e300, 1e-300, 1e-20, 12345678901234567890123, "a%b", "𝄞"),
    *("9999-12-31T23:59:59-14:00", "2026-03-29T01:00Z", "2026-03-29T00:00:00.000001Z", "٣"),
]

CUSTOM_FIELDS = [
    CustomField("contact", "plan", Type.TEXT, Label("plan", "套餐")),
    CustomField("contact", "seats", Type.NUMBER, Label("seats", "席位")),
    CustomField("contact", "gold", Type.BOOLEAN, Label("gold", "金卡")),
    CustomField("contact", "since", Type.DATE, Label("since", "起始日期")),
    CustomField("contact", "renewed_at", Type.DATETIME, Label("renewed", "续费时间")),
    CustomField("contact", "labels", Type.SET, Label("labels", "标记")),
    CustomField("contact", "budget", Type.MONEY, Label("budget", "预算")),
]
STATIC_LISTS = ["%", "née"]
CATALOGUE = (
    Catalogue.standard()
    .with_custom_fields(CUSTOM_FIELDS)
    .with_segments(
        {
            **dict.fromkeys(STATIC_LISTS, STATIC_LIST),
            "customers": {"==": [{"var": "contact.lifecycle_stage"}, "customer"]},
        }
    )
)
# Euros have a rate from some day on and yen have none, so amounts are absent in base currency.
RATES = [
    {"currency": "EUR", "day": date(2026, 3, 1), "rate": "1.25", "minor_rate": "1.25"},
    {"currency": "EUR", "day": date(2026, 3, 28), "rate": "1.125", "minor_rate": "1.125"},
]


def _tenths(contact: int) -> list[dict[str, Any]]:
    """Two prices whose sum is 0.3 in decimals and a little more in doubles."""
    return [
        {
            "contact_id": contact,
            "source": "test",
            "message_id": f"price {price}",
            "name": "Priced",
            "properties": {"price": price},
            "occurred_at": NOW,
        }
        for price in (0.1, 0.2)
    ]


class Records:
    """Writes a seeded set of records; the same seed gives the same set."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def write(self, connection: Connection, contacts: int) -> None:
        """Insert accounts, contacts and everything that belongs to them into an empty database."""
        pipeline = connection.exec_driver_sql(
            "insert into pipeline (key, label) values ('sales', 'Sales') returning id"
        ).scalar_one()
        stages = [
            connection.exec_driver_sql(
                "insert into stage (pipeline_id, key, label, kind, position, probability_percent,"
                " forecast_category) values (%s, %s, %s, %s, %s, %s, 'pipeline') returning id",
                (pipeline, kind, kind, kind, at, at * 50),
            ).scalar_one()
            for at, kind in enumerate(("lost", "open", "won"))
        ]
        connection.exec_driver_sql(
            "insert into tag (name) select * from unnest(%s::text[])", (TAGS,)
        )
        connection.execute(
            insert(ExchangeRate), [{"base_currency": "USD", **rate} for rate in RATES]
        )
        connection.execute(insert(ACCOUNT), [self._account(number) for number in range(1, 13)])
        connection.execute(insert(CONTACT), [self._contact(at) for at in range(1, contacts + 1)])
        for contact in range(1, contacts + 1):
            self._belongings(connection, contact, pipeline, stages)
        connection.execute(insert(EVENT), _tenths(contact=1))
        self._lists_by_hand(connection, contacts)
        self._sent(connection, contacts)
        self._scored(connection)

    def _several(self, most: int) -> range:
        return range(self._random.randint(0, most))

    def _maybe(self, options: list[Any], absent: float = 0.25) -> Any:
        return None if self._random.random() < absent else self._random.choice(options)

    def _money(self) -> dict[str, Any]:
        if self._random.random() < 0.25:
            return {"minor": None, "currency": None}
        return {
            "minor": self._random.choice(MINORS),
            "currency": self._random.choice(CURRENCIES),
        }

    def _account(self, number: int) -> dict[str, Any]:
        name, revenue = self._random.choice(TEXTS), self._money()
        return {
            "name": name,
            "name_key": folded(name),
            "industry": self._maybe(TEXTS),
            "country": self._maybe(TEXTS),
            "employee_count": self._maybe(NUMBERS),
            "annual_revenue_minor": revenue["minor"],
            "currency": revenue["currency"],
            "created_at": self._random.choice(INSTANTS),
            "custom": {},
        }

    def _contact(self, number: int) -> dict[str, Any]:
        email = f"{self._random.choice(TEXTS)}{number}" if self._random.random() < 0.8 else None
        return {
            "email": email,
            "email_key": None if email is None else folded(email),
            "first_name": self._maybe(TEXTS),
            "country": self._maybe(TEXTS),
            "city": self._maybe(TEXTS),
            "job_title": self._maybe(TEXTS),
            "lifecycle_stage": self._random.choice(STAGES),
            "lead_status": self._maybe(["new", "open"]),
            "score": self._random.choice(NUMBERS),
            "owner_id": None,
            "birthday": self._maybe(DATES),
            "last_seen_at": self._maybe(INSTANTS),
            "created_at": self._random.choice(INSTANTS),
            "account_id": self._maybe(list(range(1, 13))),
            "custom": self._custom(),
        }

    def _custom(self) -> dict[str, Any]:
        money: dict[str, Any] = {"minor": 100, "currency": "EUR"}
        likely: dict[str, list[Any]] = {
            "plan": TEXTS,
            "seats": [*NUMBERS, *FRACTIONS],
            "gold": [True, False],
            "since": [day.isoformat() for day in DATES],
            "renewed_at": [instant.isoformat() for instant in INSTANTS],
            "labels": [["vip"], ["vip", "press"], [], ["%"], ["VIP", "vip", "press", "née"]],
            "budget": [money, {**money, "currency": "USD"}, {"minor": "100"}, {"currency": "EUR"}],
        }
        return {
            key: self._random.choice(values if self._random.random() < 0.7 else PROPERTIES)
            for key, values in likely.items()
            if self._random.random() < 0.8
        }

    def _belongings(
        self, connection: Connection, contact: int, pipeline: int, stages: list[int]
    ) -> None:
        choose = self._random.choice
        rows: dict[Any, list[dict[str, Any]]] = {
            CONTACT_TAG: [
                {"contact_id": contact, "tag": tag} for tag in TAGS if self._random.random() < 0.3
            ],
            ORDER: [
                {
                    "contact_id": contact,
                    "placed_at": choose(INSTANTS),
                    "status": choose(ORDER_STATUSES),
                    "total_minor": choose(MINORS),
                    "currency": choose(CURRENCIES),
                    "item_count": self._maybe(NUMBERS),
                }
                for _ in self._several(4)
            ],
            EVENT: [
                {
                    "contact_id": contact,
                    "source": "test",
                    "message_id": f"{contact}-{at}",
                    "name": choose(EVENT_NAMES),
                    "properties": self._properties(),
                    "occurred_at": choose(INSTANTS),
                }
                for at in self._several(6)
            ],
            DEAL: [
                {
                    "name": choose(TEXTS),
                    "contact_id": contact,
                    "pipeline_id": pipeline,
                    "stage_id": choose(stages),
                    "stage_entered_at": choose(INSTANTS),
                    "amount_minor": (amount := self._money())["minor"],
                    "currency": amount["currency"],
                    "forecast_category": choose(["omitted", "commit"]),
                    "expected_close_on": self._maybe(DATES),
                    "opened_at": choose(INSTANTS),
                    "closed_at": self._maybe(INSTANTS),
                    "lost_reason": self._maybe(TEXTS),
                    "custom": {},
                }
                for _ in self._several(3)
            ],
            TICKET: [
                {
                    "contact_id": choose([contact, None]),
                    "subject": choose(TEXTS),
                    "status": choose(["new", "solved"]),
                    "priority": choose(["low", "urgent"]),
                    "opened_at": choose(INSTANTS),
                    "solved_at": self._maybe(INSTANTS),
                }
                for _ in self._several(3)
            ],
            HISTORY: self._changes(contact),
        }
        for table, values in rows.items():
            if values:
                connection.execute(insert(table), values)

    def _lists_by_hand(self, connection: Connection, contacts: int) -> None:
        for number, name in enumerate(STATIC_LISTS, start=1):
            members = self._random.sample(range(1, contacts + 1), contacts // 3)
            connection.execute(insert(Segment), {"name": name, "label": name, "kind": "static"})
            connection.execute(
                insert(SegmentMember),
                [{"segment_id": number, "contact_id": one, "entered_at": NOW} for one in members],
            )

    def _sent(self, connection: Connection, contacts: int) -> None:
        """Messages of two flows and of one that is gone, without the runs they came from."""
        connection.exec_driver_sql(
            "insert into flow (name, label, purpose, draft_source)"
            " values ('welcome', '', 'marketing', ''), ('%%', '', 'service', '')"
        )
        connection.exec_driver_sql("set local session_replication_role = 'replica'")
        choose = self._random.choice
        connection.execute(
            insert(MESSAGE),
            [
                {
                    "effect_id": 1,
                    "run_id": 1,
                    "flow_id": choose([1, 2, 99]),
                    "node": "hello",
                    "contact_id": contact,
                    "channel": "email",
                    "purpose": choose(["marketing", "service"]),
                    "template": choose(TEXTS[1:]),
                    "provider_key": f"{contact}-{at}",
                    "state": choose(MESSAGE_STATES),
                    "handed_over_at": choose(INSTANTS),
                }
                for contact in range(1, contacts + 1)
                for at in self._several(4)
            ],
        )
        connection.exec_driver_sql("set local session_replication_role = 'origin'")

    def _scored(self, connection: Connection) -> None:
        """What the triggers have added up stays; the columns beside it take odd values."""
        contacts = connection.execute(select(SUMMARY.c.contact_id)).scalars().all()
        for contact in contacts:
            connection.execute(
                update(SUMMARY)
                .where(SUMMARY.c.contact_id == contact)
                .values(
                    recency_score=self._maybe([1, 2, 5]),
                    frequency_score=self._maybe([1, 3, 5]),
                    rfm_band=self._maybe(BANDS),
                    days_between_orders=self._maybe([0.1, 0.3, 2.5, 1e-15, 40.0]),
                )
            )

    def _changes(self, contact: int) -> list[dict[str, Any]]:
        """Old and new of every JSON type; what changed in a deal is no change of the contact."""
        likely: dict[str, list[Any]] = {
            "country": TEXTS,
            "score": [*NUMBERS, *FRACTIONS],
            "birthday": [day.isoformat() for day in DATES],
            "tags": TAGS,
            "custom.plan": TEXTS,
            "custom.labels": [["vip"], ["press", "%"], []],
            "custom.gold": [True, False],
            "custom.renewed_at": [instant.isoformat() for instant in INSTANTS],
            "custom.budget": [{"minor": minor, "currency": "EUR"} for minor in MINORS],
        }

        def side(field: str) -> Any:
            return self._maybe(likely[field] if self._random.random() < 0.8 else PROPERTIES)

        return [
            {
                "record": self._random.choice(["contact", "contact", "contact", "deal"]),
                "record_id": contact,
                "contact_id": contact,
                "field": (field := self._random.choice(list(likely))),
                "old": side(field),
                "new": side(field),
                "changed_at": self._random.choice(INSTANTS),
                "transaction_id": 1,
            }
            for _ in self._several(6)
        ]

    def _properties(self) -> dict[str, Any]:
        return {
            name: self._random.choice(PROPERTIES)
            for name in ("total", "plan", "when", "deep")
            if self._random.random() < 0.7
        }
