"""Each operation, by each role and with each scope: allowed or refused, and the rows say so too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from crm_store.session import Store
from engine.services.people import ROLES
from tests.api.people import ADA, bearer, key_for
from tests.api.trial_flow import publish_trial
from tests.clock import Clock

Rows = Callable[..., Any]
EDITORS = ("admin", "marketer")
EVERYBODY = tuple(ROLES)
NEW = {"name": "new_one", "label": "New", "rule": True}
RULE = {"rule": {"==": [{"var": "contact.country"}, "SG"]}}
CONTACT, SEGMENT, FLOW = "read:contact", "read:segment", "read:flow"


@dataclass(frozen=True)
class Operation:
    """`needs` are the scopes without one of which it is refused; `roles` may do it."""

    id: str
    method: str
    path: str
    needs: tuple[str, ...]
    roles: tuple[str, ...] = EVERYBODY
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    changes: bool = False


WRITE = "write:segment"
ANY = {"If-Match": "*"}
OPERATIONS = (
    Operation("list_facts", "GET", "/api/facts", (CONTACT,)),
    Operation("check_rule", "POST", "/api/rules/check", (CONTACT,), body=RULE),
    Operation("count_rule", "POST", "/api/rules/count", (CONTACT,), body=RULE),
    Operation("sample_rule", "POST", "/api/rules/sample", (CONTACT,), body=RULE),
    Operation(
        "explain_rule", "POST", "/api/rules/explain", (CONTACT,), body=RULE | {"contact": ADA}
    ),
    Operation("get_flow_results", "GET", "/api/flows/trial/results", (FLOW,)),
    Operation(
        "simulate_flow", "POST", "/api/flows/trial/simulations", (FLOW, CONTACT), body={"days": 2}
    ),
    Operation(
        "backtest_flow",
        "POST",
        "/api/flows/trial/backtests",
        (FLOW, CONTACT, "read:run"),
        body={"from": "2026-02-01T00:00:00Z", "until": "2026-02-08T00:00:00Z"},
    ),
    Operation("list_flow_splits", "GET", "/api/flows/trial/splits", (FLOW,)),
    Operation("list_segments", "GET", "/api/segments", (SEGMENT,)),
    Operation("get_segment", "GET", "/api/segments/vips", (SEGMENT,)),
    Operation("count_segment_days", "GET", "/api/segments/vips/counts", (SEGMENT,)),
    Operation("overlap_segments", "GET", "/api/segments/vips/overlap?other=sg", (SEGMENT,)),
    Operation("list_segment_members", "GET", "/api/segments/vips/members", (SEGMENT, CONTACT)),
    Operation(
        "create_segment",
        "POST",
        "/api/segments",
        (WRITE, SEGMENT, CONTACT),
        EDITORS,
        NEW,
        changes=True,
    ),
    Operation(
        "change_segment",
        "PATCH",
        "/api/segments/sg",
        (WRITE, SEGMENT),
        EDITORS,
        {"label": "Other"},
        ANY,
        changes=True,
    ),
    Operation(
        "delete_segment", "DELETE", "/api/segments/sg", (WRITE,), EDITORS, None, ANY, changes=True
    ),
    Operation(
        "add_segment_members",
        "POST",
        "/api/segments/vips/members",
        (WRITE,),
        EDITORS,
        {"contact_ids": [ADA]},
        changes=True,
    ),
    Operation(
        "remove_segment_members",
        "POST",
        "/api/segments/press/members/remove",
        (WRITE,),
        EDITORS,
        {"contact_ids": [ADA]},
        changes=True,
    ),
    Operation(
        "recount_segment",
        "POST",
        "/api/segments/sg/recount",
        (WRITE,),
        EDITORS,
        changes=True,
    ),
)


@pytest.fixture
async def furnished(api: httpx2.AsyncClient, store: Store, clock: Clock) -> httpx2.AsyncClient:
    """There are a rule segment `sg` and the lists `vips`, empty, and `press` with Ada, and a
    published flow `trial`."""
    await publish_trial(store, clock)
    await api.post("/api/segments", json={"name": "sg", "label": "SG", **RULE})
    for name in ("vips", "press"):
        await api.post("/api/segments", json={"name": name, "label": name, "kind": "static"})
    await api.post("/api/segments/press/members", json={"contact_ids": [ADA]})
    return api


STATE = """
    SELECT (SELECT jsonb_agg(to_jsonb(s) - 'due_at' ORDER BY id) FROM segment s),
           (SELECT jsonb_agg(to_jsonb(m) ORDER BY segment_id, contact_id) FROM segment_member m),
           (SELECT count(*) FROM audit WHERE subject_kind = 'segment')
"""


async def call(client: httpx2.AsyncClient, what: Operation, key: str) -> int:
    answer = await client.request(
        what.method, what.path, json=what.body, headers=bearer(key) | what.headers
    )
    assert answer.status_code < 500
    return answer.status_code


async def refused_where_it_should_be(
    client: httpx2.AsyncClient, store: Store, clock: Clock, what: Operation
) -> None:
    for role in EVERYBODY:
        if role not in what.roles:
            key = await key_for(store, clock, role, ["read:*"])
            assert await call(client, what, key) == 403, role
            continue
        for missing in what.needs:
            kept = sorted({"read:account", *what.needs} - {missing})
            key = await key_for(store, clock, role, kept)
            assert await call(client, what, key) == 403, (role, missing)


async def test_looking_takes_the_scopes_it_needs_and_no_more(
    furnished: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows
) -> None:
    before = await rows(STATE)
    for what in (one for one in OPERATIONS if not one.changes):
        await refused_where_it_should_be(furnished, store, clock, what)
        for role in what.roles:
            key = await key_for(store, clock, role, what.needs)
            assert await call(furnished, what, key) == 200, (what.id, role)
    assert await rows(STATE) == before


CHANGES = [one for one in OPERATIONS if one.changes]


@pytest.mark.parametrize("what", CHANGES, ids=lambda one: one.id)
async def test_a_change_takes_role_and_scopes_and_without_them_changes_nothing(
    furnished: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows, what: Operation
) -> None:
    before = await rows(STATE)
    await refused_where_it_should_be(furnished, store, clock, what)
    assert await rows(STATE) == before
    key = await key_for(store, clock, "marketer", what.needs)
    assert await call(furnished, what, key) in (200, 201, 202, 204)
    assert await rows(STATE) != before


def test_every_operation_of_the_api_is_walked(app: FastAPI) -> None:
    described = {
        operation["operationId"]
        for path, methods in app.openapi()["paths"].items()
        for operation in methods.values()
        if path.startswith("/api/")
    }

    assert described == {what.id for what in OPERATIONS}
