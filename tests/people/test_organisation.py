"""Teams, reporting lines and absences as people change them, and as everybody then sees them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.people import Directory
from engine.services.actor import SYSTEM, Actor
from engine.services.organisation.absences import (
    AbsenceGiven,
    add_absence,
    cancel_absence,
    change_absence,
    list_absences,
)
from engine.services.organisation.profiles import (
    Profile,
    list_people,
    organisation_findings,
    set_manager,
    set_profile,
)
from engine.services.organisation.teams import (
    TeamGiven,
    add_team,
    change_team,
    list_teams,
    put_members,
    remove_team,
)
from engine.services.people import ensure_roles
from engine.services.people_shelf import PeopleShelf

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
MEI, JONAS, PRIYA, OTTO = "Mei", "Jonas", "Priya", "Otto"


@pytest.fixture
async def ids(store: Store) -> dict[str, int]:
    """Mei leads; Jonas and Priya sell; Otto has left."""
    async with store.transaction() as session:
        await ensure_roles(session)
        found = await session.execute(
            text(
                """
                INSERT INTO "user" (name, name_key, email, email_key, role, active)
                SELECT n, lower(n), lower(n) || '@example.com', lower(n) || '@example.com', r, a
                FROM (VALUES ('Mei', 'sales_manager', true), ('Jonas', 'rep', true),
                             ('Priya', 'rep', true), ('Otto', 'rep', false)) AS v(n, r, a)
                RETURNING name, id
                """
            )
        )
        return {row.name: row.id for row in found}


def actor(ids: dict[str, int], name: str, role: str = "rep") -> Actor:
    return Actor("user", ids[name], name, role)


async def directory(store: Store, shelf: PeopleShelf | None = None) -> Directory:
    async with store.transaction() as session:
        return await (shelf or PeopleShelf()).directory(session)


async def manager(store: Store, person: int, above: int | None) -> None:
    async with store.transaction() as session:
        await set_manager(session, SYSTEM, person, above)


async def test_a_team_has_a_head_a_calendar_and_members(store: Store, ids: dict[str, int]) -> None:
    async with store.transaction() as session:
        given = TeamGiven("East", ids[MEI], "default")
        team = await add_team(session, actor(ids, MEI, "sales_manager"), given)
        await put_members(session, SYSTEM, team, [ids[JONAS], ids[OTTO]])
    who = await directory(store)
    assert who.head_of("East") == ids[MEI]
    assert who.members("East") == (ids[JONAS],)
    assert who.calendar_of(ids[JONAS]) == "default"
    async with store.transaction() as session:
        (line,) = await list_teams(session, SYSTEM)
        assert (line.head, line.members) == (MEI, 1)
        with pytest.raises(Conflict, match="Jonas"):
            await remove_team(session, SYSTEM, team)
        await put_members(session, SYSTEM, None, [ids[JONAS]])
        await remove_team(session, SYSTEM, team)
        assert await list_teams(session, SYSTEM) == []


async def test_mistakes_in_a_team_are_told_all_at_once(store: Store, ids: dict[str, int]) -> None:
    async with store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await add_team(session, SYSTEM, TeamGiven(" ", ids[OTTO], "nowhere"))
        assert [one.place for one in refused.value.problems] == ["/name", "/head_id", "/calendar"]
        await add_team(session, SYSTEM, TeamGiven("East"))
        with pytest.raises(Conflict, match="East"):
            await add_team(session, SYSTEM, TeamGiven("EAST"))
        with pytest.raises(NotAllowed):
            await add_team(session, actor(ids, JONAS), TeamGiven("West"))
        with pytest.raises(NotFound):
            await change_team(session, SYSTEM, 999, TeamGiven("West"))
        with pytest.raises(Refused, match="no user 99"):
            await put_members(session, SYSTEM, None, [99])


async def test_lines_of_managers_do_not_go_round(store: Store, ids: dict[str, int]) -> None:
    await manager(store, ids[JONAS], ids[MEI])
    await manager(store, ids[PRIYA], ids[JONAS])
    for person, above in ((MEI, PRIYA), (MEI, JONAS), (MEI, MEI)):
        with pytest.raises(Refused, match=f"{above} reports to|Mei reports to themselves"):
            await manager(store, ids[person], ids[above])
    with pytest.raises(Refused, match="Otto has left"):
        await manager(store, ids[PRIYA], ids[OTTO])
    with pytest.raises(NotAllowed):
        async with store.transaction() as session:
            await set_manager(session, actor(ids, MEI, "sales_manager"), ids[PRIYA], None)
    assert (await directory(store)).manager_of(ids[PRIYA], 2) == ids[MEI]


async def test_two_changes_at_once_do_not_make_a_circle(store: Store, ids: dict[str, int]) -> None:
    done = await asyncio.gather(
        manager(store, ids[JONAS], ids[PRIYA]),
        manager(store, ids[PRIYA], ids[JONAS]),
        return_exceptions=True,
    )
    assert [type(one) for one in done if one is not None] == [Refused]


async def test_circles_that_came_by_import_are_found(store: Store, ids: dict[str, int]) -> None:
    async with store.transaction() as session:
        for one, above in ((JONAS, PRIYA), (PRIYA, JONAS), (MEI, OTTO)):
            values = {"one": ids[one], "above": ids[above]}
            await session.execute(
                text('UPDATE "user" SET manager_id = :above WHERE id = :one'), values
            )
        await session.execute(text("INSERT INTO team (name) VALUES ('Empty')"))
        found = await organisation_findings(session, SYSTEM)
    assert [(one.place, one.code) for one in found] == [
        (JONAS, "manager_circle"),
        (MEI, "manager_left"),
        ("Empty", "empty_team"),
    ]
    assert "Jonas reports to Priya, Priya reports to Jonas" in found[0].message
    # and it can be mended
    await manager(store, ids[JONAS], ids[MEI])


async def test_skills_are_words_in_small_letters(store: Store, ids: dict[str, int]) -> None:
    async with store.transaction() as session:
        kept = await set_profile(
            session,
            SYSTEM,
            ids[PRIYA],
            Profile("Asia/Kolkata", None, ("Hindi", " hindi ", "日本語"), ("APAC  South",)),
        )
        assert kept.skills == ("hindi", "日本語")
        assert kept.territories == ("apac south",)
        with pytest.raises(Refused) as refused:
            wrong = Profile("Mars", "none", ("<b>",), ("x" * 60,))
            await set_profile(session, SYSTEM, ids[PRIYA], wrong)
        assert {one.place for one in refused.value.problems} == {
            "/zone",
            "/calendar",
            "/skills/0",
            "/territories/0",
        }
    who = await directory(store)
    assert who.people[ids[PRIYA]].skills == {"hindi", "日本語"}
    assert who.zone_of(ids[PRIYA], "UTC") == "Asia/Kolkata"


async def test_the_shelf_notices_every_change_and_reads_nothing_without_one(
    store: Store, ids: dict[str, int]
) -> None:
    shelf = PeopleShelf()
    before = await directory(store, shelf)
    assert await directory(store, shelf) is before
    async with store.transaction() as session:
        await session.execute(text("INSERT INTO team (name) VALUES ('Imported')"))
    after = await directory(store, shelf)
    assert "Imported" in after.teams
    async with store.transaction() as session:
        # a new password concerns nobody who decides
        await session.execute(text("""UPDATE "user" SET password_hash = 'x'"""))
    assert await directory(store, shelf) is after


async def test_people_are_away_with_a_deputy(store: Store, ids: dict[str, int]) -> None:
    async with store.transaction() as session:
        saved = await add_absence(
            session,
            actor(ids, JONAS),
            AbsenceGiven(ids[JONAS], NOW - DAY, NOW + DAY, ids[PRIYA], "a wedding"),
            NOW,
        )
    assert saved.warnings == ()
    assert (await directory(store)).stands_in(ids[JONAS], NOW) == ids[PRIYA]
    async with store.transaction() as session:
        (jonas,) = [
            one for one in await list_people(session, SYSTEM, NOW) if one.person.name == JONAS
        ]
        assert (jonas.absent_until, jonas.acting_id) == (NOW + DAY, ids[PRIYA])
        # why somebody is away is not everybody's business
        for reader, note in ((JONAS, "a wedding"), (PRIYA, None)):
            (line,) = await list_absences(session, actor(ids, reader), since=NOW)
            assert (line.name, line.deputy, line.note) == (JONAS, PRIYA, note)
        audited = await session.execute(text("SELECT string_agg(after::text, '') FROM audit"))
        assert "wedding" not in audited.scalar_one()
        await cancel_absence(session, actor(ids, JONAS), saved.id, NOW)
    assert (await directory(store)).stands_in(ids[JONAS], NOW) == ids[JONAS]


async def test_wrong_absences_are_refused_with_their_place(
    store: Store, ids: dict[str, int]
) -> None:
    def given(**more: object) -> AbsenceGiven:
        values = {"user_id": ids[JONAS], "starts_at": NOW, "ends_at": NOW + 5 * DAY}
        return AbsenceGiven(**{**values, **more})  # type: ignore[arg-type]

    async with store.transaction() as session:
        for wrong, place in (
            (given(ends_at=NOW), "/ends_at"),
            (given(ends_at=NOW + 900 * DAY), "/ends_at"),
            (given(deputy_id=ids[JONAS]), "/deputy_id"),
            (given(deputy_id=ids[OTTO]), "/deputy_id"),
            (given(user_id=999), "/user_id"),
            (given(note="x" * 501), "/note"),
        ):
            with pytest.raises(Refused) as refused:
                await add_absence(session, SYSTEM, wrong, NOW)
            assert [one.place for one in refused.value.problems] == [place]
        first = await add_absence(session, SYSTEM, given(), NOW)
        assert [one.code for one in first.warnings] == ["no_deputy"]
        with pytest.raises(Conflict, match="away already from 2026-03-02"):
            await add_absence(
                session, SYSTEM, given(starts_at=NOW + DAY, ends_at=NOW + 9 * DAY), NOW
            )
        # one that begins as the other ends does not overlap, and changing one is no overlap of it
        await add_absence(
            session, SYSTEM, given(starts_at=NOW + 5 * DAY, ends_at=NOW + 6 * DAY), NOW
        )
        await change_absence(session, SYSTEM, first.id, given(ends_at=NOW + 4 * DAY), NOW)
        with pytest.raises(NotAllowed):
            await add_absence(session, actor(ids, PRIYA), given(starts_at=NOW + 50 * DAY), NOW)
        with pytest.raises(NotAllowed):
            await cancel_absence(session, actor(ids, PRIYA), first.id, NOW)
        manages = actor(ids, MEI, "sales_manager")
        away = given(user_id=ids[PRIYA], deputy_id=ids[JONAS], ends_at=NOW + DAY)
        found = await add_absence(session, manages, away, NOW)
        assert [one.code for one in found.warnings] == ["deputy_away"]


async def test_two_who_enter_the_same_absence_enter_one(store: Store, ids: dict[str, int]) -> None:
    async def enter() -> None:
        async with store.transaction() as session:
            await add_absence(session, SYSTEM, AbsenceGiven(ids[JONAS], NOW, NOW + DAY), NOW)

    done = await asyncio.gather(enter(), enter(), return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [Conflict]
