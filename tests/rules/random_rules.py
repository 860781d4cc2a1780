"""Hypothesis strategies for well-typed rules whose literals meet the adversarial records."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from engine.rules.facts import LIST_KINDS
from tests.rules import adversarial as data

Rules = st.SearchStrategy[Any]

FIELDS: dict[str, dict[str, list[str]]] = {
    "root": {
        "text": [
            *("contact.email", "contact.first_name", "contact.country", "contact.city"),
            *("contact.job_title", "contact.custom.plan", "account.name", "account.industry"),
            *("account.country", "contact.custom.budget.currency", "contact.total_spent.currency"),
            *("contact.rfm_band", "contact.lifecycle_stage"),
        ],
        "number": [
            *("contact.score", "account.employee_count", "contact.custom.seats"),
            *("account.annual_revenue.minor", "contact.custom.budget.minor"),
            *("contact.order_count", "contact.days_between_orders", "contact.recency_score"),
            *("contact.total_spent.minor", "contact.open_tickets", "contact.open_deals"),
            *("contact.messages_sent_30_days", "contact.messages_opened_90_days"),
        ],
        "boolean": ["contact.custom.gold"],
        "datetime": [
            *("contact.created_at", "contact.last_seen_at", "account.created_at"),
            *("contact.custom.renewed_at", "contact.first_order_at", "contact.last_order_at"),
        ],
        "date": ["contact.birthday", "contact.custom.since"],
        "money": [
            *("account.annual_revenue", "contact.custom.budget", "contact.total_spent"),
            *("contact.average_order", "contact.open_deal_amount", "contact.lifetime_value"),
        ],
        "set": ["contact.tags", "contact.custom.labels"],
    },
    "orders": {
        "text": ["status", "total.currency"],
        "number": ["item_count", "total.minor"],
        "datetime": ["placed_at"],
        "money": ["total"],
    },
    "events": {
        "text": ["name", "properties.plan", "properties.total"],
        "number": ["properties.total", "properties.deep.total"],
        "boolean": ["properties.total", "properties.plan"],
        "datetime": ["occurred_at", "properties.when"],
        "date": ["properties.when"],
        "set": ["properties.plan"],
        "money": ["properties.deep"],
    },
    "deals": {
        "text": ["name", "stage", "lost_reason"],
        "number": ["probability_percent", "amount.minor"],
        "datetime": ["opened_at", "closed_at"],
        "date": ["expected_close_on"],
        "money": ["amount"],
    },
    "tickets": {"text": ["subject"], "datetime": ["opened_at", "solved_at"]},
    "messages": {"text": ["template", "flow", "state"], "datetime": ["handed_over_at"]},
    "changes": {
        "text": ["field", "old", "new"],
        "number": ["old", "new"],
        "boolean": ["new"],
        "datetime": ["changed_at", "old"],
        "date": ["new"],
        "set": ["old"],
        "money": ["new"],
    },
}
LISTS = ["orders", "events", "deals", "tickets", "messages", "changes"]
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
# Values of closed sets and texts together: comparisons with an unknown value would be refused.
CLOSED = {
    "status": data.ORDER_STATUSES,
    "state": data.MESSAGE_STATES,
    "name": [*data.EVENT_NAMES, *data.TEXTS[:4]],
    "contact.rfm_band": data.BANDS,
    "contact.lifecycle_stage": data.STAGES,
}

texts = st.sampled_from([*data.TEXTS, *data.CURRENCIES, *data.EVENT_NAMES])
numbers = st.sampled_from([*data.NUMBERS, *data.FRACTIONS])
spans = st.sampled_from(["PT0S", "-P3D", "P2D", "-P1M", "-PT259200S", "PT1S", "-P1Y", "P1M"])
units = st.sampled_from(["minutes", "hours", "days", "weeks", "months", "quarters", "years"])
long_units = st.sampled_from(["days", "weeks", "months", "quarters", "years"])
PERIODS = ["today", "this_week", "this_month", "this_quarter", "this_year"]
periods = st.sampled_from(PERIODS)
counts = st.sampled_from([1, 2, 3, 30, 48, 72])
dates = st.sampled_from([day.isoformat() for day in data.DATES])
instants = st.sampled_from([instant.isoformat() for instant in data.INSTANTS])


def pick(*options: Rules) -> Rules:
    """One of the options, each as likely; `one_of` would weigh an option by how many it holds."""
    return st.integers(0, len(options) - 1).flatmap(lambda at: options[at])


def op(name: str, *arguments: Rules) -> Rules:
    return st.tuples(*arguments).map(lambda given: {name: list(given)})


def signed(left: Rules, right: Rules) -> Rules:
    return st.tuples(SIGNS, left, right).map(lambda given: {given[0]: [given[1], given[2]]})


def catalogued(scope: str, kind: str) -> list[str]:
    """Every fact of this type, so that a new one is tried without being named here; those with a
    closed set of values are named in CLOSED.
    """
    heads = ("contact", "account") if scope == "root" else (LIST_KINDS[scope],)
    return [
        f"{head}.{name}" if scope == "root" else name
        for head in heads
        for name, fact in data.CATALOGUE.records[head].items()  # type: ignore[index]
        if fact.type == kind and not fact.values
    ]


@cache
def field(scope: str, kind: str) -> Rules:
    known, others = FIELDS[scope].get(kind, []), catalogued(scope, kind)
    named = st.sampled_from(known or others)
    chosen = pick(named, named, named, st.sampled_from(others)) if others else named
    return chosen.map(lambda path: {"var": path})


def text_tests(scope: str) -> Rules:
    return st.one_of(text_ways(scope))


@cache
def text_ways(scope: str) -> list[Rules]:
    named = field(scope, "text")
    closed = st.sampled_from(
        [
            {sign: [{"var": name}, value]}
            for name, values in CLOSED.items()
            if name in FIELDS[scope]["text"]
            for value in values
            for sign in ("==", "!=", "<", ">=")
        ]
        or [{"is_set": [{"var": FIELDS[scope]["text"][0]}]}]
    )
    open_fields = [name for name in FIELDS[scope]["text"] if name not in CLOSED]
    free = st.sampled_from(open_fields or ["total.currency"]).map(lambda path: {"var": path})
    if not open_fields:
        free = st.just({"var": FIELDS[scope]["text"][-1]})
    return [
        op("is_set", named),
        op("is_empty", named),
        op("!", named),
        op("contains", named, texts),
        op("not_contains", named, texts),
        op("starts_with", named, texts),
        op("not_starts_with", named, texts),
        op("ends_with", named, texts),
        op("not_ends_with", named, texts),
        closed,
        signed(free, texts),
        op("in", free, st.lists(texts, min_size=1, max_size=4)),
        op("!in", free, st.lists(texts, min_size=1, max_size=4)),
        op("between", free, texts, texts),
    ]


def time_tests(scope: str) -> Rules:
    return st.one_of(time_ways(scope))


@cache
def time_ways(scope: str) -> list[Rules]:
    named = field(scope, "datetime")
    tests = [
        signed(named, st.one_of(instants, dates)),
        signed(named, op("moment", st.just("now"), spans)),
        signed(
            named,
            op("moment", st.sampled_from(["day", "week", "month", "quarter", "year"])),
        ),
        op("in_last", named, counts, units),
        op("in_next", named, counts, units),
        op("more_than_ago", named, counts, units),
        op("more_than_ahead", named, counts, units),
        op("in_last_calendar", named, counts, long_units),
        op("window", named, instants, st.none()),
        op("window", named, st.none(), dates),
        op("between", named, dates, dates),
        op("on", named, dates),
        op("before", named, dates),
        op("after", named, dates),
        st.tuples(periods, named).map(lambda given: {given[0]: [given[1]]}),
        op("is_set", named),
    ]
    if "date" in FIELDS[scope]:
        day = field(scope, "date")
        tests += [
            op("before", day, dates),
            op("on", day, dates),
            op("in_last", day, counts, long_units),
            op("in_next", day, counts, long_units),
            op("between", day, dates, dates),
            op("this_week", day),
            op("anniversary_in_next", day, st.sampled_from([0, 1, 7, 11]), st.just("weeks")),
            op("anniversary_in_next", day, st.sampled_from([0, 1, 30, 365]), st.just("days")),
        ]
    return tests


@cache
def money_literals() -> Rules:
    return op("money", st.sampled_from(data.MINORS), st.sampled_from(data.CURRENCIES))


def small_tests(scope: str) -> Rules:
    return st.one_of(small_ways(scope))


@cache
def small_ways(scope: str) -> list[Rules]:
    tests = []
    known = FIELDS[scope]
    if "money" in known:
        tests.append(signed(field(scope, "money"), money_literals()))
        if scope in ("orders", "deals"):
            base = op("in_base", field(scope, "money"))
            tests.append(signed(base, st.sampled_from(data.MINORS)))
        tests.append(op("between", field(scope, "money"), money_literals(), money_literals()))
    if "boolean" in known:
        flag = field(scope, "boolean")
        tests += [op("is_true", flag), op("is_false", flag), signed_flag(flag)]
    if "set" in known:
        holder = field(scope, "set")
        several = st.lists(st.sampled_from(data.TAGS), min_size=1, max_size=3)
        tests += [
            op("has", holder, st.sampled_from(data.TAGS)),
            op("has_any", holder, several),
            op("has_all", holder, several),
            op("has_none", holder, several),
            op("is_set", holder),
            op("is_empty", holder),
        ]
    if scope == "root":
        tests.append(op("member_of", st.sampled_from([*data.STATIC_LISTS, "customers"])))
    return tests or text_ways(scope)


def signed_flag(flag: Rules) -> Rules:
    return st.tuples(st.sampled_from(["==", "!="]), flag, st.booleans()).map(
        lambda given: {given[0]: [given[1], given[2]]}
    )


@cache
def number(scope: str, depth: int) -> Rules:
    named = field(scope, "number") if "number" in FIELDS[scope] else numbers
    if depth <= 0:
        return st.one_of(named, named, numbers)
    options = [named, *worked_out_ways(scope, depth)]
    if scope == "root":
        options += [list_number(depth - 1)] * 2
    return pick(*options)


def worked_out_ways(scope: str, depth: int) -> list[Rules]:
    inner, plain = number(scope, depth - 1), number(scope, 0)
    return [
        op("+", inner, inner),
        op("-", inner, inner),
        op("*", plain, plain),
        op("/", plain, inner),
        st.tuples(condition(scope, depth - 1), numbers, numbers).map(lambda g: {"if": list(g)}),
    ]


@cache
def list_number(depth: int) -> Rules:
    return st.sampled_from(LISTS).flatmap(lambda name: pick(*list_number_ways(name, depth)))


@cache
def list_number_ways(name: str, depth: int) -> list[Rules]:
    items = st.just({"var": name})
    where = condition(name, depth)
    options = [op("count", items), op("count", items, where)]
    if "number" in FIELDS[name]:
        whole = field(name, "number")
        options += [
            op("sum", items, whole),
            op("sum", items, whole, where),
            op("min", items, whole, where),
            op("avg_of", items, whole),
            op("avg_of", items, whole, where),
            op("max", items, whole),
            op("sum", items, op("*", whole, st.sampled_from(data.FRACTIONS))),
        ]
    return options


@cache
def list_tests(depth: int) -> Rules:
    of = st.sampled_from(LISTS).flatmap(lambda name: pick(*list_ways(name, depth)))
    return pick(of, st.one_of(done_ways()), once())


@cache
def list_ways(name: str, depth: int) -> list[Rules]:
    items = st.just({"var": name})
    where = condition(name, depth)
    options = [
        op("some", items, where),
        op("none", items, where),
        op("all", items, where),
        op("is_set", items),
        signed(op("count", items, where), st.sampled_from([0, 1, 2, 3, 2.5])),
        signed(list_number(depth), st.one_of(st.sampled_from([0, 1, 2]), numbers)),
    ]
    if name in ("orders", "deals"):
        amount = field(name, "money")
        currency = st.sampled_from(data.CURRENCIES)
        options.append(signed(op("money_sum", items, amount, currency), money_literals()))
    return options


@cache
def done_ways() -> list[Rules]:
    names = st.sampled_from(data.EVENT_NAMES)
    window = st.one_of(
        st.none(),
        st.tuples(st.just("in_last"), counts, units).map(list),
        st.just(["this_month"]),
        st.tuples(st.just("more_than_ago"), counts, units).map(list),
    )
    where = st.one_of(st.none(), condition("events", 0))
    return [
        op("done", names, SIGNS, st.sampled_from([0, 1, 2, 3]), window, where),
        op("not_done", names, window, where),
        op("performed", names, SIGNS, st.sampled_from([0, 1, 2, 3]), window, filters()),
        op("inactive_for", names, counts, units),
        op("more_than_ago", op("last_done", names), counts, units),
        op("before", op("first_done", names), dates),
    ]


@cache
def filters() -> Rules:
    """Conditions on properties as an object, the way `performed` takes them."""
    return st.fixed_dictionaries(
        {},
        optional={
            "total": pick(numbers, signed_side(numbers)),
            "plan": pick(texts, st.lists(texts, min_size=1, max_size=3)),
            "when": signed_side(instants),
        },
    ).filter(bool)


def signed_side(value: Rules) -> Rules:
    return st.tuples(SIGNS, value).map(lambda given: {given[0]: given[1]})


@cache
def once() -> Rules:
    window = st.one_of(
        st.none(),
        st.tuples(st.just("in_last"), counts, units).map(list),
        st.tuples(st.just("in_last_calendar"), counts, long_units).map(list),
        st.tuples(st.just("after"), dates).map(list),
        st.sampled_from([["today"], ["this_month"], ["this_year"]]),
    )

    def of(path: str, values: Rules) -> Rules:
        return op("was_ever", st.just({"var": path}), values, window)

    return pick(
        of("contact.country", st.one_of(texts, st.none())),
        of("contact.custom.plan", st.one_of(texts, st.none())),
        of("contact.score", numbers),
        of("contact.birthday", st.one_of(dates, st.none())),
        of("contact.tags", st.sampled_from(data.TAGS)),
        of("contact.custom.labels", st.sampled_from(data.TAGS)),
        of("contact.custom.gold", st.booleans()),
        of("contact.custom.renewed_at", st.one_of(dates, instants)),
        of("contact.custom.budget", money_literals()),
    )


@cache
def condition(scope: str, depth: int) -> Rules:
    leaf = pick(
        text_tests(scope),
        time_tests(scope),
        small_tests(scope),
        compared_numbers(scope, min(depth, 1)),
    )
    if depth <= 0:
        return leaf
    inner = condition(scope, depth - 1)
    options = [leaf, *joined_ways(inner)]
    if scope == "root":
        options += [list_tests(min(depth - 1, 1))] * 2
    return pick(*options)


def joined_ways(inner: Rules) -> list[Rules]:
    joined = st.lists(inner, min_size=2, max_size=3)
    return [
        joined.map(lambda parts: {"and": parts}),
        joined.map(lambda parts: {"or": parts}),
        op("!", inner),
        op("if", inner, inner, inner),
    ]


@cache
def compared_numbers(scope: str, depth: int) -> Rules:
    if "number" not in FIELDS[scope]:
        return time_tests(scope)
    sure = field(scope, "number")
    if scope in ("events", "changes"):
        # two properties give each other no type, so one side is written out
        return st.one_of(
            signed(sure, numbers),
            signed(op("+", sure, numbers), number(scope, 0)),
            op("between", sure, numbers, numbers),
            op("in", sure, st.lists(numbers, min_size=1, max_size=4)),
        )
    return st.one_of(
        signed(number(scope, depth), number(scope, depth)),
        op("between", sure, numbers, numbers),
        op("in", sure, st.lists(numbers, min_size=1, max_size=4)),
    )


# Small rules show a difference that a large one would hide behind its other parts.
rules = pick(
    small_tests("root"),
    condition("root", 0),
    list_tests(0),
    condition("root", 1),
    condition("root", 3),
)
