"""When people come to a flow of their own accord: at the start, or on their days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeAlias

from engine.dates.cron import firings_between
from engine.dates.days_off import DaysOffOf
from engine.dates.occasions import Dated, Occasion, next_occasion
from engine.dates.yearly import Calendar
from engine.errors import Refused
from engine.flows.triggers import DateTrigger, ScheduleTrigger, Trigger
from engine.rules import Facts, Reads
from engine.simulate.clock import Arrival
from engine.simulate.people import Person

INSTANT: Final = timedelta(microseconds=1)
# Every hour of the longest simulation is less.
MOST_FIRINGS: Final = 30_000
Arrivals: TypeAlias = Sequence[tuple[datetime, Arrival]]


class Doors:
    """Who stands at a flow's door without an event, and when; the entry rule is asked then."""

    def __init__(
        self,
        trigger: Trigger,
        start_at: datetime,
        until: datetime,
        *,
        default_zone: str,
        days_off: DaysOffOf,
    ) -> None:
        self._trigger, self._start, self._until = trigger, start_at, until
        self._default_zone, self._days_off = default_zone, days_off
        # of everybody alike, so worked out once
        self._common = _common(trigger, start_at, until)

    def of(self, person: Person) -> Arrivals:
        trigger = self._trigger
        if not isinstance(trigger, DateTrigger):
            return self._common
        return [
            (found.due, _on_a_day(trigger, record_id, found))
            for record_id, one in dates_watched(trigger, person.facts, person.zone)
            for found in self.days(trigger, one)
        ]

    def days(self, trigger: DateTrigger, one: Dated) -> Iterator[Occasion]:
        """The occasions of one date, in order."""
        rule, after = trigger.date_rule(), self._start - INSTANT
        while True:
            found = next_occasion(rule, one, after, self._default_zone, self._days_off)
            if found is None or found.due >= self._until:
                return
            after = found.due
            yield found


def trigger_reads(trigger: Trigger) -> Reads:
    """What must be known of a contact to say when it comes."""
    if not isinstance(trigger, DateTrigger):
        return Reads()
    fields: list[tuple[str, ...]] = [("contact", "country")]
    if trigger.calendar_field is not None:
        fields.append(("contact", *trigger.calendar_field.split(".")))
    if trigger.of_a_deal:
        name = trigger.field.removeprefix("deal.")
        fields += [("deals", "id"), ("deals", *name.split("."))]
        if trigger.deal_stage is not None:
            fields.append(("deals", "stage_kind"))
        return Reads(fields=frozenset(fields), lists=frozenset({"deals"}))
    return Reads(fields=frozenset([*fields, ("contact", *trigger.field.split("."))]))


def dates_watched(
    trigger: DateTrigger, facts: Facts, zone: str
) -> Iterator[tuple[int | None, Dated]]:
    """The dates this trigger watches of a contact, each with the number of the deal it is of."""
    contact: Facts = facts.get("contact") or {}
    where = (calendar_of(trigger, contact), zone, contact.get("country"))
    if not trigger.of_a_deal:
        value = _value(contact, trigger.field)
        if isinstance(value, date):
            yield None, Dated(value, *where)
        return
    name = trigger.field.removeprefix("deal.")
    for deal in facts.get("deals") or ():
        if trigger.deal_stage not in (None, deal.get("stage_kind")):
            continue
        if isinstance(value := _value(deal, name), date):
            yield deal.get("id"), Dated(value, *where)


def calendar_of(trigger: DateTrigger, contact: Facts) -> Calendar:
    if trigger.calendar_field is None:
        return trigger.one_calendar
    named = _value(contact, trigger.calendar_field)
    return Calendar.LUNAR if named == Calendar.LUNAR.value else Calendar.GREGORIAN


def date_in(written: Any) -> Any:
    """A date or an instant as custom fields and the history keep it: as text."""
    if not isinstance(written, str):
        return written
    try:
        whole_day = len(written) == 10
        return date.fromisoformat(written) if whole_day else datetime.fromisoformat(written)
    except ValueError:
        return written


def _common(trigger: Trigger, start_at: datetime, until: datetime) -> Arrivals:
    if isinstance(trigger, ScheduleTrigger):
        times = scheduled(trigger, start_at, until)
        return [(at, _audience(at.isoformat())) for at in times]
    if trigger.starts_on is None and not isinstance(trigger, DateTrigger):
        return [(start_at, _audience("1"))]
    return []


def scheduled(trigger: ScheduleTrigger, start_at: datetime, until: datetime) -> list[datetime]:
    """When a schedule fires from `start_at` until just before `until`. Raises Refused when that is
    more often than can be looked at."""
    firings = firings_between(trigger.schedule, trigger.zone, start_at - INSTANT, until - INSTANT)
    times = list(islice(firings, MOST_FIRINGS + 1))
    if len(times) > MOST_FIRINGS:
        raise Refused(
            f"The schedule fires more than {MOST_FIRINGS:,} times from {start_at:%Y-%m-%d} to "
            f"{until:%Y-%m-%d}. Take a shorter time."
        )
    return times


def _audience(number: str) -> Arrival:
    return Arrival(f"audience:{number}", {"by": "audience"})


def _on_a_day(trigger: DateTrigger, record_id: int | None, found: Occasion) -> Arrival:
    why: dict[str, Any] = {
        "by": "date",
        "field": trigger.field,
        "day": found.day.isoformat(),
        "occasion": found.name,
        "due_at": found.due.isoformat(),
    }
    source = trigger.field
    if record_id is not None:
        why["record_id"] = record_id
        source = f"{source}:{record_id}"
    return Arrival(f"date:{source}:{found.name}", why)


def _value(record: Facts, name: str) -> Any:
    if name.startswith("custom."):
        return date_in((record.get("custom") or {}).get(name.removeprefix("custom.")))
    return record.get(name)
