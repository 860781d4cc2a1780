"""Definitions in versions: published, found again, retired, and never changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm_store.session import Store
from engine.definitions import (
    DefinitionKind,
    DefinitionRefused,
    World,
    read_definition,
)
from engine.definitions_known import KINDS
from engine.errors import NotAllowed, NotFound, Problem
from engine.services.actor import SYSTEM, Actor
from engine.services.definitions import (
    Stored,
    current,
    hooks,
    list_definitions,
    publishing,
    stored,
    versions,
)
from engine.services.definitions.publishing import (
    NeedsApproval,
    Published,
    publish,
    publish_again,
    retire,
    source_of,
)

PIPELINE = DefinitionKind.PIPELINE
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REP = Actor("user", 7, "Jonas", "rep")
FIRST = "# why it is so\npipeline: b2b\nlabel: B2B\nstages: [open, won]\n"


@dataclass(frozen=True)
class Stages:
    """A kind that is simple enough to see what becomes of it."""

    kind: DefinitionKind = PIPELINE

    def model(self, document: Mapping[str, Any], problems: list[Problem]) -> Any | None:
        if not isinstance(document.get("stages"), list):
            problems.append(Problem("/stages", "missing_key", "write stages."))
            return None
        return tuple(document["stages"])

    def check(self, model: Any, world: World) -> Sequence[Problem]:
        return [
            Problem(f"/stages/{index}", "unknown_calendar", f'there is no calendar "{stage}".')
            for index, stage in enumerate(model)
            if stage.startswith("calendar ") and not world.has_calendar(stage[9:])
        ]


@pytest.fixture(autouse=True)
def _simple_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, PIPELINE, Stages())
    monkeypatch.setattr(publishing, "PUBLISHED", {})


async def put(store: Store, source: str, actor: Actor = SYSTEM, **more: Any) -> Published:
    draft = read_definition(source, "b2b.yaml")
    async with store.transaction() as session:
        return await publish(session, actor, draft, now=NOW, **more)


async def in_force(store: Store) -> Stored | None:
    async with store.transaction() as session:
        return await current(session, PIPELINE, "b2b")


async def test_what_is_published_is_in_force_and_read_again(store: Store) -> None:
    done = await put(store, FIRST, note="first")
    assert (done.number, done.changed) == (1, True)
    found = await in_force(store)
    assert found is not None
    assert (found.label, found.model, found.version_id) == ("B2B", ("open", "won"), done.version_id)
    async with store.transaction() as session:
        # a version is read once a process
        assert await stored(session, done.version_id) is found
        assert await source_of(session, SYSTEM, PIPELINE, "b2b") == FIRST
        (line,) = await list_definitions(session, SYSTEM)
        assert (line.kind, line.name, line.number, line.state) == ("pipeline", "b2b", 1, "active")
        (version,) = await versions(session, SYSTEM, PIPELINE, "b2b")
        assert (version.note, version.is_current) == ("first", True)


async def test_publishing_the_same_again_makes_no_version(store: Store) -> None:
    first = await put(store, FIRST)
    again = await put(store, "{label: B2B, stages: [open, won], pipeline: b2b}")
    assert (again.version_id, again.number, again.changed) == (first.version_id, 1, False)
    async with store.transaction() as session:
        audited = await session.execute(text("SELECT count(*) FROM audit WHERE verb = 'publish'"))
        assert audited.scalar_one() == 1


async def test_an_older_version_is_in_force_again_under_its_number(store: Store) -> None:
    first = await put(store, FIRST)
    await put(store, FIRST.replace("won", "lost"))
    async with store.transaction() as session:
        back = await publish_again(session, SYSTEM, PIPELINE, "b2b", 1, now=NOW)
    assert (back.version_id, back.number, back.changed) == (first.version_id, 1, True)
    third = await put(store, FIRST.replace("won", "paid"))
    assert third.number == 3


async def test_two_who_publish_at_once_get_one_number_each(store: Store) -> None:
    texts = [FIRST.replace("won", f"won{n}") for n in range(5)]
    done = await asyncio.gather(*(put(store, one) for one in texts))
    assert sorted(one.number for one in done) == [1, 2, 3, 4, 5]
    assert len({one.definition_id for one in done}) == 1


async def test_mistakes_are_told_by_line_and_nothing_is_kept(store: Store) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        await put(store, "pipeline: b2b\nstages:\n  - calendar default\n  - calendar moon\n")
    (problem,) = refused.value.problems
    assert (problem.place, problem.code) == ("b2b.yaml:4:5", "unknown_calendar")
    with pytest.raises(DefinitionRefused, match="write stages"):
        await put(store, "pipeline: b2b")
    assert await in_force(store) is None


async def test_a_retired_definition_begins_nothing_until_it_is_published_again(
    store: Store,
) -> None:
    done = await put(store, FIRST)
    async with store.transaction() as session:
        await retire(session, SYSTEM, PIPELINE, "b2b", now=NOW)
        await retire(session, SYSTEM, PIPELINE, "b2b", now=NOW)
    assert await in_force(store) is None
    async with store.transaction() as session:
        assert (await stored(session, done.version_id)).name == "b2b"
    again = await put(store, FIRST)
    assert (again.number, again.changed) == (1, True)
    assert await in_force(store) is not None


async def test_those_who_may_not_are_refused(store: Store) -> None:
    with pytest.raises(NotAllowed):
        await put(store, FIRST, REP)
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await retire(session, REP, PIPELINE, "b2b")
        with pytest.raises(NotFound):
            await source_of(session, REP, PIPELINE, "b2b")
        with pytest.raises(NotFound):
            await stored(session, 999)


async def test_the_database_itself_refuses_to_change_a_version(store: Store) -> None:
    await put(store, FIRST)
    with pytest.raises(DBAPIError, match="never changed"):
        async with store.transaction() as session:
            await session.execute(text("UPDATE definition_version SET source = 'x'"))


async def test_a_kind_does_more_in_the_same_transaction(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Any, datetime]] = []

    async def hook(_session: Any, found: Stored, now: datetime) -> None:
        told.append((found.model, now))

    monkeypatch.setattr(publishing, "PUBLISHED", {PIPELINE: hook})
    await put(store, FIRST)
    await put(store, FIRST)
    assert told == [(("open", "won"), NOW)]


async def test_a_chain_may_stand_before_publishing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asks(_session: Any, _kind: DefinitionKind, name: str) -> str:
        return f"{name}_chain"

    monkeypatch.setattr(publishing, "needs_approval", asks)
    with pytest.raises(NeedsApproval) as refused:
        await put(store, FIRST)
    assert refused.value.chain == "b2b_chain"
    assert (await put(store, FIRST, approved=True)).changed


async def test_nobody_need_be_asked_as_long_as_nobody_says_so(store: Store) -> None:
    async with store.transaction() as session:
        assert await hooks.needs_approval(session, PIPELINE, "b2b") is None
