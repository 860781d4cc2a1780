"""The notices driver's work: hand over what waits, settle what was left behind."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.channels import Channels
from engine.services.telling.mailing import Mailing
from engine.workflows.shared import MAIL_NOTICES, NoticesInput, Progress

SECONDS_PER_ACTIVITY = 20.0
# At most so many are unclear after a crash.
GROUP = 25
# What waits is in somebody else's hands; sooner would only spin.
LOOK_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class NoticeActivities:
    parts: Parts
    mailing: Mailing = field(init=False)

    def __post_init__(self) -> None:
        parts = self.parts
        mailing = Mailing(
            parts.store,
            Channels.of(parts.channel, parts.outgoing, parts.secrets),
            parts.sender.sender,
            parts.public_url,
            parts.now,
            parts.worker,
            parts.sizes.lease,
        )
        object.__setattr__(self, "mailing", mailing)

    @activity.defn(name=MAIL_NOTICES)
    async def mail(self, line: NoticesInput) -> Progress:
        """Safe to run beside another attempt, since claims are rows."""
        del line
        until, mailed = time.monotonic() + SECONDS_PER_ACTIVITY, 0
        async with beating():
            await self.mailing.settle(GROUP)
            while True:
                taken = await self.mailing.mail(GROUP)
                mailed += taken
                if taken < GROUP:
                    break
                if time.monotonic() > until or activity.is_worker_shutdown():
                    return Progress(mailed, again=True)
            due = await self.mailing.next_due()
        if due is None:
            return Progress(mailed)
        soonest = self.parts.now() + LOOK_AGAIN
        return Progress(mailed, next_due=max(due, soonest).timestamp())
