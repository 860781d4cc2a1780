"""People, teams, absences and definitions through the API."""

from __future__ import annotations

import httpx2

from crm_store.session import Store
from tests.api.people import bearer, codes, key_for
from tests.clock import Clock

POLICY = "escalation_policy: night\nlabel: Night\nlevels:\n  - {to: owner, after: 1h}\n"


async def as_role(api: httpx2.AsyncClient, store: Store, clock: Clock, role: str) -> None:
    key = await key_for(store, clock, role, ["read:*", "write:*"])
    api.headers.update(bearer(key))


async def test_teams_are_made_filled_and_found_by_their_people(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    await as_role(api, store, clock, "admin")
    made = await api.post("/api/teams", json={"name": "East", "calendar": "default"})
    assert made.status_code == 201
    team = made.json()["id"]
    assert (await api.post("/api/teams", json={"name": "east"})).status_code == 409
    wrong = await api.put(f"/api/teams/{team}", json={"name": "E", "head_id": 999})
    assert codes(wrong) == [("/head_id", "unknown_person")]
    page = (await api.get("/api/people?limit=1")).json()
    (first,) = page["items"]
    assert page["next"] is not None
    there = await api.post(f"/api/teams/{team}/members", json={"user_ids": [first["id"]]})
    assert there.status_code == 204
    (again,) = (await api.get("/api/people?limit=1")).json()["items"]
    assert (again["team"], again["acting_id"]) == ("East", first["id"])
    assert (await api.delete(f"/api/teams/{team}")).status_code == 409
    assert (await api.get("/api/people/findings")).json() == {"problems": []}


async def test_addresses_are_shown_to_those_who_may_see_users(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    await as_role(api, store, clock, "rep")
    assert {one["email"] for one in (await api.get("/api/people")).json()["items"]} == {None}
    await as_role(api, store, clock, "admin")
    assert None not in {one["email"] for one in (await api.get("/api/people")).json()["items"]}


async def test_people_enter_their_own_absences_and_their_notes_stay_theirs(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    await as_role(api, store, clock, "rep")
    given = {"starts_at": "2099-08-01T00:00:00+02:00", "ends_at": "2099-08-15T00:00:00+02:00"}
    made = await api.post("/api/absences", json=given | {"note": "surgery"})
    assert made.status_code == 201
    assert [one["code"] for one in made.json()["warnings"]] == ["no_deputy"]
    absence = f"/api/absences/{made.json()['id']}"
    assert (await api.post("/api/absences", json=given)).status_code == 409
    others = await api.post("/api/absences", json=given | {"user_id": 1})
    assert others.status_code == 403
    backward = given | {"ends_at": "2099-07-01T00:00:00Z"}
    assert codes(await api.put(absence, json=backward)) == [("/ends_at", "order")]
    (mine,) = (await api.get("/api/absences")).json()["items"]
    assert (mine["note"], mine["ends_at"]) == ("surgery", "2099-08-14T22:00:00Z")
    await as_role(api, store, clock, "service")
    (seen,) = (await api.get("/api/absences")).json()["items"]
    assert seen["note"] is None
    assert (await api.delete(absence)).status_code == 403
    await as_role(api, store, clock, "sales_manager")
    assert (await api.delete(absence)).status_code == 204
    assert (await api.get("/api/absences")).json() == {"next": None, "items": []}


async def test_a_definition_is_checked_published_and_read_back(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    await as_role(api, store, clock, "sales_manager")
    wrong = {"source": POLICY.replace("owner", "nobody at all")}
    checked = (await api.post("/api/definitions/check", json=wrong)).json()
    assert (checked["ok"], checked["kind"], checked["name"]) == (
        False,
        "escalation_policy",
        "night",
    )
    assert [one["place"] for one in checked["problems"]] == ["definition.yaml:4:6"]
    odd = {
        "source": "pipeline: p\nstages:\n  - {key: talk}\n  - {key: won, kind: won}\n"
        "  - {key: lost, kind: lost}\n"
    }
    checked = (await api.post("/api/definitions/check", json=odd)).json()
    assert (checked["ok"], [one["code"] for one in checked["warnings"]]) == (
        True,
        ["no_probability"],
    )
    refused = await api.post("/api/definitions/publish", json=wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "definition_refused")
    done = await api.post("/api/definitions/publish", json={"source": POLICY, "note": "first"})
    assert done.json() | {"hash": ""} == {
        "kind": "escalation_policy",
        "name": "night",
        "number": 1,
        "hash": "",
        "changed": True,
    }
    shown = (await api.get("/api/definitions/escalation_policy/night")).json()
    assert (shown["source"], shown["label"]) == (POLICY, "Night")
    assert [one["note"] for one in shown["versions"]] == ["first"]
    (line,) = (await api.get("/api/definitions?kind=escalation_policy")).json()["items"]
    assert (line["number"], line["versions"], line["state"]) == (1, 1, "active")
    chain = "approval_chain: x\nlevels: []\n"
    answer = await api.post("/api/definitions/publish", json={"source": chain})
    assert answer.status_code == 403
    for path in ("escalation_policy/none", "pipeline/night"):
        assert (await api.get(f"/api/definitions/{path}")).status_code == 404
    assert (await api.get("/api/definitions/recipe/night")).status_code in (404, 422)
