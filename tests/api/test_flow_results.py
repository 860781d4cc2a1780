"""Results of a flow through the API."""

from __future__ import annotations

from typing import Any

import httpx2

from crm_store.session import Store
from tests.api.trial_flow import publish_trial
from tests.clock import Clock


async def test_results_hold_goal_groups_lift_and_revenue(
    api: httpx2.AsyncClient, store: Store, clock: Clock, rows: Any
) -> None:
    published = await publish_trial(store, clock)
    async with store.connection() as connection:
        await connection.exec_driver_sql(
            f"""
            INSERT INTO run (flow_id, flow_version_id, subject_id, entry_key, shard, state, node,
                             visit, outcome, entered_at, moved_at)
            SELECT {published.flow_id}, {published.version_id}, n, 'once', 0, 'ended', 'done', 1,
                   CASE WHEN mod(n, 2) = 0 THEN 'holdout' ELSE 'done' END, now(), now()
            FROM generate_series(1, 1000) n
            """
        )
        await connection.exec_driver_sql(
            """
            INSERT INTO goal_reached (run_id, flow_id, subject_id, reached_at, amount_minor,
                                      currency, base_minor)
            SELECT id, flow_id, subject_id, now(), 250, 'USD', 250 FROM run
            WHERE mod(subject_id, 10) = 1 OR mod(subject_id, 50) = 0
            """
        )
    answer = await api.get("/api/flows/trial/results")
    assert answer.status_code == 200
    got = answer.json()
    assert got["goal"] == {"event": "Order Completed", "within": "30d", "revenue": "order_total"}
    assert (got["inside"]["people"], got["inside"]["reached"]) == (500, 100)
    assert (got["holdout"]["people"], got["holdout"]["reached"]) == (500, 20)
    assert got["inside"]["revenue"] == [
        {"currency": "USD", "amount_minor": 25_000, "per_person_minor": 50.0, "times": 100}
    ]
    assert got["lift"]["says"] == "more"
    assert got["lift"]["apart"] == 0.16
    assert got["lift"]["relative"] == 4.0
    since = await api.get("/api/flows/trial/results", params={"since": "2100-01-01T00:00:00Z"})
    assert since.json()["lift"] is None
    assert (await api.get("/api/flows/trial/results?version=9")).status_code == 404


async def test_arms_are_shown_as_they_stand(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    published = await publish_trial(store, clock)
    async with store.connection() as connection:
        await connection.exec_driver_sql(
            f"""
            INSERT INTO split_taken
            SELECT {published.flow_id}, 'ways', n, {published.version_id}, 'a', now(), now()
            FROM generate_series(1, 3) n
            """
        )
    [ways] = (await api.get("/api/flows/trial/splits")).json()["items"]
    assert [(arm["name"], arm["people"], arm["reached"]) for arm in ways["arms"]] == [
        ("a", 3, 3),
        ("b", 0, 0),
    ]
    assert (ways["leader"], ways["winner"]) == ("a", None)
    assert (await api.get("/api/flows/nobody/splits")).status_code == 404
