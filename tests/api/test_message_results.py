"""What messages brought about, by the API."""

from __future__ import annotations

import httpx2
from sqlalchemy import text

from crm_store.session import Store
from tests.message_results.histories import random_history


async def test_figures_are_asked_for_and_downloaded(api: httpx2.AsyncClient, store: Store) -> None:
    async with store.transaction() as session:
        await random_history(session, 1, people=8)
        await session.execute(text("UPDATE message SET template_version = '=1+1'"))
    answer = (await api.get("/api/message-results?by=version")).json()
    assert answer["columns"] == ["template", "version"]
    assert answer["items"][0]["key"]["version"] == "=1+1"
    assert set(answer["items"][0]["figures"]) >= {"delivered", "machine_opened", "open_rate"}
    got = await api.get("/api/message-results/csv?by=version")
    assert got.headers["content-type"].startswith("text/csv")
    assert ",'=1+1," in got.text
    assert (await api.get("/api/message-results/links")).json()["items"]
    assert len((await api.get("/api/message-results/response")).json()["hours"]) == 24


async def test_what_cannot_be_asked_is_said(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/api/message-results?by=weather")).status_code == 422
    assert (await api.get("/api/message-results?flow=nowhere")).status_code == 404
    far = "since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z"
    assert (await api.get(f"/api/message-results?{far}")).status_code == 422
