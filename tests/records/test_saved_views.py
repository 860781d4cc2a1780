"""Views that people keep, share, change and remove."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.services.saved_views import change_view, keep_view, list_views, remove_view
from engine.services.views.grids import Condition, usual
from tests.records.conftest import BEN, REP, VERA

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STATE = replace(usual("contact"), conditions=(Condition("score", "between", (5, None)),))


async def test_ones_own_view_is_seen_by_nobody_else(people: Store) -> None:
    async with people.transaction() as session:
        await keep_view(session, VERA, " Hot   ones ", STATE)
        mine = await list_views(session, VERA, "contact")
        others = await list_views(session, REP, "contact")
    assert [(one.name, one.mine, one.changeable) for one in mine] == [("Hot ones", True, True)]
    assert others == []
    assert mine[0].document == {"conditions": [["score", "between", [5, None]]]}


async def test_a_shared_view_is_changed_by_its_owner_and_admins_alone(people: Store) -> None:
    async with people.transaction() as session:
        view = await keep_view(session, REP, "Hot", STATE, shared=True)
        seen = await list_views(session, VERA, "contact")
        assert [(one.owner, one.changeable) for one in seen] == [("Cleo", False)]
        with pytest.raises(NotAllowed):
            await change_view(session, VERA, view, now=NOW, name="Mine now")
        await change_view(session, BEN, view, now=NOW, name="Hotter")
        verbs = await session.scalars(
            text("SELECT verb FROM audit WHERE subject_kind = 'saved_view' ORDER BY id")
        )
        assert list(verbs) == ["create", "edit"]


async def test_who_may_change_nothing_shares_nothing(people: Store) -> None:
    async with people.transaction() as session:
        with pytest.raises(NotAllowed):
            await keep_view(session, VERA, "Hot", STATE, shared=True)


async def test_a_name_is_taken_once_and_an_empty_one_never(people: Store) -> None:
    async with people.transaction() as session:
        await keep_view(session, REP, "Hot", STATE)
        with pytest.raises(Conflict):
            await keep_view(session, REP, "HOT", STATE)
        with pytest.raises(Refused):
            await keep_view(session, REP, "  ", STATE)
        await keep_view(session, BEN, "Hot", STATE)


async def test_two_who_change_a_view_at_once_do_not_overwrite_each_other(people: Store) -> None:
    async with people.transaction() as session:
        view = await keep_view(session, REP, "Hot", STATE, shared=True)
        await change_view(session, BEN, view, now=NOW, revision=1, name="Hotter")
        with pytest.raises(Conflict):
            await change_view(session, REP, view, now=NOW, revision=1, state=usual("contact"))


async def test_a_private_view_of_another_does_not_exist(people: Store) -> None:
    async with people.transaction() as session:
        view = await keep_view(session, REP, "Hot", STATE)
        with pytest.raises(NotFound):
            await remove_view(session, BEN, view)
        await remove_view(session, REP, view)
        assert await list_views(session, REP, "contact") == []
