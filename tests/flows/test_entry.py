from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.flows.entry import (
    Admission,
    EarlierRuns,
    admit,
    entry_key,
    looks_back,
    needs_event,
    numbered_key,
    punctual,
)
from engine.flows.model import Entry, EntryPolicy
from engine.flows.triggers import DateTrigger, ScheduleTrigger

NOW = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
NEVER = EarlierRuns()


def ask(
    entry: Entry,
    *,
    occasion: str = "event:7",
    event: dict[str, Any] | None = None,
    earlier: EarlierRuns | None = None,
    now: datetime = NOW,
    zone: str = "Asia/Singapore",
) -> Admission:
    return admit(entry, occasion=occasion, event=event, earlier=earlier, now=now, zone=zone)


def order(**properties: Any) -> dict[str, Any]:
    return {"name": "Order Completed", "occurred_at": NOW, "properties": properties}


def test_once_has_one_key_for_all_time() -> None:
    assert ask(Entry()).key == ask(Entry(), occasion="audience:9").key == "once"


def test_always_has_a_key_for_each_occasion_so_that_an_event_told_twice_enters_once() -> None:
    entry = Entry(EntryPolicy.ALWAYS)
    assert ask(entry, occasion="event:7").key == ask(entry, occasion="event:7").key
    assert ask(entry, occasion="event:7").key != ask(entry, occasion="event:8").key


def test_once_per_tells_values_apart_and_nothing_else() -> None:
    entry = Entry(EntryPolicy.ONCE_PER, "order_id")
    keys = [ask(entry, event=order(order_id=value)).key for value in ("7", 7, 7.5, True, ["7"])]
    assert len(set(keys)) == 5
    again = ask(entry, occasion="event:8", event=order(order_id="7", total=3)).key
    assert again == keys[0]


def test_once_per_without_the_property_lets_nobody_in_and_says_so() -> None:
    entry = Entry(EntryPolicy.ONCE_PER, "order_id")
    for event in (None, order(), order(order_id=None)):
        admission = ask(entry, event=event)
        assert admission.key is None
        assert admission.why["reason"] == "absent"


def test_once_per_keeps_keys_short_and_storable() -> None:
    entry = Entry(EntryPolicy.ONCE_PER, "note")
    for value in ("x" * 100_000, "a\0b", "\ud800" * 90, {"deep": [1] * 500}):
        key = ask(entry, event=order(note=value)).key
        assert key is not None
        assert len(key) < 100
        assert "\0" not in key
        key.encode()


def test_after_exit_waits_for_the_run_before() -> None:
    entry = Entry(EntryPolicy.AFTER_EXIT)
    assert ask(entry, earlier=NEVER).key == "after_exit:1"
    inside = ask(entry, earlier=EarlierRuns(count=1, unfinished=1))
    assert (inside.key, inside.why["reason"]) == (None, "still_inside")
    assert ask(entry, earlier=EarlierRuns(count=1)).key == "after_exit:2"


def test_two_who_count_the_same_come_to_the_same_key() -> None:
    entry = Entry(EntryPolicy.AFTER_EXIT)
    seen = EarlierRuns(count=3)
    first = ask(entry, occasion="event:1", earlier=seen).key
    assert first == ask(entry, occasion="event:2", earlier=seen).key == numbered_key(entry, 3)


def test_every_opens_again_when_the_span_has_passed_on_the_contacts_calendar() -> None:
    entry = Entry(EntryPolicy.EVERY, "1d")
    # 28 March 2026 09:00 in Berlin; the day after has 23 hours
    entered = datetime(2026, 3, 28, 8, 0, tzinfo=UTC)
    earlier = EarlierRuns(count=1, last_entered_at=entered)
    for hours, key in ((22, None), (23, "every:2")):
        now = entered + timedelta(hours=hours)
        assert ask(entry, earlier=earlier, now=now, zone="Europe/Berlin").key == key
    early = ask(entry, earlier=earlier, now=entered, zone="Europe/Berlin")
    assert early.why["opens_at"] == "2026-03-29T07:00:00+00:00"


def test_every_lets_in_whoever_was_never_there() -> None:
    assert ask(Entry(EntryPolicy.EVERY, "P30D"), earlier=NEVER).key == "every:1"


@pytest.mark.parametrize("policy", EntryPolicy)
def test_policies_say_what_they_need(policy: EntryPolicy) -> None:
    entry = Entry(policy, {"once_per": "order_id", "every": "P30D"}.get(policy))
    assert looks_back(entry) is (policy in (EntryPolicy.AFTER_EXIT, EntryPolicy.EVERY))
    assert needs_event(entry) is (policy is EntryPolicy.ONCE_PER)
    if looks_back(entry):
        with pytest.raises(ValueError, match="looks back"):
            ask(entry)
    else:
        ask(entry, event=order(order_id=1))


def test_entry_key_is_the_key_alone() -> None:
    event = order(order_id=7)
    entry = Entry(EntryPolicy.ONCE_PER, "order_id")
    key = entry_key(entry, event=event, now=NOW, zone="UTC", occasion="event:1")
    assert key == ask(entry, event=event).key


def test_a_weekly_schedule_lets_people_in_though_they_came_in_late_the_last_time() -> None:
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    trigger = ScheduleTrigger(cron="0 9 * * mon", zone="UTC", when=True)
    weekly = Entry(EntryPolicy.EVERY, "P7D")

    def enters(entered_at: datetime, now: datetime) -> bool:
        before = EarlierRuns(1, 0, entered_at)
        admission = admit(
            weekly,
            occasion="audience:1",
            event=None,
            earlier=before,
            now=now,
            zone="UTC",
            late_by=trigger.late_by,
        )
        return admission.key is not None

    next_one = monday + timedelta(days=7, seconds=3)
    assert enters(monday + timedelta(seconds=7), next_one)
    assert enters(monday + timedelta(hours=6), next_one)
    assert not enters(monday + timedelta(days=2), next_one)
    assert not enters(monday + timedelta(seconds=7), monday + timedelta(days=6, hours=23))


def test_a_yearly_date_lets_people_in_though_the_year_before_came_in_late() -> None:
    trigger = DateTrigger(field="birthday", yearly=True)
    before = EarlierRuns(1, 0, NOW + timedelta(seconds=7))
    for late_by, key in ((punctual, None), (trigger.late_by, "every:2")):
        now = datetime(2027, 3, 6, 1, 0, 3, tzinfo=UTC)
        entry = Entry(EntryPolicy.EVERY, "P1Y")
        admission = admit(
            entry,
            occasion="date:a",
            event=None,
            earlier=before,
            now=now,
            zone="UTC",
            late_by=late_by,
        )
        assert admission.key == key
