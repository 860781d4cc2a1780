from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.steps import Wait, moves
from engine.working_time import WorkingCalendar
from tests.steps.standing import FRIDAY, standing


def until(span: str, now: datetime, zone: str) -> datetime | None:
    step = Wait.read({"for": span})
    move = step.enter(standing(step, now=now, zone=zone))
    assert isinstance(move, moves.Wait)
    return move.until


def test_it_waits_and_then_leaves() -> None:
    step = Wait.read({"for": "P3D"})
    move = step.enter(standing(step))
    assert move == moves.Wait(
        FRIDAY + timedelta(days=3),
        why={"for": "P3D", "zone": "Asia/Singapore", "until": "2026-03-09T01:00:00+00:00"},
    )
    assert step.time_came(standing(step)) == moves.Leave("passed")


def test_days_keep_the_local_hour_across_a_clock_change() -> None:
    saturday_nine = datetime(2026, 3, 28, 8, 0, tzinfo=UTC)
    assert until("1d", saturday_nine, "Europe/Berlin") == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


def test_hours_always_last_an_hour() -> None:
    saturday_nine = datetime(2026, 3, 28, 8, 0, tzinfo=UTC)
    assert until("24h", saturday_nine, "Europe/Berlin") == datetime(2026, 3, 29, 8, 0, tzinfo=UTC)


def test_a_month_ends_in_the_month() -> None:
    end_of_january = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    assert until("1mo", end_of_january, "UTC") == datetime(2026, 2, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("span", ["3 day", "", "soon", "0d", "-3d", "P", 3, True, None, ["3d"]])
def test_what_is_no_length_of_time_is_refused(span: object) -> None:
    with pytest.raises(SettingsRefused) as caught:
        Wait.read({"for": span})
    assert [problem.code for problem in caught.value.problems] == [Code.BAD_SPAN]
    assert caught.value.problems[0].path == ("for",)


@pytest.mark.parametrize(
    ("span", "english", "chinese"),
    [
        ("P3D", "3 days", "3 天"),
        ("1d", "1 day", "1 天"),
        ("2w", "2 weeks", "2 周"),
        ("10d", "10 days", "10 天"),
        ("90m", "1 hour 30 minutes", "1 小时 30 分钟"),
        ("1y2mo", "1 year 2 months", "1 年 2 个月"),
        ("45s", "45 seconds", "45 秒"),
    ],
)
def test_the_canvas_says_how_long(span: str, english: str, chinese: str) -> None:
    words = Wait.read({"for": span}).summary()
    assert (words.en, words.zh) == (english, chinese)


def test_only_the_written_key_is_accepted() -> None:
    with pytest.raises(SettingsRefused):
        Wait.read({"span": "3d"})


def test_a_calendar_with_too_little_work_holds_the_run() -> None:
    """731 Mondays are fourteen years, further than any calendar is looked through."""
    step = Wait.read({"for": "731d", "in": "working_time"})
    mondays = WorkingCalendar((((540, 1020),), (), (), (), (), (), ()))
    move = step.enter(standing(step)._replace(calendars={"": mondays}))
    assert isinstance(move, moves.Hold)
    assert move.code == "no_working_time"
