"""Messages that flows ask for, several to one contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Effect, Flow, FlowVersion, Run
from engine.services.actor import SYSTEM
from engine.services.messages import NotSent, Prepared, SendAsk, prepare
from engine.services.sending import editing
from engine.services.sending.arbiter import Arbiter
from tests.messages.people import NOW, SETTINGS, library

LIBRARY = library()


async def let(session: AsyncSession, policy: str) -> None:
    """Let this policy count."""
    await editing.save(session, SYSTEM, policy, NOW)


async def asked(
    session: AsyncSession,
    flow_name: str,
    contact_ids: Sequence[int],
    *,
    template: str = "win_back",
    purpose: str = "marketing",
) -> list[SendAsk]:
    """A flow of this name with one run and one pending effect for each contact."""
    flow = Flow(name=flow_name, label="Flow", purpose=purpose, draft_source="")
    session.add(flow)
    await session.flush()
    version = FlowVersion(flow_id=flow.id, number=1, hash="h", definition={}, source="")
    session.add(version)
    await session.flush()
    runs = await session.execute(
        insert(Run).returning(Run.id, sort_by_parameter_order=True),
        [
            {
                "flow_id": flow.id,
                "flow_version_id": version.id,
                "subject_id": contact_id,
                "entry_key": f"once {number}",
                "shard": 0,
                "node": "hello",
                "visit": 1,
                "entered_at": NOW,
                "moved_at": NOW,
            }
            for number, contact_id in enumerate(contact_ids)
        ],
    )
    run_ids = list(runs.scalars())
    effects = await session.execute(
        insert(Effect).returning(Effect.id, sort_by_parameter_order=True),
        [
            {
                "run_id": run_id,
                "flow_id": flow.id,
                "node": "hello",
                "visit": 1,
                "kind": "send_message",
                "purpose": purpose,
                "subject_id": contact_id,
                "shard": 0,
                "ask": {"template": template},
                "not_before": NOW,
            }
            for run_id, contact_id in zip(run_ids, contact_ids, strict=True)
        ],
    )
    return [
        SendAsk(effect_id, run_id, flow.id, flow_name, "hello", 1, contact_id, template, purpose)
        for effect_id, run_id, contact_id in zip(
            effects.scalars(), run_ids, contact_ids, strict=True
        )
    ]


async def prepared(
    session: AsyncSession,
    asks: Sequence[SendAsk],
    now: datetime = NOW,
    priorities: Mapping[int, int] | None = None,
) -> list[Prepared | NotSent]:
    return await prepare(
        session,
        asks,
        library=LIBRARY,
        sender_settings=SETTINGS,
        channel_name="smtp",
        now=now,
        arbiter=Arbiter(lambda: priorities or {}),
    )


def said(outcome: Prepared | NotSent) -> tuple[str, datetime | None]:
    """What was decided, and until when it waits."""
    if isinstance(outcome, Prepared):
        return "goes", None
    return outcome.code, outcome.until
