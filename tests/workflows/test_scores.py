"""Scores are counted by themselves: when a model is saved, and when its points have faded."""

from __future__ import annotations

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.scoring.editing import create_model
from tests.workflows.working import eventually, working

MODEL = {
    "score": "interest",
    "label": "Interest",
    "rules": [{"key": "a", "points": 5, "when": {"==": [{"var": "contact.country"}, "SG"]}}],
}


async def test_a_saved_model_scores_everybody_by_itself(
    store: Store, temporal_address: str
) -> None:
    async with working(store, temporal_address) as at_work:
        await at_work.world.people(3, country="SG")
        async with store.transaction() as session:
            await create_model(session, SYSTEM, MODEL, at_work.world.now, default=True)
        at_work.pokes.scores()

        async def scored() -> bool:
            found = await at_work.world.rows("SELECT count(*) FROM contact WHERE score = 5")
            return bool(found[0][0] == 3)

        await eventually(scored, "everybody was scored")
        await at_work.pokes.settled()
