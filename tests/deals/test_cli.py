"""`cadenza deal` and `cadenza pipeline`, as typed."""

from __future__ import annotations

import asyncio

import pytest

from crm_store.session import Store
from engine.cli import run_verb
from tests.deals.house import BEN, House, opened


async def furnish(url: str) -> int:
    store = Store(url)
    house: House = await opened(store)
    await house.publish(
        "pipeline: sales\nstages:\n  - {key: talk, label: Talking, probability: 10}\n"
        "  - {key: won, kind: won, needs: amount}\n  - {key: lost, kind: lost}\n"
    )
    deal = await house.deal(owner_id=BEN)
    await store.close()
    return deal


def test_a_deal_is_listed_and_shown_with_what_stands_against_its_moves(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = str(asyncio.run(furnish(database_url)))
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    assert "Looms" in typed("deal", "list", "--stage", "talk")[1]
    shown = typed("deal", "show", deal)[1]
    assert "may go to won: Won needs the amount; fill it in." in shown
    assert "may go to lost" in shown
    assert "every move is allowed" not in typed("pipeline", "list")[1]
    assert "Talking" in typed("pipeline", "show", "sales")[1]
    assert "There is no deal 999." in typed("deal", "history", "999")[1]
