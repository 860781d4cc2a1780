"""A secret that is shown once is not kept where whoever reads the database finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from crm_store.session import Store
from tests.api.conftest import SECRET
from tests.api.people import bearer, key_for
from tests.clock import Clock

Rows = Callable[..., Any]


@pytest.fixture(autouse=True)
def secret_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET)


async def test_an_answer_with_a_secret_is_kept_sealed_and_given_again(
    api: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows
) -> None:
    admin = bearer(await key_for(store, clock, "admin", ["write:webhook"]))
    body = {"name": "Shop", "url": "https://hooks.example.com/in", "event_types": ["Order Paid"]}
    headers = admin | {"Idempotency-Key": "w1"}
    first = await api.post("/api/webhooks", json=body, headers=headers)
    again = await api.post("/api/webhooks", json=body, headers=headers)
    assert first.status_code == 201, first.text
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    [(kept,)] = await rows("SELECT answer::text FROM idempotency_key")
    assert first.json()["secret"].removeprefix("whsec_") not in kept
