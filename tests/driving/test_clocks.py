"""Leases are times, so the clocks of workers must agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import structlog

from crm_store.session import Store
from engine.worker import compare_clocks


def runtime(store: Store, ahead: timedelta) -> Any:
    return SimpleNamespace(
        store=store,
        now=lambda: datetime.now(UTC) + ahead,
        settings=SimpleNamespace(drivers=SimpleNamespace(effect_lease_seconds=60)),
    )


async def test_a_clock_that_is_far_ahead_is_told_of(store: Store) -> None:
    with structlog.testing.capture_logs() as said:
        ahead = await compare_clocks(runtime(store, timedelta(minutes=2)))
    assert timedelta(minutes=1) < ahead < timedelta(minutes=3)
    assert [line["event"] for line in said] == ["clock_is_wrong"]


async def test_a_clock_that_agrees_is_not_mentioned(store: Store) -> None:
    with structlog.testing.capture_logs() as said:
        await compare_clocks(runtime(store, timedelta()))
    assert said == []
