"""The contacts, events and rules of the benchmark of rules; the same for every engine."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.rules import Facts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COUNTRIES = ["SG", "DE", "FR", "US", "JP", "BR", "NL", "CN"]
LANGUAGES = ["en", "zh", "de", "nl"]
STAGES = ["lead", "customer", "customer", "opportunity", "churned"]
SOURCES = ["web", "fair", "import", "ad"]
INDUSTRIES = ["retail", "software", "travel", "health", "steel"]
TAGS = [f"tag-{number}" for number in range(40)]
PLANS = ["free", "silver", "gold"]


def var(path: str) -> dict[str, str]:
    return {"var": path}


TWELVE: dict[str, Any] = {
    "and": [
        {"!=": [var("contact.lifecycle_stage"), "churned"]},
        {"in": [var("contact.country"), ["SG", "DE", "FR", "US", "JP", "BR"]]},
        {">=": [var("contact.score"), 20]},
        {"<": [var("contact.score"), 95]},
        {"!=": [var("contact.language"), "nl"]},
        {
            "or": [
                {"==": [var("contact.source"), "web"]},
                {"==": [var("contact.source"), "fair"]},
                {">": [{"*": [var("contact.score"), 2]}, 100]},
            ]
        },
        {"in": [var("account.industry"), ["retail", "software", "travel", "health"]]},
        {">": [var("account.employee_count"), 10]},
        {"in_last": [var("contact.created_at"), 600, "days"]},
        {"!": [{"==": [var("contact.lead_status"), "unqualified"]}]},
    ]
}
SOME_ORDER: dict[str, Any] = {
    "and": [
        *TWELVE["and"],
        {
            "some": [
                var("orders"),
                {"and": [{"==": [var("status"), "completed"]}, {">": [var("item_count"), 7]}]},
            ]
        },
    ]
}


def facts(random_: random.Random) -> Facts:
    """A contact as the store keeps one: with an account, custom fields and its last orders."""
    pick = random_.choice
    return {
        "contact": {
            "id": random_.randrange(1_000_000),
            "external_id": None,
            "email": "ada.lovelace@example.com",
            "phone": "+442079460000",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "job_title": "Head of Computing",
            "language": pick(LANGUAGES),
            "country": pick(COUNTRIES),
            "city": "London",
            "time_zone": "Europe/London",
            "birthday_calendar": "gregorian",
            "lifecycle_stage": pick(STAGES),
            "lead_status": pick(["new", "open", "unqualified", "connected"]),
            "source": pick(SOURCES),
            "score": random_.randrange(100),
            "owner_id": 17,
            "tags": random_.sample(TAGS, 3),
            "created_at": NOW - timedelta(days=random_.randrange(900)),
            "custom": {"plan": "gold", "seats": 12, "region": "north"},
        },
        "account": {
            "id": random_.randrange(100_000),
            "name": "Analytical Engines",
            "domain": "engines.example",
            "industry": pick(INDUSTRIES),
            "employee_count": random_.randrange(500),
            "country": "GB",
        },
        "orders": [
            {
                "id": number,
                "status": pick(["completed", "completed", "open"]),
                "total": {"minor": 1_000 * number, "currency": "EUR"},
                "item_count": number,
            }
            for number in range(10)
        ],
        "event": {
            "name": "Order Completed",
            "kind": "track",
            "source": "shop",
            "occurred_at": NOW,
            "properties": {"plan": pick(PLANS), "total": random_.randrange(500)},
        },
    }


def trigger(random_: random.Random) -> dict[str, Any]:
    """A rule of 5 to 19 conditions, as many flows and segments have them, that few events meet."""
    conditions = [_condition(random_) for _ in range(random_.randrange(5, 20))]
    if random_.random() < 0.5:
        conditions[0] = {"==": [var("contact.country"), random_.choice(COUNTRIES)]}
    return {"and": conditions}


def _condition(random_: random.Random) -> dict[str, Any]:
    pick, upto = random_.choice, random_.randrange

    def some_of(values: list[str], at_least: int = 2) -> list[str]:
        return random_.sample(sorted(set(values)), random_.randrange(at_least, len(set(values))))

    kinds: list[dict[str, Any]] = [
        {"==": [var("contact.country"), pick(COUNTRIES)]},
        {"in": [var("contact.country"), some_of(COUNTRIES)[:4]]},
        {"!=": [var("contact.lifecycle_stage"), pick(STAGES)]},
        {"in": [var("contact.language"), some_of(LANGUAGES)]},
        {">=": [var("contact.score"), upto(80)]},
        {"<": [var("contact.score"), 20 + upto(80)]},
        {"in": [var("account.industry"), some_of(INDUSTRIES)]},
        {">": [var("account.employee_count"), upto(300)]},
        {"in_last": [var("contact.created_at"), 90 + upto(800), "days"]},
        {pick(["has_any", "has_none"]): [var("contact.tags"), random_.sample(TAGS, 8)]},
        {">=": [var("event.properties.total"), upto(400)]},
        {
            "or": [
                {"==": [var("contact.source"), pick(SOURCES)]},
                {">": [{"*": [var("contact.score"), 2]}, upto(20) * 10]},
                {"==": [var("event.properties.plan"), pick(PLANS)]},
            ]
        },
        {"some": [var("orders"), {">": [var("item_count"), upto(10)]}]},
    ]
    return pick(kinds)


def seconds(instant: datetime) -> int:
    return int((instant - EPOCH).total_seconds())


def translated(rule: Any) -> Any:
    """The same rule for engines without windows of time and sets: instants become seconds."""
    if isinstance(rule, list):
        return [translated(part) for part in rule]
    if not isinstance(rule, dict):
        return rule
    ((name, arguments),) = rule.items()
    match name:
        case "in_last":
            field, days, _ = arguments
            start = seconds(NOW - timedelta(days=days))
            return {"and": [{">=": [field, start]}, {"<=": [field, seconds(NOW)]}]}
        case "has_any" | "has_none":
            held, wanted = arguments
            some = {"or": [{"in": [tag, held]} for tag in wanted]}
            return some if name == "has_any" else {"!": [some]}
        case "var":
            return rule
        case _:
            return {name: translated(arguments)}


def with_seconds(given: Facts) -> Facts:
    """The same facts with seconds since 1970 where they have instants."""
    contact, event = dict(given["contact"]), dict(given["event"])
    contact["created_at"] = seconds(contact["created_at"])
    event["occurred_at"] = seconds(event["occurred_at"])
    return {**given, "contact": contact, "event": event}
