"""Making a request that somebody must decide about, and telling them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import approvals as rows
from crm_store.effects import EffectRow
from crm_store.notices import Recipient
from engine.services.effects.notices import Noticing


class RequestApproval(Noticing):
    """The request commits with the claim, so it can be decided before the mail has arrived."""

    kind = "approval"

    async def opened(
        self,
        session: AsyncSession,
        asks: Sequence[tuple[EffectRow, Sequence[Recipient]]],
        now: datetime,
    ) -> Mapping[int, Mapping[str, Any]]:
        requests = [
            rows.NewRequest(
                effect_id=effect.id,
                run_id=effect.run_id,
                flow_id=effect.flow_id,
                node=effect.node,
                visit=effect.visit,
                contact_id=effect.subject_id,
                approver_ids=[person.user_id for person in people],
                title=effect.ask["said"]["title"],
                body=effect.ask["said"]["body"],
                deadline=datetime.fromisoformat(effect.ask["deadline"]),
            )
            for effect, people in asks
        ]
        made = await rows.put_requests(session, requests, now)
        return {effect_id: {"request": request} for effect_id, request in made.items()}

    async def details(
        self, session: AsyncSession, effects: Sequence[EffectRow]
    ) -> Mapping[int, Mapping[str, Any]]:
        made = await rows.requests_of(session, [effect.id for effect in effects])
        return {effect_id: {"request": request} for effect_id, request in made.items()}
