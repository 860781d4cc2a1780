"""A published flow with a goal and a split, for whoever asks about flows."""

from __future__ import annotations

from pathlib import Path

from crm_store.session import Store
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.plans import Plans
from engine.services.templates import TemplateLibrary
from tests.clock import Clock

TEMPLATES = Path(__file__).parents[2] / "templates" / "messages"
TRIAL = """
flow: trial
label: Trial
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
goal: {event: Order Completed, within: 30d, revenue: order_total}
holdout: 50
steps:
  ways:
    do: split
    arms: [{name: a, weight: 1, next: done}, {name: b, weight: 1, next: done}]
    winner: {metric: goal}
  done: {do: exit}
"""


async def publish_trial(store: Store, clock: Clock) -> flows.Published:
    library = TemplateLibrary(TEMPLATES)
    async with store.transaction() as session:
        await flows.save_draft(session, SYSTEM, TRIAL, library=library, file="trial.yaml")
        return await flows.publish(
            session, SYSTEM, "trial", plans=Plans(), library=library, now=clock.now()
        )
