"""Figures of dashboards over a small world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.boards import (
    Stretch,
    cohorts,
    funnels,
    message_days,
    send_calendar,
    send_volume,
    service_levels,
    totalled,
)
from engine.services.plans import Plans
from engine.services.vitals import Level, look

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
MARCH = Stretch(date(2026, 3, 1), date(2026, 3, 31), "UTC")
VIEWER = Actor("user", 1, "Vera", "viewer")
NOBODY = Actor("user", 2, "Nobody", None)


@dataclass(frozen=True)
class Way:
    """One run: when it began, and what became of its message (columns that are set)."""

    person: int
    day: int
    message: Sequence[str] | None = ()
    held_out: bool = False
    goal: bool = False


WAYS = (
    Way(1, 2, ("opened_at", "clicked_at"), goal=True),
    Way(2, 2, ("machine_opened_at",)),
    Way(3, 3, ("bounced_at",)),
    Way(4, 10, None),
    Way(5, 10, None, held_out=True),
)


async def furnish(session: AsyncSession) -> None:
    await session.execute(
        text(
            "INSERT INTO contact (id, first_name, email, email_key, name_key) "
            "SELECT n, 'P' || n, 'p' || n || '@example.test', 'p' || n || '@example.test', 'p' || n"
            " FROM generate_series(1, 9) n"
        )
    )
    await session.execute(
        text(
            "INSERT INTO flow (id, name, label, purpose, state, draft_source) "
            "VALUES (1, 'tips', 'Tips', 'marketing', 'active', '')"
        )
    )
    await session.execute(
        text(
            "INSERT INTO flow_version (id, flow_id, number, hash, source, definition) "
            "VALUES (1, 1, 1, '', '', '{}')"
        )
    )
    for number, way in enumerate(WAYS, 1):
        await _run(session, number, way)


async def _run(session: AsyncSession, number: int, way: Way) -> None:
    at = datetime(2026, 3, way.day, 9, tzinfo=UTC)
    await session.execute(
        text(
            "INSERT INTO run (id, flow_id, flow_version_id, subject_id, entry_key, shard, state,"
            " node, visit, outcome, entered_at, moved_at) VALUES (:id, 1, 1, :person, 'once', 0,"
            " 'ended', 'x', 1, :outcome, :at, :at)"
        ),
        {
            "id": number,
            "person": way.person,
            "outcome": "holdout" if way.held_out else "done",
            "at": at,
        },
    )
    if way.goal:
        await session.execute(
            text(
                "INSERT INTO goal_reached (run_id, flow_id, subject_id, reached_at)"
                " VALUES (:id, 1, :person, :at)"
            ),
            {"id": number, "person": way.person, "at": at + timedelta(hours=3)},
        )
    if way.message is not None:
        await _message(session, number, way, at)


async def _message(session: AsyncSession, number: int, way: Way, at: datetime) -> None:
    await session.execute(
        text(
            "INSERT INTO effect (id, run_id, flow_id, node, visit, kind, purpose, subject_id,"
            " shard, ask, state, not_before) VALUES (:id, :id, 1, 'x', 1, 'send_message',"
            " 'marketing', :person, 0, '{}', 'done', :at)"
        ),
        {"id": number, "person": way.person, "at": at},
    )
    columns = "".join(f", {name}" for name in way.message or ())
    values = ", :at" * len(way.message or ())
    await session.execute(
        text(
            "INSERT INTO message (effect_id, run_id, flow_id, node, contact_id, channel, purpose,"
            f" template, provider_key, state, handed_over_at{columns}) VALUES (:id, :id, 1, 'x',"
            f" :person, 'smtp', 'marketing', 'tips', 'k' || :id, 'sent', :at{values})"
        ),
        {"id": number, "person": way.person, "at": at},
    )


async def test_the_funnel_counts_people_once_for_each_way(store: Store) -> None:
    async with store.transaction() as session:
        await furnish(session)
        [found] = await funnels(session, VIEWER, MARCH)
        assert (
            await funnels(session, VIEWER, Stretch(date(2026, 4, 1), date(2026, 4, 2), "UTC")) == []
        )
    assert (found.flow, found.entered, found.held_out) == ("tips", 4, 1)
    assert (found.messaged, found.arrived, found.delivered) == (3, 2, None)
    assert (found.opened, found.machine_opened, found.clicked, found.converted) == (1, 1, 1, 1)
    assert totalled([found, found]).entered == 8


async def test_weeks_are_compared_with_their_own_holdout(store: Store) -> None:
    async with store.transaction() as session:
        await furnish(session)
        first, second = await cohorts(session, VIEWER, MARCH, "tips")
        with pytest.raises(NotFound):
            await cohorts(session, VIEWER, MARCH, "nobody")
    assert (first.week, first.people, first.rate, first.lift) == (date(2026, 3, 2), 3, 1 / 3, None)
    assert (second.people, second.held_out, second.held_out_rate) == (1, 1, 0.0)
    assert second.lift is not None


async def test_days_and_volume_agree(store: Store) -> None:
    async with store.transaction() as session:
        await furnish(session)
        days = await message_days(session, VIEWER, MARCH, "tips")
        volume = await send_volume(session, VIEWER, MARCH)
    assert len(days) == 31
    assert [day.sent for day in days[:4]] == [0, 2, 1, 0]
    assert sum(volume.days.values()) == 3
    assert volume.crowding == [(1, 3)]
    assert volume.busiest_second == 2


async def test_service_levels_count_what_was_promised(store: Store) -> None:
    async with store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO ticket_policy (id, source, document, saved_by)"
                " VALUES (1, '', '{}', 'x')"
            )
        )
        for number, (policy, told) in enumerate(
            ((1, '["response:breach"]'), (1, "[]"), (None, "[]"))
        ):
            await session.execute(
                text(
                    "INSERT INTO ticket (subject, opened_at, policy_id, clocks) VALUES ('x', :at,"
                    " :policy, CAST(:clocks AS jsonb))"
                ),
                {
                    "at": datetime(2026, 3, 3, 9 + number, tzinfo=UTC),
                    "policy": policy,
                    "clocks": f'{{"told": {told}}}',
                },
            )
        [found] = await service_levels(session, VIEWER, MARCH)
    assert (found.opened, found.promised, found.answered_late, found.solved_late) == (3, 2, 1, 0)


async def test_the_calendar_names_who_gets_too_much(store: Store) -> None:
    async with store.transaction() as session:
        await furnish(session)
        await session.execute(text("UPDATE message SET contact_id = 1"))
        found = await send_calendar(session, VIEWER, Plans(), MARCH, NOW)
    by_day = {day.day.day: day.sent for day in found.days if day.sent}
    assert by_day == {2: {"tips": 2}, 3: {"tips": 1}}
    assert [(one.name, one.day.day, one.sent) for one in found.crowded] == [("P1", 2, 2)]


async def test_only_who_may_read_sees_figures(store: Store) -> None:
    async with store.transaction() as session:
        for asked in (funnels, message_days, send_volume, service_levels):
            with pytest.raises(NotAllowed):
                await asked(session, NOBODY, MARCH)
        with pytest.raises(NotAllowed):
            await look(session, VIEWER, NOW)


async def test_queues_tell_their_lag(store: Store) -> None:
    async with store.transaction() as session:
        await furnish(session)
        await session.execute(
            text("UPDATE run SET state = 'active', due_at = :at WHERE id = 1"),
            {"at": NOW - timedelta(hours=1)},
        )
        found = await look(session, SYSTEM, NOW)
    runs = next(one for one in found.queues if one.code == "runs")
    assert (runs.waiting, runs.lag, runs.level) == (1, timedelta(hours=1), Level.STUCK)
    assert found.database.version >= 16


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 3, 2), date(2026, 3, 1)), (date(2020, 1, 1), date(2026, 1, 1))]
)
def test_a_stretch_is_neither_empty_nor_endless(first: date, last: date) -> None:
    with pytest.raises(Refused):
        Stretch(first, last, "UTC")
