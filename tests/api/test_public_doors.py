"""What is behind links in letters, through the whole application: no key, no cookie, no cache."""

from __future__ import annotations

import httpx2
import pytest
from fastapi import FastAPI

from engine.services.links.tokens import EXPIRING, FOLDERS, Kind
from tests.api.conftest import Parts


@pytest.mark.parametrize("kind", Kind)
async def test_a_door_needs_no_key_and_knows_its_own_links(
    client: httpx2.AsyncClient, kind: Kind
) -> None:
    answer = await client.get(f"{FOLDERS[kind]}nonsense")
    assert answer.status_code == (200 if kind is Kind.OPEN else 404)
    assert "set-cookie" not in answer.headers
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("kind", sorted(set(Kind) - EXPIRING - {Kind.OPEN, Kind.CLICK}))
async def test_a_page_may_load_and_run_nothing(
    client: httpx2.AsyncClient, parts: Parts, filled: None, kind: Kind
) -> None:
    links = parts.unsubscribe_links.signed
    token = links.token(kind, 1, *(["email", "marketing"] if kind is Kind.UNSUBSCRIBE else []))
    answer = await client.get(f"{FOLDERS[kind]}{token}")
    # Neither a letter nor a ticket of number 1 is there.
    assert answer.status_code == (410 if kind in {Kind.VIEW, Kind.SURVEY} else 200)
    (policy,) = answer.headers.get_list("content-security-policy")
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


def test_the_doors_are_no_part_of_the_api(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    assert not [path for path in paths if path.startswith(tuple(FOLDERS.values()))]
