"""Requests made from the description by Schemathesis: no answer is our mistake, and every answer is
as described. `REQUESTS_EACH=50 SEED=7` makes a long run of it."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from typing import Any, TypeAlias

import httpx2
import jsonschema  # type: ignore[import-untyped]
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings

from crm_store.session import Store
from tests.api.people import EVERYTHING, bearer, key_for
from tests.api.trial_flow import publish_trial
from tests.clock import Clock

AnyCase: TypeAlias = "schemathesis.Case[Any]"
EACH = int(os.environ.get("REQUESTS_EACH", "1"))
SEED = int(os.environ.get("SEED", "5"))
FOR_ONE_KEY = 40
# Path parameters that lead to something that is there, as often as not.
_THERE = {"name": "trial", "contact_id": 1, "run_id": 1, "event_id": 1, "order_id": 1}


def cases_of(document: dict[str, Any]) -> list[AnyCase]:
    """For each operation so many, the same for the same seed."""
    found: list[AnyCase] = []
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]
        if not operation.path.startswith("/api/"):
            continue

        @seed(SEED)
        @settings(
            max_examples=EACH,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy())
        def collect(case: AnyCase) -> None:
            found.append(case)

        collect()
    return found


async def test_no_answer_is_our_mistake_and_every_answer_is_described(
    app: FastAPI, api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    await publish_trial(store, clock)
    document = app.openapi()
    cases = await asyncio.to_thread(cases_of, document)
    told: Counter[int] = Counter()
    key = ""
    wrong: list[str] = []
    for number, case in enumerate(cases):
        if number % FOR_ONE_KEY == 0:
            key = await key_for(store, clock, "admin", EVERYTHING)
        answer = await sent(api, case, key, there=number % 2 == 0)
        told[answer.status_code] += 1
        try:
            described(case, answer, document)
        except AssertionError as error:
            wrong.append(str(error)[:1_000])

    assert wrong == []
    assert len(told) >= 4, told


async def sent(api: httpx2.AsyncClient, case: AnyCase, key: str, *, there: bool) -> httpx2.Response:
    if there:
        known = {name: _THERE[name] for name in case.path_parameters if name in _THERE}
        case.path_parameters.update(known)
    is_json = case.media_type == "application/json"
    body = json.dumps(case.body).encode() if is_json else None
    if case.media_type is not None and body is None:
        body = case.body if isinstance(case.body, bytes) else b"a,b\n1,2\n"
    headers = {
        name: str(value).encode("latin-1", "replace").decode("latin-1").strip()
        for name, value in (case.headers or {}).items()
        if name.lower() != "authorization" and "\n" not in str(value) and "\r" not in str(value)
    }
    if case.media_type:
        headers["Content-Type"] = case.media_type
    query = {name: value for name, value in (case.query or {}).items() if value is not None}
    return await api.request(
        case.method, case.formatted_path, params=query, content=body, headers=headers | bearer(key)
    )


def described(case: AnyCase, answer: httpx2.Response, document: dict[str, Any]) -> None:
    what = (case.method, case.formatted_path, case.query, case.body, answer.text[:2_000])
    assert answer.status_code < 500 or answer.json()["code"] == "unavailable", what
    operation = document["paths"][case.path][case.method.lower()]
    told = operation["responses"].get(str(answer.status_code))
    assert told is not None or answer.status_code in (404, 405), what
    if told is None or "content" not in told:
        return
    media = answer.headers["content-type"].partition(";")[0]
    assert media in told["content"], what
    # a document a line is described in words
    if media.endswith("json") and "ndjson" not in media:
        schema = {**told["content"][media]["schema"], "components": document["components"]}
        errors = list(jsonschema.Draft202012Validator(schema).iter_errors(answer.json()))
        assert errors == [], (*what, errors[0].message)


def test_every_operation_has_an_example_that_fits(app: FastAPI) -> None:
    document = app.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            good = [one for status, one in operation["responses"].items() if status < "300"]
            for part in (operation.get("requestBody", {}), *good):
                content = part.get("content", {}).get("application/json")
                if content is None or not path.startswith("/api/"):
                    continue
                schema = {**content["schema"], "components": document["components"]}
                if "example" in content:
                    errors = jsonschema.Draft202012Validator(schema).iter_errors(content["example"])
                    assert [one.message for one in errors] == [], (method, path)
                else:
                    assert content.get("examples"), (method, path)


def test_every_write_takes_an_idempotency_key_and_every_list_fields(app: FastAPI) -> None:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            names = {one["name"] for one in operation.get("parameters", ())}
            if path.startswith("/api/") and method != "get":
                assert "Idempotency-Key" in names, (method, path)
            elif path in ("/api/contacts", "/api/segments", "/api/files", "/api/deals"):
                assert "fields" in names, path
