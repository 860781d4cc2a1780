"""Segments as rules, and as somebody who knows PostgreSQL would write them by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from engine.rules import Catalogue, CustomField, Label, Type

CATALOGUE = Catalogue.standard().with_custom_fields(
    [
        CustomField("contact", "plan", Type.TEXT, Label("plan", "套餐")),
        CustomField("contact", "seats", Type.NUMBER, Label("seats", "席位")),
    ]
)
# What a kind of segment may take over a million contacts on two cores, in milliseconds.
AIMS = {"scalar": 100, "list": 400, "folded": 1_200}


@dataclass(frozen=True)
class Segment:
    name: str
    kind: Literal["scalar", "list", "folded"]
    rule: Any
    by_hand: str


def var(path: str) -> dict[str, str]:
    return {"var": path}


COUNTRY, STAGE, SCORE = var("contact.country"), var("contact.lifecycle_stage"), var("contact.score")
TAGS, ORDERS, EVENTS = var("contact.tags"), var("orders"), var("events")
BOUGHT = {"in": [var("status"), ["paid", "completed"]]}
SPENT = {"money_sum": [ORDERS, var("total"), "EUR", BOUGHT]}
FIVE_HUNDRED = {"money": [50_000, "EUR"]}
BIG = {">": [var("total"), {"money": [10_000, "EUR"]}]}
NOW = "timestamptz '2026-11-22 12:00:00+00'"
BOUGHT_SQL = "status IN ('paid', 'completed')"


def since(days: int, column: str) -> str:
    return f"{column} BETWEEN {NOW} - interval '{days * 24} hours' AND {NOW}"


SEGMENTS = [
    Segment(
        "three fields",
        "scalar",
        {"and": [{"==": [COUNTRY, "SG"]}, {">": [SCORE, 90]}, {"==": [STAGE, "customer"]}]},
        """SELECT id FROM contact
        WHERE country = 'SG' AND score > 90 AND lifecycle_stage = 'customer'""",
    ),
    Segment(
        "twelve fields, account too",
        "scalar",
        {
            "and": [
                {"!=": [STAGE, "churned"]},
                {"in": [COUNTRY, ["SG", "DE", "FR", "US", "JP"]]},
                {">=": [SCORE, 20]},
                {"<": [SCORE, 95]},
                {"!=": [var("contact.language"), "nl"]},
                {
                    "or": [
                        {"==": [var("contact.source"), "web"]},
                        {"==": [var("contact.source"), "fair"]},
                        {">": [{"*": [SCORE, 2]}, 100]},
                    ]
                },
                {"in": [var("account.industry"), ["retail", "software", "travel", "health"]]},
                {">": [var("account.employee_count"), 10]},
                {"is_set": [var("contact.email")]},
                {"starts_with": [var("contact.job_title"), "Head"]},
                {"in_last": [var("contact.last_seen_at"), 180, "days"]},
                {"before": [var("contact.birthday"), "2000-01-01"]},
            ]
        },
        f"""SELECT contact.id FROM contact JOIN account ON account.id = account_id
        WHERE lifecycle_stage <> 'churned' AND contact.country IN ('SG', 'DE', 'FR', 'US', 'JP')
        AND score >= 20 AND score < 95 AND (language <> 'nl' OR language IS NULL)
        AND (source = 'web' OR source = 'fair' OR score * 2 > 100)
        AND industry IN ('retail', 'software', 'travel', 'health') AND employee_count > 10
        AND email <> '' AND starts_with(job_title, 'Head') AND {since(180, "last_seen_at")}
        AND birthday < date '2000-01-01'""",
    ),
    Segment(
        "two custom fields",
        "scalar",
        {
            "and": [
                {"==": [var("contact.custom.plan"), "pro"]},
                {">=": [var("contact.custom.seats"), 20]},
            ]
        },
        # without the CASE the first contact whose seats are a text would end the query
        """SELECT id FROM contact WHERE custom ->> 'plan' = 'pro'
        AND CASE WHEN jsonb_typeof(custom -> 'seats') = 'number'
            THEN (custom -> 'seats')::numeric >= 20 END""",
    ),
    Segment(
        "a tag and not another",
        "list",
        {"and": [{"has": [TAGS, "tag 3"]}, {"!": [{"has": [TAGS, "tag 7"]}]}]},
        """SELECT id FROM contact
        WHERE id IN (SELECT contact_id FROM contact_tag WHERE tag = 'tag 3')
        AND NOT EXISTS (SELECT FROM contact_tag WHERE contact_id = contact.id AND tag = 'tag 7')""",
    ),
    Segment(
        "a large order in 90 days",
        "list",
        {
            "some": [
                ORDERS,
                {
                    "and": [
                        {"==": [var("status"), "paid"]},
                        BIG,
                        {"in_last": [var("placed_at"), 90, "days"]},
                    ]
                },
            ]
        },
        f"""SELECT id FROM contact WHERE id IN (SELECT contact_id FROM "order"
        WHERE status = 'paid' AND total_minor > 10000 AND currency = 'EUR'
        AND {since(90, "placed_at")})""",
    ),
    Segment(
        "two page views in 90 days",
        "list",
        {"done": ["Page Viewed", ">=", 2, ["in_last", 90, "days"]]},
        f"""SELECT id FROM contact WHERE id IN (SELECT contact_id FROM event
        WHERE name = 'Page Viewed' AND {since(90, "occurred_at")}
        GROUP BY contact_id HAVING count(*) >= 2)""",
    ),
    Segment(
        "fewer than two page views",
        "list",
        {"done": ["Page Viewed", "<", 2, ["in_last", 90, "days"]]},
        f"""SELECT id FROM contact WHERE NOT EXISTS (SELECT FROM (SELECT contact_id FROM event
        WHERE name = 'Page Viewed' AND {since(90, "occurred_at")}
        GROUP BY contact_id HAVING count(*) >= 2) AS many WHERE many.contact_id = contact.id)""",
    ),
    Segment(
        "an order event with a property",
        "list",
        {
            "done": [
                *("Order Completed", ">=", 1, ["in_last", 90, "days"]),
                {">": [var("properties.total"), 100]},
            ]
        },
        f"""SELECT id FROM contact WHERE id IN (SELECT contact_id FROM event
        WHERE name = 'Order Completed' AND {since(90, "occurred_at")}
        AND (properties -> 'total')::numeric > 100)""",
    ),
    Segment(
        "customers without event in 30 days",
        "list",
        {
            "and": [
                {"==": [STAGE, "customer"]},
                {"none": [EVENTS, {"in_last": [var("occurred_at"), 30, "days"]}]},
            ]
        },
        f"""SELECT id FROM contact WHERE lifecycle_stage = 'customer' AND NOT EXISTS
        (SELECT FROM event WHERE contact_id = contact.id AND {since(30, "occurred_at")})""",
    ),
    Segment(
        "opened twice and did not buy",
        "list",
        {
            "and": [
                {"done": ["Message Opened", ">=", 2, ["in_last", 60, "days"]]},
                {"not_done": ["Order Completed", ["in_last", 60, "days"]]},
            ]
        },
        f"""SELECT id FROM contact WHERE id IN (SELECT contact_id FROM event
        WHERE name = 'Message Opened' AND {since(60, "occurred_at")}
        GROUP BY contact_id HAVING count(*) >= 2)
        AND NOT EXISTS (SELECT FROM event WHERE contact_id = contact.id
        AND name = 'Order Completed' AND {since(60, "occurred_at")})""",
    ),
    Segment(
        "tags and orders, or page views",
        "list",
        {
            "or": [
                {
                    "and": [
                        {"has": [TAGS, "tag 1"]},
                        {"!": [{"has": [TAGS, "tag 4"]}]},
                        {"some": [ORDERS, {">": [var("total"), {"money": [40_000, "EUR"]}]}]},
                    ]
                },
                {"done": ["Page Viewed", ">=", 3, ["in_last", 60, "days"]]},
            ]
        },
        f"""SELECT id FROM contact
        WHERE id IN (SELECT contact_id FROM contact_tag WHERE tag = 'tag 1')
        AND id IN (SELECT contact_id FROM "order" WHERE total_minor > 40000 AND currency = 'EUR')
        AND NOT EXISTS (SELECT FROM contact_tag WHERE contact_id = contact.id AND tag = 'tag 4')
        UNION SELECT contact_id FROM event
        WHERE name = 'Page Viewed' AND {since(60, "occurred_at")}
        GROUP BY contact_id HAVING count(*) >= 3""",
    ),
    Segment(
        "no large order, or a tag",
        "folded",
        {"or": [{"none": [ORDERS, BIG]}, {"has": [TAGS, "tag 4"]}]},
        """SELECT id FROM contact WHERE NOT EXISTS (SELECT FROM "order"
        WHERE contact_id = contact.id AND total_minor > 10000 AND currency = 'EUR')
        OR id IN (SELECT contact_id FROM contact_tag WHERE tag = 'tag 4')""",
    ),
    Segment(
        "all orders paid",
        "folded",
        {"all": [ORDERS, BOUGHT]},
        f"""SELECT id FROM contact WHERE id IN (SELECT contact_id FROM "order"
        GROUP BY contact_id HAVING bool_and({BOUGHT_SQL}))""",
    ),
    Segment(
        "spent more than 500",
        "folded",
        {">": [SPENT, FIVE_HUNDRED]},
        f"""SELECT id FROM contact WHERE id IN (SELECT contact_id FROM "order"
        WHERE {BOUGHT_SQL} AND currency = 'EUR'
        GROUP BY contact_id HAVING sum(total_minor) > 50000)""",
    ),
    Segment(
        "spent at most 500",
        "folded",
        {"<=": [SPENT, FIVE_HUNDRED]},
        f"""SELECT id FROM contact WHERE NOT EXISTS (SELECT FROM (SELECT contact_id FROM "order"
        WHERE {BOUGHT_SQL} AND currency = 'EUR'
        GROUP BY contact_id HAVING sum(total_minor) > 50000) AS big
        WHERE big.contact_id = contact.id)""",
    ),
    Segment(
        "bought twice, not for 120 days",
        "folded",
        {
            "and": [
                {">=": [{"count": [ORDERS, BOUGHT]}, 2]},
                {"more_than_ago": [{"max": [ORDERS, var("placed_at"), BOUGHT]}, 120, "days"]},
            ]
        },
        f"""SELECT id FROM contact WHERE id IN (SELECT contact_id FROM "order"
        WHERE {BOUGHT_SQL} GROUP BY contact_id
        HAVING count(*) >= 2 AND max(placed_at) < {NOW} - interval '2880 hours')""",
    ),
    Segment(
        "more bought than left open",
        "folded",
        {
            ">": [
                {"count": [ORDERS, BOUGHT]},
                {"count": [ORDERS, {"==": [var("status"), "open"]}]},
            ]
        },
        f"""SELECT id FROM contact WHERE id IN (SELECT contact_id FROM "order"
        GROUP BY contact_id
        HAVING count(*) FILTER (WHERE {BOUGHT_SQL}) > count(*) FILTER (WHERE status = 'open'))""",
    ),
]
