"""`cadenza flow goal`, `winner` and `enrolments`, as typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from crm_store.session import Store
from engine.cli import run_verb
from engine.services import enrolments
from engine.services.actor import SYSTEM
from tests.driving.world import CrashingStore, RememberingChannel, World
from tests.goals.test_arms import FLOW

Cadenza = Callable[..., tuple[int, str]]


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


async def furnish(url: str) -> None:
    store = Store(url)
    world = World(CrashingStore(store), RememberingChannel())
    await world.publish(FLOW.replace("entry: once", "entry: once\nholdout: 30"))
    people = await world.people(20)
    for person in people:
        await world.event(person, "Signed Up")
    await world.until_quiet("two_ways")
    for person in people[:5]:
        await world.event(person, "Order Completed")
    await world.until_quiet("two_ways")
    async with store.transaction() as session:
        await enrolments.start_enrolment(
            session, SYSTEM, world.parts.plans, "two_ways", now=world.now, rule=True, per_minute=9
        )
    await store.close()


def test_results_arms_and_audiences_are_shown_and_decided(
    cadenza: Cadenza, database_url: str
) -> None:
    asyncio.run(furnish(database_url))
    code, told = cadenza("flow", "goal", "two_ways")
    assert (code, "Goal: Order Completed" in told, "too few people" in told) == (0, True, True)
    assert "Evidence" in cadenza("flow", "winner", "two_ways")[1]
    assert cadenza("flow", "winner", "two_ways", "ways", "short")[0] == 0
    assert '"short" won on' in cadenza("flow", "winner", "two_ways")[1]
    assert cadenza("flow", "winner", "two_ways", "ways", "--withdraw")[0] == 0
    assert cadenza("flow", "winner", "two_ways", "ways", "none")[0] == 1
    assert "running" in cadenza("flow", "enrolments")[1]
    assert "is paused" in cadenza("flow", "enrolments", "two_ways", "--pause")[1]
    assert "is cancelled" in cadenza("flow", "enrolments", "two_ways", "--cancel")[1]
    assert cadenza("flow", "enrolments", "two_ways", "--cancel")[0] == 1
    assert cadenza("flow", "enrolments", "--pause")[0] == 1
    assert cadenza("flow", "goal", "two_ways", "--since", "soon")[0] == 1
    assert cadenza("flow", "enrol", "two_ways", "--everybody", "--segment", "vips")[0] == 1
