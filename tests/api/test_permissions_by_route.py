"""Each operation, by each role and with each scope: allowed or refused, and the rows say so too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from crm_store.session import Store
from engine.api.app import create_app
from engine.api.shapes.templates import FILES
from engine.settings import load
from tests.api.access_operations import WALKED as WALKED_AS_ACCESS
from tests.api.conftest import Parts
from tests.api.deals_of_trial import DEALS, furnish_deals
from tests.api.furnished_approvals import APPROVALS, furnish_approvals
from tests.api.furnished_assignments import ASSIGNMENTS, furnish_assignments
from tests.api.furnished_escalations import ESCALATIONS, furnish_escalations
from tests.api.furnished_insight import INSIGHT, furnish_insight
from tests.api.furnished_notices import NOTICES, furnish_notices
from tests.api.furnished_people import PEOPLE_AND_RULES, furnish_people
from tests.api.furnished_privacy import PRIVACY, furnish_privacy
from tests.api.furnished_sources import SOURCES, STATE_OF_SOURCES, furnish_sources
from tests.api.furnished_tickets import TICKETS, furnish_tickets
from tests.api.furnished_webhooks import STATE_OF_WEBHOOKS, WEBHOOKS, furnish_webhooks
from tests.api.operation import EVERYBODY, KEEPERS, Operation
from tests.api.people import ADA, EVERYTHING, bearer, fill, key_for
from tests.api.record_operations import WALKED as WALKED_APART
from tests.api.trial_flow import publish_trial
from tests.api.walking import Walk, call
from tests.clock import Clock
from tests.servers import Databases

Rows = Callable[..., Any]
EDITORS = ("admin", "marketer")
NEW = {"name": "new_one", "label": "New", "rule": True}
RULE = {"rule": {"==": [{"var": "contact.country"}, "SG"]}}
CONTACT, SEGMENT, FLOW = "read:contact", "read:segment", "read:flow"


SALES = ("admin", "sales_manager")
WRITE = "write:segment"
TEMPLATE, WRITE_TEMPLATE = "read:template", "write:template"
ANY = {"If-Match": "*"}
OPERATIONS = (
    *PRIVACY,
    *SOURCES,
    *APPROVALS,
    *ASSIGNMENTS,
    *DEALS,
    *ESCALATIONS,
    *INSIGHT,
    *NOTICES,
    *TICKETS,
    *WEBHOOKS,
    *PEOPLE_AND_RULES,
    Operation("list_facts", "GET", "/api/facts", (CONTACT,)),
    Operation("check_rule", "POST", "/api/rules/check", (CONTACT,), body=RULE),
    Operation("count_rule", "POST", "/api/rules/count", (CONTACT,), body=RULE),
    Operation("sample_rule", "POST", "/api/rules/sample", (CONTACT,), body=RULE),
    Operation(
        "explain_rule", "POST", "/api/rules/explain", (CONTACT,), body=RULE | {"contact": ADA}
    ),
    Operation("get_message_results", "GET", "/api/message-results?by=flow", ("read:message",)),
    Operation("get_message_results_csv", "GET", "/api/message-results/csv", ("read:message",)),
    Operation("list_message_links", "GET", "/api/message-results/links", ("read:message",)),
    Operation("get_message_response", "GET", "/api/message-results/response", ("read:message",)),
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
    Operation("list_channels", "GET", "/api/channels", ("read:channel",), EDITORS),
    Operation("list_senders", "GET", "/api/senders", ("read:channel",), EDITORS),
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
    Operation("get_sending_policy", "GET", "/api/sending-policy", ("read:sending_policy",)),
    Operation(
        "check_sending_policy",
        "POST",
        "/api/sending-policy/check",
        ("read:sending_policy",),
        body={"policy": {}},
    ),
    Operation(
        "put_sending_policy",
        "PUT",
        "/api/sending-policy",
        ("write:sending_policy", "read:sending_policy"),
        EDITORS,
        {"policy": {"caps": [{"most": 1, "per": "day"}]}},
        ANY,
        changes=True,
    ),
    Operation("list_files", "GET", "/api/files", ("read:file",)),
    Operation("get_file", "GET", "/api/files/terms", ("read:file",)),
    Operation("get_file_content", "GET", "/api/files/terms/content", ("read:file",)),
    Operation(
        "add_file",
        "PUT",
        "/api/files/words",
        ("write:file",),
        EDITORS,
        "a,b",
        {"Content-Type": "text/csv"},
        changes=True,
    ),
    Operation("delete_file", "DELETE", "/api/files/terms", ("write:file",), EDITORS, changes=True),
    Operation(
        "preview_template",
        "POST",
        "/api/templates/offer/preview",
        ("read:template", CONTACT),
        body={"contact": ADA},
    ),
    Operation(
        "proof_template",
        "POST",
        "/api/templates/offer/proof",
        ("read:template", CONTACT, SEGMENT),
        body={"segment": "press", "people": 1},
    ),
    Operation(
        "test_template",
        "POST",
        "/api/templates/offer/test",
        ("write:message", CONTACT),
        EDITORS,
        {"contact": ADA},
        changes=True,
    ),
    Operation("list_templates", "GET", "/api/templates", (TEMPLATE,)),
    Operation("get_template", "GET", "/api/templates/offer", (TEMPLATE,)),
    Operation("get_template_version", "GET", "/api/templates/spring/versions/1", (TEMPLATE,)),
    Operation(
        "check_template", "POST", "/api/templates/spring/check", (TEMPLATE,), body={"files": {}}
    ),
    Operation("render_template", "POST", "/api/templates/spring/render", (TEMPLATE,), body={}),
    Operation(
        "save_template",
        "PUT",
        "/api/templates/spring",
        (WRITE_TEMPLATE, TEMPLATE),
        EDITORS,
        {"files": FILES | {"subject.txt": "Another"}},
        ANY,
        changes=True,
    ),
    Operation(
        "publish_template",
        "POST",
        "/api/templates/spring/publish",
        (WRITE_TEMPLATE,),
        EDITORS,
        {},
        ANY,
        changes=True,
    ),
    Operation(
        "retire_template",
        "POST",
        "/api/templates/spring/retire",
        (WRITE_TEMPLATE,),
        EDITORS,
        changes=True,
    ),
    Operation("list_topics", "GET", "/api/topics", ("read:message",)),
    Operation(
        "put_topic",
        "PUT",
        "/api/topics/tips",
        ("write:message",),
        EDITORS,
        {"label": "Tips"},
        changes=True,
    ),
    Operation(
        "delete_topic", "DELETE", "/api/topics/news", ("write:message",), EDITORS, changes=True
    ),
    Operation("get_preferences", "GET", f"/api/contacts/{ADA}/preferences", (CONTACT,)),
    Operation(
        "change_preferences",
        "PATCH",
        f"/api/contacts/{ADA}/preferences",
        ("write:contact", CONTACT),
        KEEPERS,
        {"unmeasured": True},
        changes=True,
    ),
    Operation(
        "record_consent",
        "PUT",
        f"/api/contacts/{ADA}/consents",
        ("write:contact", CONTACT),
        KEEPERS,
        {"purpose": "marketing", "granted": True, "source": "a_form"},
        changes=True,
    ),
    Operation(
        "ask_for_consent",
        "POST",
        f"/api/contacts/{ADA}/subscription-requests",
        ("write:contact",),
        KEEPERS,
        {"source": "a_form"},
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


@pytest.fixture(autouse=True)
def secret_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets of webhooks are sealed with it."""
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")


