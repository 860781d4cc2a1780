"""Why somebody got a contact goes with the contact."""

from __future__ import annotations

from engine.services.actor import SYSTEM
from engine.services.assigning.rules import assign_by_rules
from engine.services.erasing import erase_contact
from tests.assigning.company import rules
from tests.driving.sales_world import team
from tests.driving.world import World


async def test_an_erased_contact_leaves_no_reasons_behind(world: World) -> None:
    await team(world, "Sales", "ben")
    await rules(world, "rules: [{to: {team: Sales}}]")
    ada, eve = await world.people(2)
    async with world.work() as work:
        await assign_by_rules(work, "leads", "contact", [ada, eve])
    async with world.store.store.transaction() as session:
        await erase_contact(session, SYSTEM, ada, now=world.now, zone="UTC")
    assert await world.rows("SELECT record_id FROM assignment_choice") == [(eve,)]
