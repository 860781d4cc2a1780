"""Whoever sees some records has figures of those alone."""

from __future__ import annotations

from sqlalchemy import text

from crm_store.session import Store
from engine.services.actor import Actor
from engine.services.insight.aging import aging
from engine.services.insight.asking import Question
from engine.services.insight.conversion import conversion
from engine.services.insight.forecast import forecast
from engine.services.insight.performance import performance
from engine.services.rules import AskedRule
from engine.services.rules.counting import count_rule
from engine.services.rules.sampling import sample_rule
from engine.services.views.overview import home_overview
from tests.clock import Clock
from tests.roles.world import World, furnish, furnish_pipeline, furnish_roles

EVERYBODY = AskedRule({"==": [{"var": "contact.city"}, "Ghent"]})


async def test_figures_are_those_of_the_records_one_sees(store: Store, clock: Clock) -> None:
    await furnish_roles(store)
    await furnish_pipeline(store)
    worlds = {role: await furnish(store, role) for role in ("keeps_to_own", "sees_team", "rep")}
    async with store.transaction() as session:
        await session.execute(
            text("UPDATE deal SET amount_minor = 100, currency = 'USD', expected_close_on = :day"),
            {"day": clock.now().date()},
        )

    # of the three worlds with four owners each
    assert await _figures(store, clock, worlds["keeps_to_own"], "keeps_to_own") == (1, 1, 1, 1, 1)
    assert await _figures(store, clock, worlds["sees_team"], "sees_team") == (5, 5, 5, 5, 5)
    assert await _figures(store, clock, worlds["rep"], "rep") == (12, 12, 12, 12, 12)


async def _figures(
    store: Store, clock: Clock, world: World, role: str
) -> tuple[int | None, int, int, int, int]:
    """Contacts, deals by two ways of asking, contacts that a rule holds for, and those drawn."""
    actor: Actor = world.actors[role]
    now, question = clock.now(), Question()
    async with store.transaction() as session:
        home = await home_overview(session, actor)
        ahead = await forecast(session, actor, question, now, "UTC")
        old = await aging(session, actor, question, now, "UTC", limit=100)
        people = await performance(session, actor, question, "UTC")
        await conversion(session, actor, question, "UTC")
        counted = await count_rule(session, actor, EVERYBODY, now=now, zone="UTC")
        drawn = await sample_rule(session, actor, EVERYBODY, now=now, zone="UTC", size=50)
    assert len(old.deals) == sum(one.open for one in people.items)
    deals = sum(amounts.deals for group in ahead.groups for amounts in group.amounts)
    return home.contacts, deals, len(old.deals), counted.count, len(drawn)
