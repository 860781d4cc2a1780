"""A past made by hand: contacts, what became of their fields, and events with both their times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text

from crm_store.models import Flow, FlowVersion
from crm_store.session import Store
from engine.flows.load import load_flow
from engine.services.actor import SYSTEM
from engine.services.backtesting import Answer, Question, backtest
from engine.services.plans import current_catalogue
from engine.steps import STEP_KINDS


def flow(trigger: str, *, entry: str = "once", name: str = "welcome") -> str:
    return f"""
flow: {name}
label: Welcome
subject: contact
purpose: service
trigger: {trigger}
entry: {entry}
steps:
  rest: {{do: wait, for: P1D, next: done}}
  done: {{do: exit}}
"""


@dataclass
class History:
    store: Store
    _events: int = field(default=0)

    async def contact(self, name: str, at: datetime, **values: Any) -> int:
        columns = {"first_name": name, "created_at": at} | values
        names = ", ".join(columns)
        marks = ", ".join(f":{one}" for one in columns)
        return await self._write(
            f"INSERT INTO contact ({names}) VALUES ({marks}) RETURNING id",
            columns,
        )

    async def change(self, contact_id: int, at: datetime, **values: Any) -> None:
        """Write fields; the history says that it was then."""
        setting = ", ".join(f"{name} = :{name}" for name in values)
        async with self.store.transaction() as session:
            await session.execute(
                text(f"UPDATE contact SET {setting} WHERE id = :id"),
                {"id": contact_id, **values},
            )
            await session.execute(
                text(
                    "UPDATE field_change SET changed_at = :at WHERE transaction_id ="
                    " CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
                ),
                {"at": at},
            )

    async def event(
        self,
        contact_id: int,
        name: str,
        at: datetime,
        *,
        received: datetime | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> int:
        self._events += 1
        return await self._write(
            """
            INSERT INTO event (source, message_id, name, contact_id, properties, occurred_at,
                               received_at)
            VALUES ('test', :number, :name, :contact, CAST(:properties AS jsonb), :at, :received)
            RETURNING id
            """,
            {
                "number": str(self._events),
                "name": name,
                "contact": contact_id,
                "properties": json.dumps(dict(properties or {})),
                "at": at,
                "received": received or at,
            },
        )

    async def publish(self, source: str, at: datetime | None = None) -> int:
        """Store a flow with one published version; its number."""
        async with self.store.transaction() as session:
            catalogue = await current_catalogue(session)
            read = load_flow(source, file="t", kinds=STEP_KINDS, catalogue=catalogue)
            flow = Flow(
                name=read.name,
                label=read.label,
                purpose=read.purpose,
                state="active",
                draft_source=source,
            )
            session.add(flow)
            await session.flush()
            version = FlowVersion(
                flow_id=flow.id,
                number=1,
                hash=read.hash(),
                definition=read.definition(),
                source=source,
                **({} if at is None else {"published_at": at}),
            )
            session.add(version)
            await session.flush()
            flow.published_version_id = version.id
            return flow.id

    async def audience(self, flow_id: int, at: datetime) -> int:
        """An audience that was let in."""
        return await self._write(
            """
            INSERT INTO enrolment (flow_id, flow_version_id, rule, entry_key, state, as_of)
            SELECT id, published_version_id, 'true', '', 'done', :at FROM flow WHERE id = :flow
            RETURNING id
            """,
            {"flow": flow_id, "at": at},
        )

    async def run(
        self, flow_id: int, contact_id: int, entered_at: datetime, key: str = "once"
    ) -> int:
        return await self._write(
            """
            INSERT INTO run (flow_id, flow_version_id, subject_id, entry_key, shard, state, node,
                             visit, entered_at, moved_at, ended_at, outcome)
            SELECT :flow, published_version_id, :contact, :key, 0, 'ended', 'done', 1, :at, :at,
                   CAST(:at AS timestamptz) + interval '1 day', 'done'
            FROM flow WHERE id = :flow RETURNING id
            """,
            {"flow": flow_id, "contact": contact_id, "key": key, "at": entered_at},
        )

    async def ask(self, source: str, since: datetime, until: datetime, **more: Any) -> Answer:
        async with self.store.transaction() as session:
            return await backtest(
                session, SYSTEM, source, Question(since, until, **more), file="test.yaml"
            )

    async def _write(self, statement: str, values: Mapping[str, Any]) -> int:
        async with self.store.transaction() as session:
            found = await session.execute(text(statement), dict(values))
            return int(found.scalar_one())
