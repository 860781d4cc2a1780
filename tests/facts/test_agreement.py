"""Derived facts mean the same in memory and in SQL, for those with a summary and those without."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Effect, Event, Flow, FlowVersion, Message, Run
from crm_store.session import Store
from engine.rules import Catalogue, Facts, parse, union
from engine.rules.fact import Fact
from engine.rules.standard_facts.rfm import BANDS
from engine.services.derived_facts import recompute_rfm
from engine.services.facts import load_facts
from engine.services.segments_query import ids_matching
from tests.facts.purchases import NOW, asks, buys, people, pipeline, rate, sells
from tests.servers import Databases

CATALOGUE = Catalogue.standard()
DERIVED = {
    f"contact.{name}": fact
    for name, fact in CATALOGUE.records["contact"].items()
    if fact.is_derived
}
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
EDGES = [days * DAY + off * SECOND for days in (0, 7, 30, 90) for off in (-1, 0, 1)]


class World:
    """No dataclass, because a failing example would print all of it."""

    def __init__(self, connection: Connection, facts: dict[int, Facts]) -> None:
        self.connection, self.facts = connection, facts


async def fill(session: AsyncSession) -> None:
    dice = random.Random(3)
    who = await people(session, 60)
    stages = await pipeline(session)
    await rate(session, "EUR", (NOW - 40 * DAY).date(), "1.25")
    for one in who[:45]:
        for _ in range(dice.choice((0, 1, 1, 2, 4))):
            await buys(
                session,
                one,
                dice.choice((0, 1, 99, 100, 101, 5000)),
                currency=dice.choice(("USD", "USD", "EUR", "CHF")),
                at=NOW - dice.choice((*EDGES, 45 * DAY)),
                status=dice.choice(("paid", "completed", "open", "refunded")),
            )
    for one in who[20:50]:
        kind = dice.choice(("open", "open", "won"))
        await sells(session, one, stages[kind], dice.choice((None, 100, 5000)), "EUR")
        await asks(session, one, dice.choice(("new", "solved")))
    await messages(session, dice, who[10:55])
    opened = [
        {
            "source": "test",
            "message_id": str(number),
            "name": dice.choice(("Message Opened", "Message Clicked", "Signed Up")),
            "contact_id": dice.choice(who),
            "occurred_at": NOW - dice.choice(EDGES),
        }
        for number in range(200)
    ]
    await session.execute(insert(Event), opened)


async def messages(session: AsyncSession, dice: random.Random, who: list[int]) -> None:
    flow = Flow(name="welcome", label="Welcome", purpose="marketing", draft_source="")
    session.add(flow)
    await session.flush()
    version = FlowVersion(flow_id=flow.id, number=1, hash="1", definition={}, source="")
    session.add(version)
    await session.flush()
    for number, one in enumerate(who * 3):
        run = Run(
            flow_id=flow.id,
            flow_version_id=version.id,
            subject_id=one,
            entry_key=str(number),
            shard=0,
            node="mail",
            visit=1,
            entered_at=NOW,
            moved_at=NOW,
        )
        session.add(run)
        await session.flush()
        shared = {
            "run_id": run.id,
            "flow_id": flow.id if number % 3 else 99,
            "node": "mail",
            "purpose": "marketing",
        }
        effect = Effect(
            **shared, visit=1, kind="send_message", subject_id=one, shard=0, ask={}, not_before=NOW
        )
        session.add(effect)
        await session.flush()
        session.add(
            Message(
                **shared,
                effect_id=effect.id,
                contact_id=one,
                channel="email",
                template=dice.choice(("welcome", "offer")),
                provider_key=str(number),
                state=dice.choice(("sent", "maybe_sent", "refused", "withheld")),
                handed_over_at=NOW - dice.choice(EDGES),
            )
        )


async def prepare(url: str) -> dict[int, Facts]:
    store = Store(url)
    try:
        async with store.transaction() as session:
            await fill(session)
        await recompute_rfm(store, NOW)
        in_base = [{">": [{"in_base": [{"var": path}]}, 0]} for path in IN_BASE]
        in_base += [is_set(f"{path}.currency") for path in IN_BASE]
        documents = [*map(is_set, DERIVED), *in_base, *ON_MESSAGES, {"some": [ORDERS, BIG]}]
        everything = union(
            parse(document, CATALOGUE, event_rule=False).reads for document in documents
        )
        async with store.transaction() as session:
            return await load_facts(session, range(1, 61), everything, NOW)
    finally:
        await store.close()


def is_set(path: str) -> Any:
    return {"is_set": [{"var": path}]}


ORDERS = {"var": "orders"}
IN_BASE = [path for path, fact in DERIVED.items() if fact.in_base]
BIG: Any = {">": [{"in_base": [{"var": "total"}]}, 100]}
ON_MESSAGES: list[Any] = [
    {"some": [{"var": "messages"}, {"==": [{"var": name}, value]}]}
    for name, value in (
        ("flow", "welcome"),
        ("template", "offer"),
        ("channel", "email"),
        ("purpose", "marketing"),
        ("state", "refused"),
    )
]


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[World]:
    name = databases.fresh()
    engine = create_engine(databases.url(name))
    try:
        facts = asyncio.run(prepare(databases.url(name)))
        with engine.connect() as connection:
            connection.execute(text("SET TIME ZONE 'Asia/Tokyo'"))
            yield World(connection, facts)
    finally:
        engine.dispose()
        databases.drop(name)


def matching(world: World, document: Any) -> tuple[set[int], set[int]]:
    """Who fulfils a rule in memory, and who in SQL."""
    rule = parse(document, CATALOGUE, event_rule=False)
    holds = rule.at(NOW, "Europe/Berlin")
    in_memory = {one for one, facts in world.facts.items() if holds(facts)}
    return in_memory, set(
        world.connection.execute(ids_matching(rule, NOW, "Europe/Berlin")).scalars()
    )


SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
NUMBERS = st.sampled_from([0, 1, 2, 3, 5, 7.5, 30, 100, 125, 5000])


def condition(path: str, fact: Fact) -> st.SearchStrategy[Any]:
    var = {"var": path}
    match fact.type:
        case "number":
            values: st.SearchStrategy[Any] = NUMBERS
        case "money":
            amounts = st.tuples(
                st.sampled_from([0, 100, 125, 5000]), st.sampled_from(["USD", "EUR"])
            )
            values = amounts.map(lambda given: {"money": list(given)})
        case "datetime":
            values = st.sampled_from([(NOW - edge).isoformat() for edge in EDGES])
        case _:
            values = st.sampled_from([band.name for band in BANDS])
            return values.map(lambda value: {"==": [var, value]})
    return st.tuples(SIGNS, values).map(lambda given: {given[0]: [var, given[1]]})


LEAVES = st.one_of(
    *(condition(path, fact) for path, fact in DERIVED.items()),
    st.sampled_from([is_set(path) for path in DERIVED]),
    st.sampled_from(IN_BASE).flatmap(
        lambda path: NUMBERS.map(lambda number: {">": [{"in_base": [{"var": path}]}, number]})
    ),
    st.sampled_from(ON_MESSAGES),
    st.tuples(st.sampled_from(["some", "none", "all"]), NUMBERS).map(
        lambda given: {given[0]: [ORDERS, {"<=": [{"in_base": [{"var": "total"}]}, given[1]]}]}
    ),
    NUMBERS.map(lambda number: {"<": [{"sum": [ORDERS, {"in_base": [{"var": "total"}]}]}, number]}),
)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda part: {"!": [part]}),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"and": parts}),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"or": parts}),
    ),
    max_leaves=5,
)


@given(RULES)
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_a_rule_about_derived_facts_finds_the_same_contacts(world: World, document: Any) -> None:
    in_memory, in_sql = matching(world, document)
    assert in_memory == in_sql


@pytest.mark.parametrize("path", DERIVED)
def test_a_derived_fact_is_read_alike_whether_there_is_a_summary_or_not(
    world: World, path: str
) -> None:
    """And of each there are contacts who have it, or more than none of it."""
    leaf = {">": [{"var": path}, 0]} if DERIVED[path].type == "number" else is_set(path)
    for document in (leaf, {"!": [leaf]}, is_set(path)):
        in_memory, in_sql = matching(world, document)
        assert in_memory == in_sql
    assert matching(world, leaf)[0], "the fact is never met, so this shows nothing"


def test_a_contact_without_summary_has_bought_nothing(world: World) -> None:
    nothing = {
        "and": [
            {"==": [{"var": "contact.order_count"}, 0]},
            {"==": [{"var": "contact.open_tickets"}, 0]},
            {"!": [is_set("contact.total_spent")]},
            {"!": [is_set("contact.total_spent.currency")]},
            {"!": [is_set("contact.last_order_at")]},
        ]
    }
    in_memory, in_sql = matching(world, nothing)
    rows = world.connection.execute(text("SELECT contact_id FROM contact_summary"))
    without = set(world.facts) - set(rows.scalars())
    assert without
    assert without <= in_memory == in_sql


async def test_messages_that_no_rule_can_count_stay_where_they_are(store: Store) -> None:
    async with store.transaction() as session:
        await fill(session)
    lately, ever = (
        parse(document, CATALOGUE, event_rule=False).reads
        for document in ({">": [{"var": "contact.messages_sent_7_days"}, 0]}, ON_MESSAGES[0])
    )
    async with store.transaction() as session:
        few = await load_facts(session, range(1, 61), lately, NOW)
        all_ = await load_facts(session, range(1, 61), union((lately, ever)), NOW)
    times = [one["handed_over_at"] for facts in few.values() for one in facts["messages"]]
    assert times
    assert min(times) == NOW - 7 * DAY
    assert sum(len(facts["messages"]) for facts in all_.values()) == 135
