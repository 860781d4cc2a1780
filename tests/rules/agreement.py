"""Asking one rule in every way there is, over records made to tell the ways apart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, get_args

from sqlalchemy import Connection, Select, create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from engine.rules import EventNeed, Explained, Facts, Reads, Rule, ir, parse
from engine.rules.facts import LIST_KINDS
from engine.rules.to_sql import Reach, condition
from engine.services.fact_columns import CONTACT, CONTACTS, RECORDS, contact_rows
from engine.services.facts import load_facts
from tests.rules.adversarial import CATALOGUE, NOW, ZONE, Records
from tests.servers import Databases

CONTACTS_IN_ALL: Final = 160
# One in so many contacts.
EXPLAINED_TO: Final = 5
REACHES: Final[Sequence[Reach]] = get_args(Reach)


@dataclass(frozen=True, repr=False)
class World:
    """The records in a database, and the same records as facts."""

    connection: Connection
    facts: dict[int, Facts]

    def in_memory(self, rule: Rule) -> set[int]:
        test = rule.at(NOW, ZONE)
        return {contact for contact, facts in self.facts.items() if test(facts)}

    def in_sql(self, rule: Rule, reach: Reach) -> set[int]:
        return set(self.connection.execute(ids(rule, reach)).scalars())


def ids(rule: Rule, reach: Reach) -> Select[int]:
    where = condition(rule, CONTACTS, NOW, ZONE, reach=reach)
    return select(CONTACT.c.id).select_from(contact_rows(rule.reads)).where(where)


def everything() -> Reads:
    """What a rule would read that looked at every fact there is."""
    heads = {"contact": "contact", "account": "account", **LIST_KINDS}
    fields = {
        (head, *path)
        for head, kind in heads.items()
        for path in (*RECORDS[kind].fields, *RECORDS[kind].documents)
    }
    all_of_them = frozenset({EventNeed(None, None)})
    sets = frozenset(CONTACTS.root.sets)
    return Reads(sets | fields, frozenset(LIST_KINDS), all_of_them, all_of_them)


@contextmanager
def made(databases: Databases, seed: int) -> Iterator[World]:
    """A world of its own database, which does not outlast it."""
    name = databases.fresh()
    engine = create_engine(databases.url(name))
    try:
        with engine.begin() as connection:
            Records(seed).write(connection, CONTACTS_IN_ALL)
        facts = asyncio.run(_load(databases.url(name), list(range(1, CONTACTS_IN_ALL + 1))))
        with engine.connect() as connection:
            connection.exec_driver_sql("set time zone 'America/New_York'")
            connection.exec_driver_sql("analyze")
            yield World(connection, facts)
    finally:
        engine.dispose()
        databases.drop(name)


async def _load(url: str, ids: list[int]) -> dict[int, Facts]:
    engine = create_async_engine(url)
    try:
        async with AsyncSession(engine) as session:
            return await load_facts(session, ids, everything(), NOW)
    finally:
        await engine.dispose()


def parsed(document: Any) -> Rule:
    return parse(document, CATALOGUE, event_rule=False)


def differences(world: World, rule: Rule, reaches: Sequence[Reach] = REACHES) -> str:
    """What two ways of asking do not agree on about a rule; empty when all agree."""
    matching = world.in_memory(rule)
    for reach in reaches:
        found = world.in_sql(rule, reach)
        if found != matching:
            return f"{reach}: only in memory {matching - found}, only in SQL {found - matching}"
    # the tree costs as much as all the rest, so a rule is explained to a few, not always the same
    for contact in range(1 + len(matching) % EXPLAINED_TO, CONTACTS_IN_ALL + 1, EXPLAINED_TO):
        facts = world.facts[contact]
        explained = rule.explain(facts, NOW, ZONE)
        if explained.truth is not (contact in matching):
            return f"explained otherwise for {contact}"
        if (odd := next(_odd(explained), None)) is not None:
            return f"the parts of {odd} do not add up for {contact}"
    return ""


def _odd(explained: Explained) -> Iterator[ir.Predicate]:
    """Conditions whose truth does not follow from the truths of their parts."""
    truths = [child.truth for child in explained.children]
    match explained.node:
        case ir.And():
            follows = all(truths)
        case ir.Or():
            follows = any(truths)
        case ir.Not():
            follows = not truths[0]
        case ir.Either():
            follows = truths[1] if truths[0] else truths[2]
        case _:
            follows = explained.truth
    if follows is not explained.truth:
        yield explained.node
    for child in explained.children:
        yield from _odd(child)
