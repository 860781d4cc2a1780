"""Clients that people have already: unmodified where they are Python, replayed as recorded where
they are not."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
from rudderstack.analytics.client import Client as RudderClient  # type: ignore[import-untyped]

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]
RECORDED = Path(__file__).parent / "sdk" / "recorded.json"
KINDS = [("alias",), ("group",), ("identify",), ("page",), ("screen",), ("track",)]


async def test_every_call_of_rudder_sdk_python_arrives(
    write_key: str, address: str, rows: Rows
) -> None:
    errors: list[Any] = []
    client = RudderClient(
        write_key,
        host=address,
        on_error=lambda error, items: errors.append(error),
        upload_interval=0.05,
        max_retries=1,
    )
    client.page(anonymous_id="browser-1", name="Pricing", category="Shop")
    client.identify("ada", {"email": "ada@example.com", "name": "Ada Lovelace"})
    client.track("ada", "Order Completed", {"total": 12.5})
    client.screen("ada", name="Home")
    client.group("ada", "acme", {"name": "Acme"})
    client.alias("browser-1", "ada")
    await asyncio.to_thread(client.flush)
    await asyncio.to_thread(client.join)

    assert errors == []
    assert await rows("SELECT kind FROM event ORDER BY kind") == KINDS
    assert await rows(
        "SELECT c.external_id, c.email, c.first_name, a.name FROM contact c "
        "JOIN account a ON a.id = c.account_id"
    ) == [("ada", "ada@example.com", "Ada", "Acme")]


async def test_recorded_requests_of_other_clients_are_understood(
    client: httpx2.AsyncClient, write_key: str, rows: Rows
) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    for one in recorded:
        headers = dict(one["headers"])
        if "authorization" in headers:
            basic = base64.b64encode(f"{write_key}:".encode()).decode()
            headers["authorization"] = f"Basic {basic}"
        body = json.dumps(one["json"]).replace("WRITE_KEY", write_key).encode()
        if one.get("packed"):
            body = gzip.compress(body)
        answer = await client.request(one["method"], one["path"], content=body, headers=headers)
        assert answer.status_code == 200, (one["client"], answer.text)
        assert answer.headers["access-control-allow-origin"] == "*"
    assert await rows("SELECT count(*) FROM dead_letter") == [(0,)]
    found = await rows(
        "SELECT c.email, array_agg(DISTINCT e.kind ORDER BY e.kind) FROM event e "
        "JOIN contact c ON c.id = e.contact_id WHERE c.email IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    everything = [kind for (kind,) in KINDS]
    assert found == [
        ("browser@example.com", everything),
        ("on@example.com", everything),
        ("pn@example.com", ["alias", "group", "identify", "page", "track"]),
        ("rn@example.com", everything),
        ("sn@example.com", everything),
    ]


async def test_a_browser_asks_where_to_send_and_may_read_the_answer(
    client: httpx2.AsyncClient, write_key: str
) -> None:
    settings = await client.get(f"/v1/projects/{write_key}/settings")
    nobody = await client.get("/v1/projects/cwk_nobody/settings")
    before = await client.options("/v1/t")

    told = settings.json()["integrations"]["Segment.io"]
    assert (told["apiKey"], told["apiHost"]) == (write_key, "cadenza.test/v1")
    assert nobody.status_code == 401
    assert before.status_code == 204
    assert before.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in before.headers
