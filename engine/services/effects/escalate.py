"""Telling one level of an escalation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import escalations as rows
from crm_store.effects import EffectRow
from crm_store.notices import Recipient
from engine.services.effects.notices import Noticing


class Escalate(Noticing):
    """The case is opened by the first level that has anybody; each later one adds whom it told."""

    kind = "escalation"

    async def opened(
        self,
        session: AsyncSession,
        asks: Sequence[tuple[EffectRow, Sequence[Recipient]]],
        now: datetime,
    ) -> Mapping[int, Mapping[str, Any]]:
        levels = [
            rows.NewLevel(
                run_id=effect.run_id,
                flow_id=effect.flow_id,
                node=effect.node,
                visit=effect.ask["case"],
                contact_id=effect.subject_id,
                level=effect.ask["level"],
                told_ids=[person.user_id for person in people],
                title=effect.ask["said"]["title"],
                body=effect.ask["said"]["body"],
            )
            for effect, people in asks
        ]
        made = await rows.put_levels(session, levels, now)
        return {
            effect.id: {"case": made[effect.run_id, effect.node, effect.ask["case"]]}
            for effect, _ in asks
        }
