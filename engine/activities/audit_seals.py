"""The audit driver's work: seal what was written down, and let go of days that are past."""

from __future__ import annotations

import time
from dataclasses import dataclass

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.audit_log.retention import remove_old_days
from engine.services.audit_log.sealing import SEALED_AT_ONCE, seal_pending
from engine.workflows.shared import SEAL_AUDIT, AuditSealsInput, Progress

SECONDS_PER_ACTIVITY = 20.0


@dataclass(frozen=True, slots=True)
class AuditSealActivities:
    parts: Parts

    @activity.defn(name=SEAL_AUDIT)
    async def seal(self, line: AuditSealsInput) -> Progress:
        """Each batch is a transaction; two at once wait for each other."""
        del line
        parts, until, sealed = self.parts, time.monotonic() + SECONDS_PER_ACTIVITY, 0
        async with beating():
            while True:
                async with parts.store.transaction() as session:
                    batch = await seal_pending(session, parts.now())
                sealed += batch
                if batch < SEALED_AT_ONCE:
                    break
                if time.monotonic() > until or activity.is_worker_shutdown():
                    return Progress(sealed, again=True)
            if parts.audit_kept is not None:
                async with parts.store.transaction() as session:
                    await remove_old_days(session, parts.now() - parts.audit_kept, parts.now())
        return Progress(sealed)
