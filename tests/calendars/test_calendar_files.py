"""Calendars as people write them: read, refused with places, saved, shown, found again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm_store.session import Store
from engine.cli import run_verb
from engine.errors import NotAllowed, Problem, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.calendars.document import read_exceptions, read_week
from engine.services.calendars.editing import NewCalendar, get_calendar, put_calendar
from engine.services.calendars.files import read_calendar, write_calendar
from engine.services.calendars.public_holidays import special_days
from engine.services.calendars.shelf import CalendarShelf, built

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FILE = """
name: shanghai
label: Office in Shanghai
zone: Asia/Shanghai
country: CN
default: true
hours:
  mon: [["09:00", "12:00"], ["13:00", "18:00"]]
  fri: [["09:00", "24:00"]]
exceptions:
  "2026-12-24": [["09:00", "12:00"]]
  "2026-12-31": []
"""


def test_hours_are_minutes_of_the_day() -> None:
    problems: list[Problem] = []
    week = read_week({"mon": [["09:00", "12:30"], ["12:30", "24:00"]]}, problems)
    assert problems == []
    assert week == (((540, 750), (750, 1440)), (), (), (), (), (), ())
    assert read_exceptions({"2026-12-31": []}, problems) == {date(2026, 12, 31): ()}


@pytest.mark.parametrize(
    ("hours", "place", "said"),
    [
        ({}, "/hours", "nobody ever works"),
        ([], "/hours", "not a list"),
        ({"mon": "9-18"}, "/hours/mon", "write hours such as"),
        ({"mon": [["9:00", "18:00"]]}, "/hours/mon/0", "no pair of times"),
        ({"mon": [["18:00", "09:00"]]}, "/hours/mon/0", "ends before it begins"),
        ({"mon": [["09:00", "24:30"]]}, "/hours/mon/0", "no pair of times"),
        ({"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}, "/hours/mon/1", "in order"),
        ({"mon": [["09:00", "18:00"]], "mo": []}, "/hours/mo", "mon"),
    ],
)
def test_wrong_hours_are_told_with_their_place(hours: Any, place: str, said: str) -> None:
    problems: list[Problem] = []
    read_week(hours, problems)
    assert [one.place for one in problems] == [place]
    assert said in problems[0].message


def test_a_date_that_is_none_is_told() -> None:
    problems: list[Problem] = []
    read_exceptions({"2026-02-30": [], "20260301": []}, problems)
    assert [one.place for one in problems] == ["/exceptions/2026-02-30", "/exceptions/20260301"]


def test_china_works_on_some_saturdays_and_rests_on_mondays() -> None:
    days = special_days("CN", None, 2026)
    assert date(2026, 10, 10) in days.worked
    assert date(2026, 10, 10).weekday() == 5
    assert date(2026, 10, 5) in days.off
    assert special_days("XX", None, 2026).off == frozenset()


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    epiphany = date(2026, 1, 6)
    assert epiphany in special_days("DE", "BY", 2026).off
    assert epiphany not in special_days("DE", None, 2026).off


async def test_a_new_database_has_a_default_calendar(store: Store) -> None:
    async with store.transaction() as session:
        calendars = await CalendarShelf().book(session)
    assert set(calendars) == {"", "default"}
    assert calendars[""].hours_on(date(2026, 3, 6)) == ((540, 1080),)
    assert calendars[""].hours_on(date(2026, 3, 7)) == ()


async def test_a_file_is_saved_and_written_back(store: Store) -> None:
    new = read_calendar(FILE, "shanghai.yaml")
    shelf = CalendarShelf()
    async with store.transaction() as session:
        before = await shelf.book(session)
        assert await shelf.book(session) is before
        assert await put_calendar(session, SYSTEM, new, NOW)
    async with store.transaction() as session:
        row = await get_calendar(session, SYSTEM, "shanghai")
        after = await shelf.book(session)
        assert not await put_calendar(session, SYSTEM, new, NOW)
    assert read_calendar(write_calendar(row), "again.yaml") == new
    calendar = built(row)
    assert calendar is not None
    assert after["shanghai"] is after[""]
    assert after[""].week == calendar.week
    assert calendar.hours_on(date(2026, 12, 24)) == ((540, 720),)
    # a worked Saturday has the hours of the first day of the week that has any
    assert calendar.hours_on(date(2026, 10, 10)) == ((540, 720), (780, 1080))


async def test_every_mistake_is_told_at_once_and_nothing_is_saved(store: Store) -> None:
    wrong = NewCalendar("Shang Hai", {"mon": [["x", "y"]]}, zone="Mars", country="CHN")
    with pytest.raises(Refused) as refused:
        async with store.transaction() as session:
            await put_calendar(session, SYSTEM, wrong, NOW)
    places = [problem.place for problem in refused.value.problems]
    assert places == ["/name", "/hours/mon/0", "/zone", "/country"]
    part = NewCalendar("x", {"mon": [["09:00", "10:00"]]}, country="DE", subdivision="ZZ")
    with pytest.raises(Refused, match="no such part"):
        async with store.transaction() as session:
            await put_calendar(session, SYSTEM, part, NOW)


async def test_who_may_not_manage_changes_no_calendar(store: Store) -> None:
    rep = Actor("user", 1, "Cleo", "rep")
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await put_calendar(session, rep, read_calendar(FILE, "x.yaml"), NOW)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "a calendar is a mapping"),
        ("name: x", "/hours: this is missing"),
        (FILE + "holiday: CN\n", "/holiday"),
        (FILE.replace("zone: Asia/Shanghai", "zone: 7"), "/zone: this is a text"),
        (FILE.replace("default: true", "default: often"), "/default"),
        ("name: x\n\thours: 1", "x.yaml:2"),
    ],
)
def test_a_wrong_file_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read_calendar(text, "x.yaml")
    assert said in str(refused.value)


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def test_the_command_sets_lists_and_shows(
    cadenza: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    file = tmp_path / "shanghai.yaml"
    file.write_text(FILE, "utf-8")
    assert cadenza("calendar", "set", str(file)) == (0, 'Calendar "shanghai" made.\n')
    code, told = cadenza("calendar", "list")
    assert code == 0
    assert "Office in Shanghai" in told
    code, shown = cadenza("calendar", "show", "shanghai")
    assert code == 0
    again = tmp_path / "again.yaml"
    again.write_text(shown, "utf-8")
    assert cadenza("calendar", "set", str(again)) == (0, 'Calendar "shanghai" changed.\n')
    assert cadenza("calendar", "show", "nowhere") == (
        1,
        'cadenza: There is no calendar "nowhere".\n',
    )


async def test_a_calendar_of_which_nothing_is_left_is_refused_with_its_place(store: Store) -> None:
    mondays = [date(2026, 3, 2) + timedelta(weeks=week) for week in range(60)]
    hours = {"mon": [["09:00", "10:00"]]}
    never = NewCalendar("never", hours, exceptions={f"{day}": [] for day in mondays})
    seldom = NewCalendar("seldom", hours, exceptions={f"{day}": [] for day in mondays[:50]})
    async with store.transaction() as session:
        with pytest.raises(Refused, match="nobody works before 2027-04-26") as refused:
            await put_calendar(session, SYSTEM, never, NOW)
        assert [one.place for one in refused.value.problems] == ["/exceptions"]
        assert await put_calendar(session, SYSTEM, seldom, NOW)
