"""Jobs of a person with several keys: none reads what another was given, none outlives its own."""

from __future__ import annotations

import httpx2
import pytest
from sqlalchemy import text

from crm_store import jobs as rows_of_jobs
from crm_store.session import Store
from engine.services.api_keys import ApiKeys
from engine.services.jobs import JobMeans, carry_out_next
from engine.services.jobs.carrying_out import LEASE, still_allowed
from engine.services.jobs.kinds import Hand
from tests.api.conftest import Parts
from tests.api.people import bearer, key_for
from tests.clock import Clock

CSV = "email,country\nzoe@example.com,SG\nnonsense,XX\n"


@pytest.fixture
def means(parts: Parts) -> JobMeans:
    return JobMeans(parts.store, parts.shared, parts.pokes, parts.now)


async def begun(api: httpx2.AsyncClient) -> str:
    answer = await api.post("/api/imports", params={"kind": "contacts", "check": "1"}, content=CSV)
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


async def test_a_key_with_small_scopes_does_not_read_what_another_imported(
    api: httpx2.AsyncClient, means: JobMeans, store: Store, clock: Clock
) -> None:
    where = await begun(api)
    while (await carry_out_next(means)).did:
        pass
    small = bearer(await key_for(store, clock, "marketer", ["read:segment", "read:contact"]))
    large = bearer(await key_for(store, clock, "marketer", ["read:contact", "write:contact"]))
    assert "zoe@example.com" in (await api.get(where)).text
    assert "zoe@example.com" in (await api.get(where, headers=large)).text
    for path in (where, f"{where}/rejected"):
        assert (await api.get(path, headers=small)).status_code == 404
    assert (await api.post(f"{where}/cancel", headers=small)).status_code == 404
    assert (await api.get("/api/jobs", headers=small)).json()["items"] == []
    assert len((await api.get("/api/jobs", headers=large)).json()["items"]) == 1


async def test_a_job_whose_contents_were_cleared_is_still_listed(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    where = await begun(api)
    async with store.transaction() as session:
        await session.execute(text("UPDATE job SET given = '{}', state = 'done'"))
    small = bearer(await key_for(store, clock, "marketer", ["read:segment"]))
    assert (await api.get(where, headers=small)).json()["result"] is None
    assert len((await api.get("/api/jobs", headers=small)).json()["items"]) == 1


async def test_a_job_ends_when_its_key_does(
    api: httpx2.AsyncClient, means: JobMeans, store: Store, parts: Parts
) -> None:
    where = await begun(api)
    key = api.headers["authorization"].partition(" ")[2]
    actor = (await ApiKeys(store, parts.now).caller(key)).actor
    async with store.transaction() as session:
        job = await rows_of_jobs.take_up(session, parts.now(), LEASE)
        assert job is not None
        session.expunge(job)
    hand = Hand(means, actor, job.id, job.given)
    assert await still_allowed(hand, job)
    async with store.transaction() as session:
        await session.execute(text("UPDATE api_key SET scopes = '{read:contact}'"))
    assert await still_allowed(hand, job)
    # what is left of the key counts from the next page on
    assert hand.actor.scopes == frozenset({("read", "contact")})
    async with store.transaction() as session:
        await session.execute(text("UPDATE api_key SET revoked_at = now()"))
    assert not await still_allowed(hand, job)
    async with store.transaction() as session:
        ended = await rows_of_jobs.job_row(session, job.id)
        assert ended is not None
        assert (ended.state, (ended.problem or {})["code"]) == ("failed", "not_allowed")
        assert not await rows_of_jobs.has_file(session, job.id, rows_of_jobs.GIVEN)
    assert where.endswith(str(job.id))
