"""Stories about time and chance: local mornings, both clock changes, late events, even shares."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from tests.stories.vocabulary import Story

DAILY = """
flow: daily
purpose: service
trigger: {on: event, event: Signed Up}
steps:
  a_day: {do: wait, for: 1d, next: morning}
  morning: {do: wait_until, at: "08:00", next: mail}
  mail: {do: send_message, template: request_received, next: end}
  end: {do: exit}
"""
HALF_PAST_TWO = DAILY.replace('at: "08:00"', 'at: "02:30"').replace("for: 1d", "for: 1h")
BIRTHDAY = """
flow: on_the_day
purpose: service
trigger: {on: manual}
steps:
  the_day:
    do: wait_until
    date: birthday
    yearly: true
    at: "08:00"
    exits: {reached: mail, missed: end}
  mail: {do: send_message, template: request_received, next: again}
  again: {do: jump, at_most: 3, exits: {again: a_month, enough: end}}
  a_month: {do: wait, for: 1mo, next: the_day}
  end: {do: exit}
"""
PATIENT = """
flow: patient
purpose: service
trigger: {on: event, event: Asked}
entry: after_exit
steps:
  answer:
    do: wait_for
    event: Answered
    when: {"==": [{var: event.properties.kind}, real]}
    timeout: 2d
    exits: {happened: thanks, timed_out: sorry}
  thanks: {do: send_message, template: request_received, next: end}
  sorry: {do: create_task, title: "Nobody answered {{ contact.first_name }}", next: late}
  end: {do: exit, outcome: answered}
  late: {do: exit, outcome: late}
"""
SHARES = """
flow: shares
purpose: service
trigger: {on: manual}
steps:
  ways:
    do: split
    arms: [{name: left, weight: 1, next: left}, {name: right, weight: 1, next: right}]
  left: {do: exit, outcome: left}
  right: {do: exit, outcome: right}
"""


@pytest.mark.parametrize(
    ("zone", "starts", "arrives"),
    [
        # the clocks of Berlin go forward on 29 March 2026 and back on 25 October
        ("Europe/Berlin", "2026-03-27 10:00", "Sun 29 Mar 08:00"),
        ("Europe/Berlin", "2026-10-23 10:00", "Sun 25 Oct 08:00"),
        ("America/New_York", "2026-03-06 15:00", "Sun 8 Mar 08:00"),
        ("America/New_York", "2026-10-30 15:00", "Sun 1 Nov 08:00"),
        ("Asia/Singapore", "2026-03-27 10:00", "Sun 29 Mar 08:00"),
    ],
)
def test_the_morning_is_the_morning_where_people_live_on_both_clock_changes(
    zone: str, starts: str, arrives: str
) -> None:
    story = Story(DAILY, starts=starts)
    ada = story.given("Ada", lives_in=zone)
    ada.does("Signed Up")
    story.after(days=3)
    ada.got_at("request_received", arrives)


@pytest.mark.parametrize(
    ("starts", "arrives"),
    [
        # 02:30 does not exist on 29 March: the first moment after the gap
        ("2026-03-28 20:00", "Sun 29 Mar 03:00"),
        # and comes twice on 25 October: the first of the two, once
        ("2026-10-24 20:00", "Sun 25 Oct 02:30"),
    ],
)
def test_a_time_that_is_skipped_or_comes_twice_brings_one_mail(starts: str, arrives: str) -> None:
    story = Story(HALF_PAST_TWO, starts=starts)
    ada = story.given("Ada", lives_in="Europe/Berlin")
    ada.does("Signed Up")
    story.after(days=2)
    ada.got("request_received")
    ada.got_at("request_received", arrives)


def test_a_birthday_on_29_february_is_kept_on_the_28th_in_other_years() -> None:
    story = Story(BIRTHDAY, starts="2026-01-10 09:00")
    ada = story.given("Ada", lives_in="Europe/Berlin", birthday=date(1996, 2, 29))
    story.on("2028-12-31 00:00")
    assert [f"{mail.at:%d %b %Y %H:%M}" for mail in ada.mails] == [
        "28 Feb 2026 08:00",
        "28 Feb 2027 08:00",
        "29 Feb 2028 08:00",
    ]


def test_a_birthday_that_is_corrected_in_time_moves_the_wish() -> None:
    story = Story(BIRTHDAY, starts="2026-01-10 09:00")
    ada = story.given("Ada", birthday=date(1990, 3, 1))
    story.after(days=20)
    ada.becomes(birthday=date(1990, 2, 14))
    story.on("2026-03-20 00:00")
    ada.got_at("request_received", "Sat 14 Feb 08:00")


def test_nobody_is_wished_a_birthday_we_do_not_know() -> None:
    story = Story(BIRTHDAY)
    ada = story.given("Ada")
    ada.left_with("done")
    ada.got_nothing()


def test_an_answer_in_time_is_thanked_for() -> None:
    story = Story(PATIENT)
    ada = story.given("Ada")
    ada.does("Asked")
    story.after(hours=47)
    ada.does("Answered", kind="real")
    ada.got("request_received")
    ada.left_with("answered")


def test_the_time_limit_that_comes_before_the_answer_counts() -> None:
    story = Story(PATIENT)
    ada = story.given("Ada")
    ada.does("Asked")
    story.after(days=2)
    ada.does("Answered", kind="real")
    ada.got_nothing()
    ada.left_with("late")
    assert ada.tasks() == ["Nobody answered Ada"]


def test_another_kind_of_answer_does_not_prolong_the_wait() -> None:
    story = Story(PATIENT)
    ada = story.given("Ada")
    ada.does("Asked")
    story.after(hours=40)
    ada.does("Answered", kind="automatic")
    ada.is_inside()
    story.after(hours=8)
    ada.left_with("late")


def test_who_asks_again_while_inside_waits_in_one_line() -> None:
    story = Story(PATIENT)
    ada = story.given("Ada")
    ada.does("Asked")
    ada.does("Asked")
    assert len(ada.journeys) == 1
    story.after(days=3)
    ada.does("Asked")
    assert len(ada.journeys) == 2


def test_a_split_parts_people_evenly_and_always_the_same_way() -> None:
    def ways() -> list[str | None]:
        story = Story(SHARES)
        people = [story.given("Ada", id_=number) for number in range(1, 1_001)]
        return [person.journeys[-1].standing.outcome for person in people]

    first = ways()
    # four standard deviations of a thousand even draws are 63
    assert abs(Counter(first)["left"] - 500) < 64
    assert ways() == first
