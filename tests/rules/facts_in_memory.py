"""Facts of made-up contacts, as the loader gives them, from values that tell rules apart."""

from __future__ import annotations

import random
from typing import Any

from engine.rules import Facts
from engine.rules.text_folding import fold
from tests.rules import adversarial as data


def facts(chance: random.Random) -> Facts:
    """One contact with whatever belongs to it; anything may be absent."""
    pick, several = chance.choice, chance.randrange

    def maybe(values: list[Any]) -> Any:
        return None if chance.random() < 0.25 else pick(values)

    def custom() -> dict[str, Any]:
        likely: dict[str, list[Any]] = {
            "plan": data.TEXTS,
            "seats": [*data.NUMBERS, *data.FRACTIONS],
            "gold": [True, False],
            "since": [day.isoformat() for day in data.DATES],
            "renewed_at": [instant.isoformat() for instant in data.INSTANTS],
            "labels": [["vip"], ["vip", "press"], [], ["%"], ["VIP", "vip", "press", "née"]],
            "budget": [money(), {"minor": "100"}, {"currency": "EUR"}],
        }
        return {
            key: pick(values if chance.random() < 0.7 else data.PROPERTIES)
            for key, values in likely.items()
            if chance.random() < 0.8
        }

    def money() -> dict[str, Any]:
        return {"minor": pick(data.MINORS), "currency": pick(data.CURRENCIES)}

    def event() -> dict[str, Any]:
        return {
            "name": pick(data.EVENT_NAMES),
            "kind": "track",
            "source": "test",
            "occurred_at": pick(data.INSTANTS),
            "properties": {
                name: pick(data.PROPERTIES)
                for name in ("total", "plan", "when", "deep")
                if chance.random() < 0.7
            },
        }

    contact = {
        "email": maybe([fold(text) for text in data.TEXTS]),
        "first_name": maybe(data.TEXTS),
        # few enough that rules of a few texts meet each of them
        "country": maybe(["a", "A", "ab", "b", ""]),
        "city": maybe(["a", "b", ""]),
        "job_title": maybe(data.TEXTS),
        "score": pick(data.NUMBERS),
        "birthday": maybe(data.DATES),
        "last_seen_at": maybe(data.INSTANTS),
        "created_at": pick(data.INSTANTS),
        "tags": [tag for tag in data.TAGS if chance.random() < 0.3],
        "custom": custom(),
    }
    account = {
        "name": pick([fold(text) for text in data.TEXTS]),
        "industry": maybe(data.TEXTS),
        "country": maybe(data.TEXTS),
        "employee_count": maybe(data.NUMBERS),
        "annual_revenue": money() if chance.random() < 0.7 else {"minor": None, "currency": None},
        "created_at": pick(data.INSTANTS),
    }
    return {
        "contact": contact,
        "account": account if chance.random() < 0.8 else None,
        "event": event(),
        "events": [event() for _ in range(several(5))],
        "orders": [
            {
                "status": pick(data.ORDER_STATUSES),
                "total": money(),
                "item_count": maybe(data.NUMBERS),
                "placed_at": pick(data.INSTANTS),
            }
            for _ in range(several(4))
        ],
        "deals": [
            {
                "name": pick(data.TEXTS),
                "stage": pick(data.STAGES),
                "lost_reason": maybe(data.TEXTS),
                "probability_percent": several(100),
                "amount": money(),
                "opened_at": pick(data.INSTANTS),
                "closed_at": maybe(data.INSTANTS),
                "expected_close_on": maybe(data.DATES),
            }
            for _ in range(several(3))
        ],
        "tickets": [
            {
                "subject": pick(data.TEXTS),
                "opened_at": pick(data.INSTANTS),
                "solved_at": maybe(data.INSTANTS),
            }
            for _ in range(several(3))
        ],
        "changes": [
            {
                "field": pick(["country", "score", "tags", "custom.plan", "custom.labels"]),
                "old": maybe(data.PROPERTIES),
                "new": maybe([*data.TEXTS, *data.NUMBERS]),
                "changed_at": pick(data.INSTANTS),
            }
            for _ in range(several(4))
        ],
    }
