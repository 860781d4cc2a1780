"""Topics, choices and consents through the API."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from crm_store.session import Store
from tests.api.conftest import Parts
from tests.api.people import ADA, CLEO, bearer, codes, key_for
from tests.clock import Clock

NEWS = {"label": "Newsletter", "label_zh": "新闻通讯", "frequencies": ["every", "weekly"]}


@pytest.fixture
async def topic(api: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await api.put("/api/topics/newsletter", json=NEWS)
    assert answer.status_code == 200
    return dict(answer.json())


async def test_a_topic_is_made_replaced_and_removed(
    api: httpx2.AsyncClient, topic: dict[str, Any]
) -> None:
    assert topic["default_on"] is True
    again = await api.put("/api/topics/newsletter", json={"label": "News", "default_on": False})
    assert again.json()["label_zh"] is None
    (listed,) = (await api.get("/api/topics")).json()["items"]
    assert listed == again.json()
    assert (await api.delete("/api/topics/newsletter")).status_code == 204
    assert (await api.delete("/api/topics/newsletter")).status_code == 404


async def test_a_choice_is_kept_and_told_to_flows(
    api: httpx2.AsyncClient, parts: Parts, topic: dict[str, Any]
) -> None:
    chosen = {"topics": {"newsletter": False}, "frequency": "weekly", "unmeasured": True}
    path = f"/api/contacts/{ADA}/preferences"
    answer = await api.patch(path, json=chosen)
    assert answer.status_code == 200
    assert answer.json() == (await api.get(path)).json()
    assert (answer.json()["topics"], answer.json()["frequency"]) == (
        {"newsletter": False},
        "weekly",
    )
    assert parts.pokes.dispatched[-1]
    # what is left out stays
    assert (await api.patch(path, json={"topics": {}})).json()["unmeasured"] is True
    assert (await api.patch("/api/contacts/99/preferences", json={})).status_code == 404


async def test_a_yes_and_a_no_from_elsewhere_are_recorded(api: httpx2.AsyncClient) -> None:
    path = f"/api/contacts/{ADA}/consents"
    given = {"granted": True, "source": "shop_form", "lawful_basis": "consent"}
    (one,) = (await api.put(path, json=given)).json()["consents"]
    assert (one["channel"], one["purpose"], one["granted"]) == ("email", "marketing", True)
    nothing = {"granted": False, "source": "telephone", "all_mail": True}
    found = (await api.put(path, json=nothing)).json()
    assert found["consents"][0]["granted"] is False
    assert found["suppressed"] == [
        {"channel": channel, "reason": "unsubscribed"} for channel in ("chat", "email", "webhook")
    ]


async def test_a_subscription_is_asked_for_once(
    api: httpx2.AsyncClient, parts: Parts, topic: dict[str, Any]
) -> None:
    path = f"/api/contacts/{CLEO}/subscription-requests"
    given = {"topics": ["newsletter"], "source": "sign_up_form", "text_version": "3"}
    headers = {"Idempotency-Key": "sign-up-1"}
    first = await api.post(path, json=given, headers=headers)
    assert (first.status_code, first.json()["standing"]) == (202, "asked")
    assert (await api.post(path, json=given, headers=headers)).json() == first.json()
    assert (await api.post(path, json=given)).json()["standing"] == "waiting"
    found = (await api.get(f"/api/contacts/{CLEO}/preferences")).json()
    assert found["consents"] == []
    (request,) = found["requests"]
    assert (request["topics"], request["id"]) == (["newsletter"], first.json()["request"])


async def test_mistakes_are_named(api: httpx2.AsyncClient) -> None:
    answer = await api.put("/api/topics/newsletter", json={"label": "", "frequencies": ["hourly"]})
    assert answer.status_code == 422
    assert {place for place, _ in codes(answer)} == {"/body/label", "/body/frequencies/0"}
    path = f"/api/contacts/{ADA}/preferences"
    assert (await api.patch(path, json={"topics": {"News!": True}})).status_code == 422


@pytest.mark.parametrize(
    ("role", "scopes", "statuses"),
    [
        ("marketer", ("read:contact",), (200, 403, 403, 403)),
        # it is asked for; what it leads to cannot be read
        ("marketer", ("write:contact",), (403, 403, 202, 403)),
        ("rep", ("read:*", "write:*"), (200, 200, 202, 403)),
        ("viewer", ("read:*",), (200, 403, 403, 403)),
        ("marketer", ("read:*", "write:*"), (200, 200, 202, 200)),
    ],
)
async def test_who_may(
    client: httpx2.AsyncClient,
    store: Store,
    clock: Clock,
    filled: None,
    role: str,
    scopes: tuple[str, ...],
    statuses: tuple[int, ...],
) -> None:
    client.headers.update(bearer(await key_for(store, clock, role, scopes)))
    here = f"/api/contacts/{ADA}"
    answers = (
        await client.get(f"{here}/preferences"),
        await client.patch(f"{here}/preferences", json={"frequency": "daily"}),
        await client.post(f"{here}/subscription-requests", json={"source": "form"}),
        await client.put("/api/topics/news", json={"label": "News"}),
    )
    allowed = tuple(answer.status_code for answer in answers)
    assert allowed == statuses
