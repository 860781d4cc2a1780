"""What one evaluation of a rule costs, beside two libraries that read the same JSON.

Run: python benchmarks/rules.py [contacts]. Prints microseconds of CPU per evaluation of a rule of
twelve conditions on a contact's facts, as the median of several passes, and checks that all engines
find the same contacts.
"""

from __future__ import annotations

import json
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from datalogic_py import Engine
from jsonlogic.core import JSONLogicExpression, Operator
from jsonlogic.evaluation import EvaluationContext, evaluate, get_value
from jsonlogic.evaluation.evaluation_settings import EvaluationSettingsDict
from jsonlogic.operators import operator_registry
from jsonlogic.resolving import DotReferenceParser
from jsonlogic.typing import OperatorArgument

from engine.rules import Catalogue, Facts, Rule, parse

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSES = 7
# Seconds since 1970 for the libraries: none of them compares datetimes from Python.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def var(path: str) -> dict[str, str]:
    return {"var": path}


def seconds(instant: datetime) -> int:
    return int((instant - EPOCH).total_seconds())


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


def translated(rule: Any) -> Any:
    """The same rule for engines without windows of time and operators for lists of their own."""
    if isinstance(rule, list):
        return [translated(part) for part in rule]
    if not isinstance(rule, dict):
        return rule
    ((name, arguments),) = rule.items()
    if name == "in_last":
        field, days, _ = arguments
        start = seconds(NOW - timedelta(days=days))
        return {"and": [{">=": [field, start]}, {"<=": [field, seconds(NOW)]}]}
    return {name: arguments if name == "var" else translated(arguments)}


def contact(random_: random.Random) -> Facts:
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
            "language": pick(["en", "zh", "de", "nl"]),
            "country": pick(["SG", "DE", "FR", "US", "JP", "BR", "NL", "CN"]),
            "city": "London",
            "time_zone": "Europe/London",
            "birthday_calendar": "gregorian",
            "lifecycle_stage": pick(["lead", "customer", "customer", "opportunity", "churned"]),
            "lead_status": pick(["new", "open", "unqualified", "connected"]),
            "source": pick(["web", "fair", "import", "ad"]),
            "score": random_.randrange(100),
            "owner_id": 17,
            "tags": ["vip", "newsletter", "fair-2026"],
            "created_at": NOW - timedelta(days=random_.randrange(900)),
            "custom": {"plan": "gold", "seats": 12, "region": "north"},
        },
        "account": {
            "id": random_.randrange(100_000),
            "name": "Analytical Engines",
            "domain": "engines.example",
            "industry": pick(["retail", "software", "travel", "health", "steel"]),
            "employee_count": random_.randrange(500),
            "country": "GB",
        },
        "orders": [
            {
                "id": number,
                "status": "completed",
                "total": {"minor": 1_000 * number, "currency": "EUR"},
                "item_count": number,
            }
            for number in range(10)
        ],
    }


def with_seconds(facts: Facts) -> Facts:
    one = dict(facts["contact"])
    one["created_at"] = seconds(one["created_at"])
    return {**facts, "contact": one}


def microseconds(run: Callable[[], int], evaluations: int) -> tuple[float, int]:
    """Median CPU time per evaluation, and how many contacts were found."""
    times, found = [], 0
    for _ in range(PASSES):
        start = time.process_time()
        found = run()
        times.append((time.process_time() - start) / evaluations * 1e6)
    return statistics.median(times), found


def own(rule: Rule, everybody: list[Facts]) -> dict[str, Callable[[], int]]:
    def one_by_one() -> int:
        holds = rule.holds
        return sum([holds(facts, NOW) for facts in everybody])

    def at_once() -> int:
        test = rule.at(NOW)
        return sum([test(facts) for facts in everybody])

    return {"cadenza, rule.at(now)": at_once, "cadenza, rule.holds(facts, now)": one_by_one}


def datalogic(rule: Any, everybody: list[Facts]) -> dict[str, Callable[[], int]]:
    compiled = Engine().compile(rule)
    texts = [json.dumps(facts) for facts in everybody]

    def from_dicts() -> int:
        return sum([compiled.evaluate(facts) is True for facts in everybody])

    def from_text() -> int:
        return sum([compiled.evaluate_str(text) == "true" for text in texts])

    return {"datalogic-py, dict": from_dicts, "datalogic-py, JSON text": from_text}


@dataclass
class Joined(Operator):
    """python-jsonlogic comes without `and`, `or`, `!` and `in`; this gives it all four."""

    parts: list[OperatorArgument]

    @classmethod
    def from_expression(cls, operator: str, arguments: list[OperatorArgument]) -> Self:
        return cls(operator, arguments)

    def evaluate(self, context: EvaluationContext) -> Any:
        match self.operator:
            case "and":
                return all(get_value(part, context) for part in self.parts)
            case "or":
                return any(get_value(part, context) for part in self.parts)
            case "!":
                return not get_value(self.parts[0], context)
            case _:
                wanted: Any = self.parts[1]
                return get_value(self.parts[0], context) in wanted


def python_jsonlogic(rule: Any, everybody: list[Facts]) -> dict[str, Callable[[], int]]:
    registry = operator_registry.copy()
    for name in ("and", "or", "!", "in"):
        registry.register(name, Joined)
    expression = JSONLogicExpression.from_json(rule).as_operator_tree(registry)

    settings: EvaluationSettingsDict = {"reference_parser": DotReferenceParser()}

    def run() -> int:
        return sum([evaluate(expression, facts, None, settings) is True for facts in everybody])

    return {"python-jsonlogic (and, or, !, in added)": run}


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    random_ = random.Random(1)
    everybody = [contact(random_) for _ in range(size)]
    theirs = [with_seconds(facts) for facts in everybody]
    rule = parse(TWELVE, Catalogue.standard(), event_rule=False)
    plain = translated(TWELVE)
    engines = {
        **own(rule, everybody),
        **datalogic(plain, theirs),
        **python_jsonlogic(plain, theirs),
    }
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    print(f"a rule of twelve conditions on {size:,} contacts, median of {PASSES} passes")
    results = {name: microseconds(run, size) for name, run in engines.items()}
    for name, (cost, found) in results.items():
        print(f"{name:40} {cost:8.2f} us   {found:,} found")
    assert len({found for _, found in results.values()}) == 1, "the engines disagree"


if __name__ == "__main__":
    main()
