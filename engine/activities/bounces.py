"""The work of reading mail that came back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.errors import NotFound
from engine.services.bounces import Counted, read_folder
from engine.workflows.shared import READ_BOUNCES, BouncesInput, Progress

SECONDS_PER_ACTIVITY: Final = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BounceActivities:
    parts: Parts

    @activity.defn(name=READ_BOUNCES)
    async def read(self, line: BouncesInput) -> Progress:
        """Everything that came since the last time. What was read before a crash is read again and
        changes nothing."""
        desk, folder = self.parts.bounce_desk, self.parts.bounce_folder
        if desk is None or folder is None:
            return Progress()
        until = time.monotonic() + SECONDS_PER_ACTIVITY
        counted, more = Counted(), True
        async with beating():
            while more and time.monotonic() < until and not activity.is_worker_shutdown():
                try:
                    page, more = await read_folder(desk, folder, self.parts.now())
                except (NotFound, PermissionError) as error:
                    log.warning("bounces_cannot_be_read", reason=str(error))
                    more = False
                else:
                    counted += page
        if counted.total:
            kinds = {kind.value: count for kind, count in counted.kinds.items()}
            log.info("bounces_read", new=counted.fresh, **kinds)
        next_look = self.parts.now() + timedelta(seconds=line.idle_seconds)
        return Progress(counted.total, again=more, next_due=next_look.timestamp())
