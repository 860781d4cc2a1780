"""Whatever is asked of the API, it answers as its description says, and never with our mistake."""

from __future__ import annotations

import os
from collections import Counter

import httpx2
from fastapi import FastAPI
from sqlalchemy import insert

from crm_store.models import Ticket
from crm_store.session import Store
from engine.api.shapes.templates import FILES
from tests.api.any_request import Maker, Sent, misfits
from tests.api.deals_of_trial import furnish_deals
from tests.api.furnished_approvals import furnish_approvals
from tests.api.furnished_assignments import furnish_assignments
from tests.api.furnished_escalations import furnish_escalations
from tests.api.furnished_insight import furnish_insight
from tests.api.furnished_people import furnish_people
from tests.api.furnished_records import Box, furnish_definitions, furnish_records
from tests.api.people import ADA, EVERYTHING, bearer, key_for
from tests.api.trial_flow import publish_trial
from tests.clock import Clock

REQUESTS = int(os.environ.get("REQUESTS", "900"))
SEED = int(os.environ.get("SEED", "5"))
# Each key has its minute; questions to all contacts use it up ten times as fast.
FOR_ONE_KEY = 60


async def test_every_answer_is_one_that_is_described(
    app: FastAPI, api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    await api.post("/api/segments", json={"name": "sg", "label": "SG", "rule": True})
    for name in ("vips", "press"):
        await api.post("/api/segments", json={"name": name, "label": name, "kind": "static"})
    await api.post("/api/segments/press/members", json={"contact_ids": [ADA]})
    await publish_trial(store, clock)
    await api.put("/api/files/terms", content=b"a,b", headers={"Content-Type": "text/csv"})
    await api.put("/api/templates/spring", json={"files": FILES})
    await api.post("/api/templates/spring/publish", json={}, headers={"If-Match": "*"})
    await api.put("/api/topics/news", json={"label": "News"})
    asked = {"contact_id": ADA, "opened_at": clock.now()}
    async with store.transaction() as session:
        await session.execute(insert(Ticket), [{"subject": one, **asked} for one in "AB"])
        await furnish_deals(session, ADA, clock.now())
        await furnish_assignments(session, clock.now())
        await furnish_insight(session)
        await furnish_records(session)
    await furnish_approvals(store, clock.now())
    admin = await key_for(store, clock, "admin", EVERYTHING)
    await furnish_people(api, admin)
    await furnish_definitions(api, admin)
    app.state.parts.mailbox = Box()
    await furnish_escalations(api, admin)
    document = (await api.get("/openapi.json")).json()
    told: Counter[tuple[str, int]] = Counter()
    key = ""
    for number, sent in enumerate(Maker(document, SEED).requests(REQUESTS)):
        if number % FOR_ONE_KEY == 0:
            key = await key_for(store, clock, "admin", EVERYTHING)
        answer = await api.request(
            sent.method, sent.path, content=sent.body, headers=sent.headers | bearer(key)
        )
        told[sent.operation["operationId"], answer.status_code] += 1
        assert_described(sent, answer, document)

    answered = {operation for operation, status in told if status < 300}
    refused = {operation for operation, status in told if status >= 400}
    every = {operation["operationId"] for _, _, operation in Maker(document, SEED).operations}
    # the mix is only worth something when many operations are answered both ways, whatever the seed
    assert len(answered) >= 0.45 * len(every), sorted(every - answered)
    assert len(refused) >= 0.5 * len(every), sorted(every - refused)


def assert_described(sent: Sent, answer: httpx2.Response, document: dict[str, object]) -> None:
    what = (sent.method, sent.path, sent.body, sent.headers, answer.text)
    assert answer.status_code < 500, what
    described = sent.operation["responses"].get(str(answer.status_code))
    assert described is not None, what
    if "content" not in described:
        assert answer.content == b"", what
        return
    media = answer.headers["content-type"].partition(";")[0]
    assert media in described["content"], what
    if not media.endswith("json"):
        return
    assert misfits(answer.json(), described["content"][media]["schema"], document) == [], what
