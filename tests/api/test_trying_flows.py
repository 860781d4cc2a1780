"""Simulations and backtests through the API."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from crm_store.session import Store
from tests.api.people import ADA, CLEO, codes
from tests.api.trial_flow import publish_trial
from tests.clock import Clock

SIMULATIONS, BACKTESTS = "/api/flows/trial/simulations", "/api/flows/trial/backtests"
FROM = "2026-03-02T09:00:00Z"
EIGHT = {"start": "8", "end": "09:00"}
JANUARY = {"from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}


@pytest.fixture
async def trial(api: httpx2.AsyncClient, store: Store, clock: Clock) -> httpx2.AsyncClient:
    await publish_trial(store, clock)
    return api


def signs_up(who: int | str) -> dict[str, Any]:
    return {"at": "2026-03-02T10:00:00Z", "contact": who, "event": "Signed Up"}


async def test_a_simulation_says_who_goes_where(trial: httpx2.AsyncClient) -> None:
    asked = {
        "from": FROM,
        "days": 3,
        "events": [signs_up(ADA), signs_up("cleo@example.com")],
        "people": [CLEO],
    }
    answer = await trial.post(SIMULATIONS, json=asked)
    told = answer.json()
    assert answer.status_code == 200
    assert (told["people"]["taken_part"], told["people"]["entered"]) == (3, 2)
    assert told["from"] == FROM
    assert {one["person"] for one in told["timelines"]} == {ADA, CLEO}
    assert told["nodes"][0]["node"] == "ways"
    again = await trial.post(SIMULATIONS, json=asked)
    assert again.json() == told


async def test_a_rule_and_a_sample_narrow_who_takes_part(trial: httpx2.AsyncClient) -> None:
    rule = {"==": [{"var": "contact.country"}, "SG"]}
    answer = await trial.post(SIMULATIONS, json={"rule": rule, "sample": True, "contacts": 2})
    assert answer.json()["people"]["taken_part"] == 2


async def test_a_backtest_says_who_would_have_entered(trial: httpx2.AsyncClient) -> None:
    answer = await trial.post(BACKTESTS, json=JANUARY | {"version": "published"})
    told = answer.json()
    assert answer.status_code == 200
    assert (told["from"], told["would_enter"]) == (JANUARY["from"], {"people": 0, "entries": 0})


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (SIMULATIONS, {"contacts": 10_000, "days": 366}, 422, "value_error"),
        (SIMULATIONS, {"days": 0}, 422, "greater_than_equal"),
        (SIMULATIONS, {"quiet_hours": EIGHT}, 422, "string_pattern_mismatch"),
        (
            SIMULATIONS,
            {"habits": [{"event": "x", "percent": 1, "within": "soon"}]},
            422,
            "bad_span",
        ),
        (SIMULATIONS, {"unknown": 1}, 422, "extra_forbidden"),
        (SIMULATIONS, {"audience": "nobodys"}, 422, "unknown_segment"),
        (BACKTESTS, {"until": JANUARY["until"]}, 422, "missing"),
    ],
)
async def test_what_makes_no_sense_is_named(
    trial: httpx2.AsyncClient, path: str, body: Any, status: int, code: str
) -> None:
    answer = await trial.post(path, json=body)
    assert answer.status_code == status
    assert code in {found for _, found in codes(answer)}


async def test_an_empty_stretch_and_an_unknown_flow_are_refused(trial: httpx2.AsyncClient) -> None:
    turned = {"from": JANUARY["until"], "until": JANUARY["from"]}
    assert (await trial.post(BACKTESTS, json=turned)).status_code == 422
    for path in (SIMULATIONS, BACKTESTS):
        unknown = path.replace("trial", "nobodys")
        assert (await trial.post(unknown, json=JANUARY | {})).status_code in (404, 422)
    assert (await trial.post("/api/flows/nobodys/simulations", json={})).status_code == 404
