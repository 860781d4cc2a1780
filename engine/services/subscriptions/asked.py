"""What somebody asks of a subscription, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm_store.webhook_subscriptions import EVERY
from engine.errors import Problem, Refused
from engine.reachable import url_problem
from engine.rules import Catalogue
from engine.services.rules.asked import AskedRule, examine

# What a test is called; no event has this name.
TEST_TYPE: Final = "webhook.test"
LONGEST_NAME: Final = 100
LONGEST_TYPE: Final = 255
MOST_TYPES: Final = 50
MOST_PER_SECOND: Final = 1_000
MOST_AT_A_TIME: Final = 20


@dataclass(frozen=True, slots=True)
class AskedSubscription:
    """`event_types` are names of events, or "*" alone for all. `rule` is asked about each event and
    its contact. `per_second` and `concurrency` are the most calls a second and at a time."""

    name: str
    url: str
    event_types: Sequence[str]
    rule: object | None = None
    owner_id: int | None = None
    per_second: int = 50
    concurrency: int = 4


def values_of(asked: AskedSubscription, catalogue: Catalogue) -> dict[str, Any]:
    """What is kept of it. Raises Refused with every mistake."""
    problems = [*_plain_problems(asked), *_type_problems(asked.event_types)]
    document: object | None = None
    if asked.rule is not None:
        examined = examine(AskedRule(asked.rule, event_rule=True), catalogue)
        document = examined.document
        problems += [
            Problem(f"/rule{one.pointer}", one.code, one.message) for one in examined.problems
        ]
    if problems:
        raise Refused("The subscription was not kept.", problems)
    return {
        "name": asked.name.strip(),
        "url": asked.url.strip(),
        "event_types": sorted({one.strip() for one in asked.event_types}),
        "rule": _enveloped(document),
        "owner_id": asked.owner_id,
        "per_second": asked.per_second,
        "concurrency": asked.concurrency,
    }


def _plain_problems(asked: AskedSubscription) -> list[Problem]:
    problems = []
    name = asked.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"give a name of 1 to {LONGEST_NAME} characters on one line"
        problems.append(Problem("/name", "bad_name", message))
    wrong = url_problem(asked.url.strip())
    if wrong is not None:
        problems.append(Problem("/url", "bad_url", f"The address {wrong}"))
    if not 1 <= asked.per_second <= MOST_PER_SECOND:
        message = f"give a number from 1 to {MOST_PER_SECOND}"
        problems.append(Problem("/per_second", "out_of_range", message))
    if not 1 <= asked.concurrency <= MOST_AT_A_TIME:
        message = f"give a number from 1 to {MOST_AT_A_TIME}"
        problems.append(Problem("/concurrency", "out_of_range", message))
    return problems


def _type_problems(types: Sequence[str]) -> list[Problem]:
    if not types or len(types) > MOST_TYPES:
        message = f'name 1 to {MOST_TYPES} events, or "{EVERY}" for all'
        return [Problem("/event_types", "no_events", message)]
    problems = [
        Problem(
            f"/event_types/{index}",
            "bad_event",
            f"give the name of an event, of 1 to {LONGEST_TYPE} characters",
        )
        for index, one in enumerate(types)
        if not one.strip() or len(one.strip()) > LONGEST_TYPE or not one.isprintable()
    ]
    if EVERY in types and len(types) > 1:
        message = f'"{EVERY}" means every event and stands alone'
        problems.append(Problem("/event_types", "every_and_more", message))
    return problems


def _enveloped(document: object | None) -> object | None:
    if document is None or (isinstance(document, dict) and "dialect" in document):
        return document
    return {"dialect": 1, "rule": document}
