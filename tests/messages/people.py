"""Contacts, effects and asks for tests of sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Consent, Contact, Effect, Flow, FlowVersion, Message, Run
from engine.channels.base import Sender
from engine.services.messages import SendAsk, SenderSettings
from engine.services.templates import TemplateLibrary
from engine.services.unsubscribe import UnsubscribeLinks

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LINKS = UnsubscribeLinks("https://cadenza.test", ["secret of the test"])
SETTINGS = SenderSettings(
    sender=Sender("hello@cadenza.test", "Cadenza"),
    links=LINKS,
    key_secret=b"key of the test",
    website="https://cadenza.test",
    postal_address="1 Example Street",
)
TEMPLATES = Path(__file__).parents[2] / "templates" / "messages"


@cache
def library() -> TemplateLibrary:
    """Read once: templates in files never change while tests run."""
    return TemplateLibrary(TEMPLATES)


async def add_contacts(
    session: AsyncSession, count: int, *, agree: bool | None = True, **fields: Any
) -> list[int]:
    """Contacts ada0@..., with a recorded yes or no to marketing (None: never asked)."""
    found = await session.execute(
        insert(Contact).returning(Contact.id, sort_by_parameter_order=True),
        [
            {
                "email": f"ada{number}@example.com",
                "email_key": f"ada{number}@example.com",
                "first_name": "Ada",
                **fields,
            }
            for number in range(count)
        ],
    )
    ids = [row[0] for row in found]
    if agree is not None:
        await session.execute(
            insert(Consent),
            [
                {
                    "contact_id": identity,
                    "channel": "email",
                    "purpose": "marketing",
                    "granted": agree,
                    "lawful_basis": "consent",
                    "source": "test",
                }
                for identity in ids
            ],
        )
    return ids


async def add_asks(
    session: AsyncSession,
    contact_ids: Sequence[int],
    *,
    template: str = "win_back",
    purpose: str = "marketing",
) -> list[SendAsk]:
    """A flow with one run and one pending effect for each contact."""
    flow = Flow(name=f"flow-{contact_ids[0]}", label="Flow", purpose=purpose, draft_source="")
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
                "entry_key": "once",
                "shard": 0,
                "node": "hello",
                "visit": 1,
                "entered_at": NOW,
                "moved_at": NOW,
            }
            for contact_id in contact_ids
        ],
    )
    run_ids = [row[0] for row in runs]
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
    effect_ids = [row[0] for row in effects]
    return [
        SendAsk(effect_id, run_id, flow.id, flow.name, "hello", 1, contact_id, template, purpose)
        for effect_id, run_id, contact_id in zip(effect_ids, run_ids, contact_ids, strict=True)
    ]


async def states(session: AsyncSession) -> list[tuple[str, str | None]]:
    """State and reason of every message, in order of their ids."""
    found = await session.execute(select(Message.state, Message.reason).order_by(Message.id))
    return [(row[0], row[1]) for row in found]
