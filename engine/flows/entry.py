"""Who may enter a flow again: every policy ends in a key that is unique by flow and subject.

The database refuses a second run with the same flow, subject and entry key, so two workers that
admit the same subject at once create one run. Policies that look back (`after_exit`, `every`)
number their runs: whoever counted the same earlier runs comes to the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from engine.flows.model import Entry, EntryPolicy
from engine.local_time import add_span, parse_span

# Longer values are stored as their hash, so that an index entry stays small.
_LONGEST_VALUE = 80
# Whom the clock lets in enters a little after the time that was due, one time later than another
# and after an outage by hours: a weekly schedule must not find that a week is not over yet. Who was
# let in by hand was due at no time at all, so only so much is forgiven.
EARLY_PART: Final = 10
MOST_EARLY: Final = timedelta(hours=12)

LateBy = Callable[[datetime], timedelta]


def punctual(_entered_at: datetime) -> timedelta:
    """Of whom an event or a person lets in: at once."""
    return timedelta(0)


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """What the subject has done in this flow before: all its runs, whatever their version."""

    count: int = 0
    unfinished: int = 0
    last_entered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """`key` is the entry key of the new run, None when the subject may not enter; `why` says it."""

    key: str | None
    why: Mapping[str, Any] = field(default_factory=dict)


def looks_back(entry: Entry) -> bool:
    """Whether `admit` must be given the subject's earlier runs."""
    policies = (EntryPolicy.AFTER_EXIT, EntryPolicy.EVERY)
    return entry.policy in policies or entry.at_most is not None


def needs_event(entry: Entry) -> bool:
    """Whether only an event can bring somebody in; an audience enrolled by hand has none."""
    return entry.policy is EntryPolicy.ONCE_PER


def admit(
    entry: Entry,
    *,
    occasion: str,
    event: Mapping[str, Any] | None,
    earlier: EarlierRuns | None,
    now: datetime,
    zone: str,
    late_by: LateBy = punctual,
) -> Admission:
    """The key of a new run, or why there is none.

    `occasion` names what brings the subject, the same each time it is told: "event:<id>",
    "audience:<id>", "by_hand:<id>". It makes `always` safe to repeat; whoever was let in for it
    before is refused by the store again, whatever `earlier` says. `event` is the event fact
    ({"properties": {...}}) or None. `earlier` may be None unless `looks_back(entry)`. `late_by`
    tells of an earlier entry by a date or a schedule how long it came after the time that was due:
    the span of `every` counts from that time, but ends a tenth sooner at most, or twelve hours.
    """
    match entry.policy:
        case EntryPolicy.ONCE:
            return Admission("once", {"policy": "once"})
        case EntryPolicy.ALWAYS:
            return _always(entry, occasion, earlier)
        case EntryPolicy.ONCE_PER:
            return _once_per(entry.by or "", event)
        case EntryPolicy.AFTER_EXIT:
            return _after_exit(_given(entry, earlier))
        case EntryPolicy.EVERY:
            return _every(entry.by or "", _given(entry, earlier), now, zone, late_by)


def entry_key(
    entry: Entry,
    *,
    event: Mapping[str, Any] | None,
    now: datetime,
    zone: str,
    occasion: str,
    earlier: EarlierRuns | None = None,
) -> str | None:
    """The key alone; None when the subject may not enter now."""
    return admit(entry, occasion=occasion, event=event, earlier=earlier, now=now, zone=zone).key


def numbered_key(entry: Entry, count: int) -> str:
    """The key of a subject's next run under a policy that looks back, after `count` earlier runs.

    For audiences admitted set-wise: the count may come from SQL.
    """
    return f"{entry.policy.value}:{count + 1}"


def _always(entry: Entry, occasion: str, earlier: EarlierRuns | None) -> Admission:
    """With a limit the store has the last word: see `NewRun.at_most`."""
    why: dict[str, Any] = {"policy": "always"}
    if entry.at_most is not None:
        inside = _given(entry, earlier).unfinished
        why |= {"at_most": entry.at_most, "inside": inside}
        if inside >= entry.at_most:
            return Admission(None, {**why, "reason": "too_many_inside"})
    return Admission(f"always:{occasion}", why)


def _given(entry: Entry, earlier: EarlierRuns | None) -> EarlierRuns:
    if earlier is None:
        raise ValueError(f'entry "{entry.policy}" looks back; pass the earlier runs')
    return earlier


def _once_per(name: str, event: Mapping[str, Any] | None) -> Admission:
    value = (event or {}).get("properties", {}).get(name)
    if value is None:
        return Admission(None, {"policy": "once_per", "property": name, "reason": "absent"})
    return Admission(f"per:{_spelled(value)}", {"policy": "once_per", "property": name})


def _spelled(value: object) -> str:
    """A text that differs where the JSON values differ: the text "7" is not the number 7."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if len(text) <= _LONGEST_VALUE and "\0" not in text:
        return text
    return f"sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def _after_exit(earlier: EarlierRuns) -> Admission:
    why = {"policy": "after_exit", "earlier_runs": earlier.count}
    if earlier.unfinished:
        return Admission(None, {**why, "reason": "still_inside"})
    return Admission(f"after_exit:{earlier.count + 1}", why)


def _every(span: str, earlier: EarlierRuns, now: datetime, zone: str, late_by: LateBy) -> Admission:
    why: dict[str, Any] = {"policy": "every", "span": span, "earlier_runs": earlier.count}
    if earlier.last_entered_at is not None:
        opens_at = add_span(earlier.last_entered_at, parse_span(span), zone)
        most = min((opens_at - earlier.last_entered_at) / EARLY_PART, MOST_EARLY)
        opens_at -= min(late_by(earlier.last_entered_at), most)
        if now < opens_at:
            return Admission(None, {**why, "reason": "too_early", "opens_at": opens_at.isoformat()})
    return Admission(f"every:{earlier.count + 1}", why)
