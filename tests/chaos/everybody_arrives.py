"""People travel while the product is killed under them: nobody is lost, nobody is written to twice.

A soak of some minutes: `make chaos` kills at all points while 5,000 travel, `make chaos FEW=yes` at
three while 120 do. The stories of the suite kill everything at once instead.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.chaos.points import POINTS, Point
from tests.chaos.rig import Rig
from tests.stories.product import until
from tests.stories.test_win_back import mails_of

FLOW = """
flow: long_way
label: A long way
subject: contact
purpose: marketing
consent_note: everybody asked for it
trigger: {on: segment, when: {is_set: [{var: contact.email}]}}
entry: once
steps:
  hello:  {do: send_message, template: welcome, next: visit}
  visit:  {do: wait_for, event: Visited, timeout: P9D, exits: {happened: offer, timed_out: lost}}
  offer:  {do: send_message, template: offer, next: settle}
  settle: {do: wait, for: PT2S, next: mark}
  mark:   {do: update_record, set: {lifecycle_stage: opportunity}, add_tags: [offered], next: buy}
  buy:    {do: wait_for, event: Bought, timeout: P9D, exits: {happened: thanks, timed_out: lost}}
  thanks: {do: send_message, template: win_back, next: done}
  lost:   {do: exit, outcome: lost}
  done:   {do: exit, outcome: done}
"""
PEOPLE = """
INSERT INTO contact (external_id, email, email_key, first_name, country, language, time_zone)
SELECT 'person-' || n, 'person' || n || '@example.com', 'person' || n || '@example.com',
       'Person ' || n, 'SG', 'en', 'Asia/Singapore' FROM generate_series(1, {count}) AS n
"""
CONSENT = """
INSERT INTO consent (contact_id, channel, purpose, granted, lawful_basis, source)
SELECT id, 'email', 'marketing', true, 'consent', 'story' FROM contact
"""
# Those that are hardest to get right, for whoever will not wait for all.
FEW = (
    "a page of the audience committed, no driver poked",
    "half of a group handed over",
    "events dealt with, the database gone",
)


def chosen() -> tuple[int, Sequence[Point]]:
    if os.environ.get("CHAOS_FEW"):
        return 120, [point for point in POINTS if point.name in FEW]
    return int(os.environ.get("CHAOS_PEOPLE", "5000")), POINTS


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    tmp_path.chmod(0o711)
    one = Rig(tmp_path)
    try:
        one.start()
        yield one
    finally:
        one.stop()


def test_nobody_is_lost_and_nobody_gets_a_mail_twice_whatever_is_killed(
    rig: Rig, tmp_path: Path
) -> None:
    people, points = chosen()
    rig.sql(PEOPLE.format(count=people))
    rig.sql(CONSENT)
    file = tmp_path / "long_way.yaml"
    file.write_text(FLOW)
    early = [point for point in points if "audience" in point.at]
    rest = [point for point in points if point not in early]
    rig.arm(early[0])
    rig.cadenza("flow", "publish", str(file))
    for number, point in enumerate(early):
        if number:
            rig.arm(point)
        wait_for(rig, point)

    size = max(1, 2 * people // len(rest))
    for event, node in (("Visited", "visit"), ("Bought", "buy")):
        until(partial(at_node, rig, node, people), f"everybody waits at {node}", seconds=300)
        for start in range(1, people + 1, size):
            armed = rest.pop(0) if rest else None
            if armed is not None:
                rig.arm(armed)
            rig.tell(event, range(start, min(start + size, people + 1)))
            if armed is not None:
                wait_for(rig, armed)
    assert not rest
    until(lambda: all_done(rig, people), "everybody is through", seconds=600)

    assert rig.one("SELECT count(*) FROM run") == people
    assert rig.sql("SELECT DISTINCT outcome FROM run") == [("done",)]
    counts: Counter[tuple[str, str]] = mails_of(rig.mail)
    assert set(counts.values()) == {1}
    assert counts.total() == 3 * people
    states = dict(rig.sql("SELECT state, count(*) FROM message GROUP BY state"))
    assert states == {"sent": 3 * people}
    assert rig.one("SELECT count(*) FROM contact_tag") == people
    assert rig.one("SELECT count(*) FROM event_pending") == 0
    assert rig.one("SELECT count(*) FROM event WHERE name IN ('Visited', 'Bought')") == 2 * people
    nobody_stands_in_between(rig)


def wait_for(rig: Rig, point: Point) -> None:
    """Until the point was reached and its victim is back."""

    def reached() -> bool:
        rig.keep_running()
        return rig.fired()

    until(reached, f"it came to: {point.name}", seconds=90)
    until(partial(all_up, rig), f"all is up again after: {point.name}")


def all_up(rig: Rig) -> bool:
    rig.keep_running()
    return rig.answers()


def at_node(rig: Rig, node: str, people: int) -> bool:
    rig.keep_running()
    standing = rig.one(f"SELECT count(*) FROM run WHERE node = '{node}' AND happening IS NULL")
    return bool(standing == people)


def all_done(rig: Rig, people: int) -> bool:
    rig.keep_running()
    return bool(rig.one("SELECT count(*) FROM run WHERE state = 'ended'") == people)


def nobody_stands_in_between(rig: Rig) -> None:
    """What the counters say: as many left each node as came."""
    left_over = rig.sql(
        "SELECT node, sum(CASE WHEN exit = '' THEN count ELSE -count END) FROM node_count "
        "GROUP BY node HAVING sum(CASE WHEN exit = '' THEN count ELSE -count END) <> 0"
    )
    assert left_over == []
