"""Long work: asked for, carried out by a worker, looked at and cancelled."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from crm_store import jobs as rows_of_jobs
from crm_store.session import Store
from engine.services.jobs import JobMeans, carry_out_next
from engine.services.jobs.carrying_out import LEASE, MOST_ATTEMPTS
from tests.api.conftest import Parts
from tests.api.people import ADA, BEN, EVERYTHING, bearer, codes, key_for
from tests.clock import Clock

Rows = Callable[..., Any]
CSV = "E-mail,Country\nzoe@example.com,SG\nada@example.com,DE\nnonsense,XX\n"
MAPPING = json.dumps({"as": "contacts", "fields": {"email": "E-mail", "country": "Country"}})


@pytest.fixture
def means(parts: Parts) -> JobMeans:
    return JobMeans(parts.store, parts.shared, parts.pokes, parts.now)


async def finished(means: JobMeans) -> None:
    while (await carry_out_next(means)).did:
        pass


async def start_import(api: httpx2.AsyncClient, **more: str) -> httpx2.Response:
    params = {"kind": "contacts", "mapping": MAPPING, **more}
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "i1"}
    return await api.post("/api/imports", params=params, content=CSV.encode(), headers=headers)


async def test_a_file_is_imported_by_a_job(
    api: httpx2.AsyncClient, means: JobMeans, rows: Rows
) -> None:
    look = await api.post(
        "/api/imports", params={"kind": "contacts", "mapping": MAPPING, "check": "1"}, content=CSV
    )
    began, again = await start_import(api), await start_import(api)
    waiting = await api.get(began.headers["location"])
    await finished(means)
    done = (await api.get(began.headers["location"])).json()
    checked = (await api.get(look.headers["location"])).json()
    rejected = await api.get(f"{began.headers['location']}/rejected")

    assert (began.status_code, waiting.json()["state"]) == (202, "waiting")
    assert (again.json(), again.headers["idempotent-replayed"]) == (began.json(), "true")
    assert (checked["state"], len(checked["result"]["preview"])) == ("done", 3), checked
    assert done["state"] == "done", done
    figures = {name: done["result"][name] for name in ("lines", "created", "updated", "rejected")}
    assert figures == {"lines": 3, "created": 1, "updated": 1, "rejected": 1}
    assert "nonsense" in rejected.text
    assert await rows("SELECT country FROM contact WHERE id = 1") == [("DE",)]
    assert await rows("SELECT name FROM job_file") == [("rejected",)]
    listed = await api.get("/api/jobs", params={"state": "done"})
    assert {one["kind"] for one in listed.json()["items"]} == {"import", "check_import"}


async def test_what_cannot_be_imported_is_refused_before_it_is_begun(
    api: httpx2.AsyncClient, rows: Rows
) -> None:
    wrong = json.dumps({"as": "contacts", "fields": {}})
    answers = [
        await api.post("/api/imports", params={"kind": "shoes"}, content=CSV),
        await api.post("/api/imports", params={"kind": "contacts", "mapping": wrong}, content=CSV),
        await api.post("/api/imports", params={"kind": "contacts", "mapping": "{"}, content=CSV),
        await api.post("/api/imports", params={"kind": "contacts"}, content=b""),
    ]

    assert [one.status_code for one in answers] == [422] * 4
    assert codes(answers[0]) == [("?kind", "unknown_kind")]
    assert await rows("SELECT 1 FROM job") == []


async def test_many_contacts_are_changed_by_a_job(
    api: httpx2.AsyncClient, means: JobMeans, rows: Rows
) -> None:
    here = {"==": [{"var": "contact.country"}, "SG"]}
    order = {"filter": here, "order": {"add_tags": ["vip"]}}
    began = await api.post("/api/contacts/changes", json=order)
    unknown = {"filter": here, "order": {"set_field": "shoe_size", "value": 1}}
    refused = await api.post("/api/contacts/changes", json=unknown)
    await finished(means)
    done = (await api.get(began.headers["location"])).json()

    assert (refused.status_code, codes(refused)) == (422, [("/shoe_size", "unknown_field")])
    assert (done["state"], done["result"]) == ("done", {"looked_at": 2, "changed": 2})
    assert await rows("SELECT contact_id FROM contact_tag ORDER BY 1") == [(ADA,), (BEN,)]


async def test_a_job_whose_worker_died_is_taken_up_again(
    api: httpx2.AsyncClient, means: JobMeans, store: Store, clock: Clock
) -> None:
    began = await start_import(api)
    async with store.transaction() as session:
        taken = await rows_of_jobs.take_up(session, clock.now(), LEASE)
        assert taken is not None
    early = await carry_out_next(means)
    clock.advance(LEASE + timedelta(seconds=1))
    late = await carry_out_next(means)
    done = (await api.get(began.headers["location"])).json()

    assert (early.did, early.next_look is not None, late.did) == (False, True, True)
    assert (done["state"], done["attempts"]) == ("done", 2)


async def test_a_job_that_never_ends_is_given_up(
    api: httpx2.AsyncClient, means: JobMeans, store: Store
) -> None:
    began = await start_import(api)
    async with store.transaction() as session:
        await session.execute(text("UPDATE job SET attempts = :most"), {"most": MOST_ATTEMPTS})
    await finished(means)
    done = (await api.get(began.headers["location"])).json()

    assert (done["state"], done["problem"]["code"]) == ("failed", "gave_up")


async def test_a_job_has_the_permissions_of_its_key_while_it_is_carried_out(
    api: httpx2.AsyncClient, means: JobMeans, store: Store, rows: Rows
) -> None:
    began = await start_import(api)
    async with store.transaction() as session:
        await session.execute(text("""UPDATE api_key SET scopes = '{read:contact}'"""))
    await finished(means)
    done = (await api.get(began.headers["location"])).json()

    assert (done["state"], done["problem"]["code"]) == ("failed", "not_allowed")
    assert await rows("SELECT count(*) FROM contact") == [(3,)]


async def test_a_cancelled_job_is_not_carried_out_and_others_see_none_of_it(
    api: httpx2.AsyncClient, means: JobMeans, store: Store, clock: Clock, rows: Rows
) -> None:
    began = await start_import(api)
    place = began.headers["location"]
    stranger = bearer(await key_for(store, clock, "sales_manager", EVERYTHING))
    hidden = await api.get(place, headers=stranger)
    cancelled = await api.post(f"{place}/cancel")
    twice = await api.post(f"{place}/cancel")
    await finished(means)

    assert hidden.status_code == 404
    assert (cancelled.json()["state"], twice.status_code) == ("cancelled", 409)
    assert await rows("SELECT count(*) FROM contact") == [(3,)]
    assert await rows("SELECT 1 FROM job_file") == []
