"""A whole story on real servers: a stage's promise is broken, and somebody takes it up."""

from __future__ import annotations

from crm_store.session import Store
from engine.services.deals.beginning import deals_begun
from engine.services.tending import Answer, ClockKind
from engine.services.work import working as work_of
from tests.deals.house import BEN, opened
from tests.workflows.working import eventually, working

ROUND_THE_CLOCK = """
UPDATE calendar SET zone = 'UTC', country = NULL, hours = (
    SELECT jsonb_object_agg(day, '[["00:00", "24:00"]]'::jsonb)
    FROM unnest(ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) AS day)
WHERE is_default
"""
PIPELINE = """
pipeline: sales
stages:
  - key: talk
    probability: 10
    sla:
      - {after: 1s, then: [{do: escalate, policy: stuck}]}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
"""
POLICY = """
escalation_policy: stuck
levels:
  - {to: owner}
  - {to: manager, after: 1d}
"""


async def test_a_broken_promise_of_a_stage_reaches_somebody_who_takes_it_up(
    store: Store, temporal_address: str
) -> None:
    house = await opened(store)
    await house.run(ROUND_THE_CLOCK)
    await house.publish(POLICY)
    await house.publish(PIPELINE)
    async with working(store, temporal_address) as at_work:
        parts, world = at_work.world.parts, at_work.world
        deal = await house.deal(at=parts.now())
        async with work_of(parts.store, parts.shared, parts.pokes, parts.now()) as work:
            await deals_begun(work, [deal], "api")

        async def mailed() -> bool:
            return bool(world.channel.delivered)

        await eventually(mailed, "Ben is told by mail")
        assert [mail.to for mail in world.channel.delivered] == ["ben@example.com"]
        found = await world.rows("SELECT id, subject_kind, subject_id FROM escalation_case")
        (case, *subject) = found[0]
        assert subject == ["deal", deal]
        taken = Answer(BEN, "acknowledge", {}, "link", "one")
        first = await at_work.pokes.ask(ClockKind.ESCALATION, case, taken)
        again = await at_work.pokes.ask(ClockKind.ESCALATION, case, taken)
        assert (first.code, again) == ("accepted", first)
        states = await world.rows("SELECT status FROM escalation_case")
        assert states == [("acknowledged",)]
