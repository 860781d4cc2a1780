"""The webhooks driver's work: ask rules, hand over what is due, forget what is long over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.deliveries import Delivering
from engine.workflows.shared import DELIVER_WEBHOOKS, Progress, WebhooksInput

SECONDS_PER_ACTIVITY = 20.0
# What waits is in somebody else's hands; sooner would only spin.
LOOK_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class WebhookActivities:
    parts: Parts
    delivering: Delivering = field(init=False)

    def __post_init__(self) -> None:
        parts = self.parts
        delivering = Delivering(
            parts.store,
            parts.shared,
            parts.pokes,
            parts.outgoing.apart(),
            parts.secrets,
            parts.now,
            parts.worker,
            parts.default_zone,
            parts.webhook_log,
        )
        object.__setattr__(self, "delivering", delivering)

    @activity.defn(name=DELIVER_WEBHOOKS)
    async def deliver(self, line: WebhooksInput) -> Progress:
        """Safe to run beside another attempt, since claims are rows."""
        del line
        async with beating():
            made = await self.delivering.deliver(SECONDS_PER_ACTIVITY, activity.is_worker_shutdown)
            forgotten = await self.delivering.forget_old()
            due = await self.delivering.next_due()
        if due is None:
            return Progress(made, again=bool(forgotten))
        soonest = self.parts.now() + LOOK_AGAIN
        return Progress(made, next_due=max(due, soonest).timestamp())