@pytest.fixture(scope="session")
def furnished_database(databases: Databases) -> Iterator[str]:
    """The name of one that is furnished once; each change is tried on a copy of it."""
    name = databases.fresh()
    # The loop of the tests is not ours to run in.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, furnish(databases.url(name))).result()
    yield name
    databases.drop(name)


@pytest.fixture
def database_url(databases: Databases, furnished_database: str) -> Iterator[str]:
    name = databases.fresh(furnished_database)
    yield databases.url(name)
    databases.drop(name)


async def furnish(url: str) -> None:
    """There are a rule segment `sg` and the lists `vips`, empty, and `press` with Ada, and a
    published flow `trial`, and something of everything else that operations are about."""
    store, clock = Store(url), Clock()
    await fill(store, clock)
    transport = httpx2.ASGITransport(create_app(Parts(load(), store, clock.now)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as api:
        api.headers.update(bearer(await key_for(store, clock, "marketer", EVERYTHING)))
        await furnish_through(api, store, clock)
    await store.close()


async def furnish_through(api: httpx2.AsyncClient, store: Store, clock: Clock) -> None:
    await publish_trial(store, clock)
    await api.post("/api/segments", json={"name": "sg", "label": "SG", **RULE})
    for name in ("vips", "press"):
        await api.post("/api/segments", json={"name": name, "label": name, "kind": "static"})
    await api.post("/api/segments/press/members", json={"contact_ids": [ADA]})
    csv = {"Content-Type": "text/csv"}
    await api.put("/api/files/terms", content=b"a,b", headers=csv)
    await api.put("/api/templates/spring", json={"files": FILES})
    await api.put("/api/topics/news", json={"label": "News"})
    async with store.transaction() as session:
        await furnish_tickets(session, clock.now())
        await furnish_deals(session, ADA, clock.now())
        await furnish_assignments(session, clock.now())
        await furnish_insight(session)
        await furnish_webhooks(session, ADA)
    await furnish_approvals(store, clock.now())
    admin = await key_for(store, clock, "admin", ["read:*", "write:*"])
    await furnish_people(api, admin)
    await furnish_escalations(api, admin)
    await key_for(store, clock, "marketer", ["read:notice"])
    async with store.transaction() as session:
        await furnish_notices(session)
    await furnish_privacy(store, clock.now())
    await furnish_sources(store, clock.now())
    anything = {"If-Match": "*"}
    await api.post("/api/templates/spring/publish", json={}, headers=anything)
    await api.put(
        "/api/templates/spring",
        json={"files": FILES | {"body.txt": "{{ unsubscribe_url }}"}},
        headers=anything,
    )


STATE = f"""
    SELECT {STATE_OF_WEBHOOKS}, {STATE_OF_SOURCES},
           (SELECT jsonb_agg(to_jsonb(s) - 'due_at' ORDER BY id) FROM segment s),
           (SELECT jsonb_agg(to_jsonb(m) ORDER BY segment_id, contact_id) FROM segment_member m),
           (SELECT count(*) FROM audit WHERE subject_kind IN ('segment', 'test_message')),
           (SELECT count(*) FROM stored_file), (SELECT count(*) FROM sending_policy),
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM message_template t),
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY slug) FROM topic t),
           (SELECT jsonb_agg(to_jsonb(p)) FROM contact_preference p),
           (SELECT jsonb_agg(to_jsonb(c)) FROM consent c), (SELECT count(*) FROM consent_request),
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM ticket t),
           (SELECT jsonb_agg(to_jsonb(d) ORDER BY id) FROM deal d),
           (SELECT count(*) FROM ticket_policy),
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM team t),
           (SELECT jsonb_agg(to_jsonb(a) ORDER BY id) FROM absence a),
           (SELECT jsonb_agg(to_jsonb(d) ORDER BY id) FROM definition d),
           (SELECT jsonb_agg(to_jsonb(e) ORDER BY id) FROM escalation_case e),
           (SELECT count(*) FROM duty_override), (SELECT count(*) FROM assignment_choice),
           (SELECT count(*) FROM notice WHERE read_at IS NULL), (SELECT count(*) FROM notice_way),
           (SELECT count(*) FROM approval_decision), (SELECT count(*) FROM approval_comment),
           (SELECT jsonb_agg(to_jsonb(h) ORDER BY id) FROM handover h),
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM target t),
           (SELECT jsonb_agg(to_jsonb(p) ORDER BY id) FROM privacy_request p),
           (SELECT jsonb_agg(team_id ORDER BY id) FROM "user" WHERE team_id IS NOT NULL)
"""


class Keyring:
    """Keys of people with roles and scopes; the same one is made once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._made: dict[tuple[str, tuple[str, ...]], str] = {}

    async def key(self, role: str, scopes: Iterable[str]) -> str:
        wanted = (role, tuple(sorted(scopes)))
        if wanted not in self._made:
            self._made[wanted] = await key_for(self._store, self._clock, *wanted)
        return self._made[wanted]


@pytest.fixture
def keyring(store: Store, clock: Clock) -> Keyring:
    return Keyring(store, clock)


async def refused_where_it_should_be(
    client: httpx2.AsyncClient, keyring: Keyring, what: Operation
) -> None:
    for role in EVERYBODY:
        if role not in what.roles:
            assert await call(client, what, await keyring.key(role, ["read:*"])) == 403, role
            continue
        for missing in what.needs:
            kept = {"read:account", *what.needs} - {missing}
            assert await call(client, what, await keyring.key(role, kept)) == 403, (role, missing)


async def test_looking_takes_the_scopes_it_needs_and_no_more(
    client: httpx2.AsyncClient, keyring: Keyring, rows: Rows
) -> None:
    before = await rows(STATE)
    for what in (one for one in OPERATIONS if not one.changes):
        await refused_where_it_should_be(client, keyring, what)
        for role in what.roles:
            key = await keyring.key(role, what.needs)
            assert await call(client, what, key) == 200, (what.id, role)
    assert await rows(STATE) == before


CHANGES = [one for one in OPERATIONS if one.changes]


async def test_without_role_or_scope_nothing_is_changed(
    client: httpx2.AsyncClient, keyring: Keyring, rows: Rows
) -> None:
    before = await rows(STATE)
    for what in CHANGES:
        await refused_where_it_should_be(client, keyring, what)
        assert await rows(STATE) == before, what.id


async def test_role_and_scopes_are_enough_for_each_change(
    databases: Databases, furnished_database: str, clock: Clock
) -> None:
    walk = Walk(databases, furnished_database, clock, STATE)
    wrong = []
    for what in CHANGES:
        status, changed = await walk.change(what)
        if status not in (200, 201, 202, 204) or not changed:
            wrong.append((what.id, status, changed))

    assert wrong == []


def test_every_operation_of_the_api_is_walked(app: FastAPI) -> None:
    described = {
        operation["operationId"]
        for path, methods in app.openapi()["paths"].items()
        for operation in methods.values()
        if path.startswith("/api/")
    }

    assert described == {what.id for what in OPERATIONS} | WALKED_APART | WALKED_AS_ACCESS
