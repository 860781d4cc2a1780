"""Something of each kind of record, for the operations on them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx2
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Account, Activity
from engine.channels.mailbox import Mail
from engine.channels.mailbox_store import Summary
from tests.api.people import ADA, bearer

TABLE_TIERS: dict[str, Any] = {
    "table": "tiers",
    "label": "Tiers",
    "hit": "first",
    "subject": "contact",
    "reads_event": False,
    "columns": ["contact.country"],
    "outputs": [{"name": "tier", "type": "text"}],
    "rows": [{"when": ["SG"], "then": ["gold"], "score": None, "note": ""}],
}
MODEL_INTEREST: dict[str, Any] = {
    "score": "interest",
    "label": "Interest",
    "rules": [
        {
            "key": "here",
            "label": "Here",
            "points": 10,
            "when": {"==": [{"var": "contact.country"}, "SG"]},
        }
    ],
}
WEEK = {"mon": [["09:00", "17:00"]]}


class Box:
    """A mailbox with one mail, for whoever may look into it."""

    def page(self, **_: Any) -> list[Any]:
        return []

    def message(self, identity: int) -> Any:
        at = datetime(2026, 3, 2, tzinfo=UTC)
        summary = Summary(identity, None, at, "a@example.com", ("b@example.com",), "Hello", 3)
        return Mail(summary, (("Subject", "Hello"),), "Hello", None, (), b"...")


async def furnish_records(session: AsyncSession) -> None:
    await session.execute(insert(Account), [{"name": "Northwind", "name_key": "northwind"}])
    await session.execute(
        insert(Activity), [{"kind": "task", "subject": "Call", "contact_id": ADA}]
    )


async def furnish_definitions(api: httpx2.AsyncClient, admin: str) -> None:
    headers = bearer(admin)
    made = [
        await api.post("/api/decision-tables", json={"document": TABLE_TIERS}, headers=headers),
        await api.post("/api/scoring-models", json={"document": MODEL_INTEREST}, headers=headers),
        await api.put("/api/calendars/office", json={"hours": WEEK}, headers=headers),
    ]
    assert [one.status_code for one in made] == [201, 201, 200], [one.text for one in made]
