"""Calendars in SQL: days that come round, local days and months, in every zone and on every day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert

from engine.local_time import anniversary, days_of_the_year
from engine.rules import parse
from engine.services.fact_columns import CONTACT
from engine.services.segments_query import ids_matching
from tests.rules.adversarial import CATALOGUE
from tests.rules.test_cases import FOLDER, when
from tests.servers import Databases

# Every day there is, and somebody whose birthday nobody knows.
BIRTHDAYS = [date(2000, 1, 1) + timedelta(days=day) for day in range(366)]
NOWS = [
    datetime(2026, 2, 26, 23, 30, tzinfo=UTC),
    datetime(2026, 2, 28, 12, tzinfo=UTC),
    datetime(2028, 2, 28, 12, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2026, 12, 28, 12, tzinfo=UTC),
    datetime(2026, 6, 10, 12, tzinfo=UTC),
]


def comes_round(day: date, first: date, last: date) -> bool:
    return any(anniversary(day, year) >= first and anniversary(day, year) <= last
               for year in range(first.year, last.year + 1))  # fmt: skip


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.dates(date(1999, 1, 1), date(2040, 1, 1)),
    st.integers(0, 365),
)
def test_a_day_comes_round_when_its_anniversary_is_in_the_window(
    day: date, first: date, days: int
) -> None:
    last = first + timedelta(days=days)
    place = day.month * 100 + day.day
    found = any(low <= place <= high for low, high in days_of_the_year(first, last))
    assert found is comes_round(day, first, last)


@pytest.fixture(scope="module")
def connection(databases: Databases) -> Iterator[Connection]:
    name = databases.fresh()
    engine = create_engine(databases.url(name))
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("set time zone 'America/New_York'")
            rows = [
                {
                    "birthday": day,
                    "email": None,
                    "custom": {"since": day.isoformat()} if day else {"since": "2000-02-30"},
                }
                for day in (*BIRTHDAYS, None)
            ]
            connection.execute(insert(CONTACT), rows)
            yield connection
    finally:
        engine.dispose()
        databases.drop(name)


@pytest.mark.parametrize("now", NOWS, ids=str)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati"])
def test_memory_and_sql_find_the_same_people(
    connection: Connection, now: datetime, zone: str
) -> None:
    for fact in ("contact.birthday", "contact.custom.since"):
        for ahead in ([0, "days"], [3, "weeks"], [1, "month"]):
            rule = parse(
                {"anniversary_in_next": [{"var": fact}, *ahead]}, CATALOGUE, event_rule=False
            )
            in_memory = {
                at + 1
                for at, day in enumerate(BIRTHDAYS)
                if rule.holds(
                    {"contact": {"birthday": day, "custom": {"since": day.isoformat()}}}, now, zone
                )
            }
            found = connection.execute(ids_matching(rule, now, zone)).scalars()
            assert set(found) == in_memory
            assert in_memory
    everybody = len(BIRTHDAYS) + 1
    others = parse(
        {"!": [{"anniversary_in_next": [{"var": "contact.birthday"}, 365, "days"]}]},
        CATALOGUE,
        event_rule=False,
    )
    assert list(connection.execute(ids_matching(others, now, zone)).scalars()) == [everybody]


CALENDAR_CASES = [
    pytest.param(case, id=case["name"])
    for file in ("calendars", "anniversaries")
    for case in yaml.safe_load((FOLDER / f"{file}.yaml").read_text("utf-8"))
]


@pytest.mark.parametrize("case", CALENDAR_CASES)
def test_the_tables_of_cases_hold_in_sql_too(connection: Connection, case: dict[str, Any]) -> None:
    rule = parse(case["rule"], CATALOGUE, event_rule=False)
    contact = {"last_seen_at": None, "birthday": None, "custom": {}, **case["facts"]["contact"]}
    with connection.begin_nested() as attempt:
        number = connection.execute(insert(CONTACT).returning(CONTACT.c.id), contact).scalar_one()
        found = connection.execute(ids_matching(rule, *when(case))).scalars()
        assert (number in set(found)) is case["holds"]
        attempt.rollback()
