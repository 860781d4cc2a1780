"""A deal that stands on a stage: its clocks, and what they ask for when somebody looks.

A look may come at any time, twice, late, or after years: what is due is found by the clocks alone,
each alert is asked for once in a stay, and the next look is always later than this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from engine.local_time import add_span
from engine.pipelines import StagePlan, Way
from engine.pipelines.actions import Actions
from engine.rules import Rule
from engine.stopwatch import Stopwatch, working_length
from engine.working_time import NoWorkingTime, WorkingCalendar

Trigger: TypeAlias = Literal["alert", "rot"]
# A rule that may move the deal by itself is asked again after every edit, and this often.
LOOK_AGAIN: Final = timedelta(hours=1)
# A calendar in which nobody works may be mended; until then its clocks stand still.
_MENDED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stay:
    """`watch` counts the working time on the stage and rests while a move awaits its approval.

    `quiet_since` is from when silence counts, unless there was activity later; `rotted_at` the last
    sign of life that rot was already told about. `told` are the alerts asked for so far, by their
    place in the stage; `refused` where the deal should have gone by itself and was not let.
    """

    stage: str
    quiet_since: datetime
    watch: Stopwatch
    told: frozenset[int] = frozenset()
    rotted_at: datetime | None = None
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Around:
    """`calendar` None: time of the clock. `zone` is the owner's. `last_activity_at` is the newest
    sign of life that is known; `holds` asks a rule of the deal's facts."""

    now: datetime
    calendar: WorkingCalendar | None
    zone: str
    last_activity_at: datetime | None = None
    holds: Callable[[Rule], bool] = lambda _rule: False


@dataclass(frozen=True, slots=True)
class Deed:
    """What is asked for, and why: the alert's place in the stage, or since when it is silent."""

    trigger: Trigger
    actions: Actions
    alert: int | None = None
    silent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """`way` is a move to be made by itself. `due` is when to look again; None: only people move
    the deal."""

    stay: Stay
    deeds: tuple[Deed, ...] = ()
    way: Way | None = None
    due: datetime | None = None


def begin(stage: str, at: datetime) -> Stay:
    """A stay that begins now, as far as clocks are concerned."""
    return Stay(stage, at, Stopwatch().started(at))


def pause(stay: Stay, around: Around) -> Stay:
    """A move awaits its approval; twice is harmless."""
    return replace(stay, watch=stay.watch.paused(around.now, around.calendar, around.zone))


def resume(stay: Stay, now: datetime) -> Stay:
    """The clocks go on where they stood, and silence counts anew; twice is harmless."""
    if stay.watch.running_since is not None:
        return stay
    return replace(stay, watch=stay.watch.started(now), quiet_since=max(stay.quiet_since, now))


def refused(stay: Stay, to: str) -> Stay:
    """It should have gone there by itself and was not let; that is told once a stay."""
    return replace(stay, refused=stay.refused | {to})


def look(stay: Stay, stage: StagePlan, around: Around) -> Looked:
    """What is due by now. Alerts that came due while nobody looked are all asked for, in order."""
    if stay.watch.running_since is None:
        return Looked(stay)
    alerts = tuple(_alerts(stay, stage, around))
    stay = replace(stay, told=stay.told | {deed.alert for deed in alerts if deed.alert is not None})
    rot = _rot(stay, stage, around)
    if rot is not None:
        stay = replace(stay, rotted_at=rot.silent_since)
    way = _way(stay, stage, around)
    deeds = alerts if rot is None else (*alerts, rot)
    return Looked(stay, deeds, way, next_due(stay, stage, around))


def next_due(stay: Stay, stage: StagePlan, around: Around) -> datetime | None:
    """When something may be due that is not due now."""
    if stay.watch.running_since is None:
        return None
    return min(_dues(stay, stage, around), default=None)


def alert_times(stay: Stay, stage: StagePlan, around: Around) -> tuple[datetime | None, ...]:
    """When each alert of the stage is due or was, in its order; None while the clock rests, and
    where nobody works."""
    return tuple(_worked(stay, alarm.after, around) for alarm in stage.alarms)


def rot_time(stay: Stay, stage: StagePlan, around: Around) -> datetime | None:
    """When the deal is or was silent for too long; None for a stage where silence does not matter,
    and while the clock rests."""
    if stage.rot_after is None or stay.watch.running_since is None:
        return None
    return add_span(_alive_at(stay, around), stage.rot_after, around.zone)


def _dues(stay: Stay, stage: StagePlan, around: Around) -> Iterator[datetime]:
    for at, alarm in enumerate(stage.alarms):
        if at not in stay.told:
            yield _later(_worked(stay, alarm.after, around), around)
    if stage.rot_after is not None:
        rots = _rots_at(stay, stage, around)
        # told already: what happens next is looked for when it could have gone stale at the soonest
        yield add_span(around.now, stage.rot_after, around.zone) if rots is None else rots
    for way in stage.automatic:
        after = around.now if way.after is None else _worked(stay, way.after, around)
        yield max(
            _later(after, around),
            around.now + LOOK_AGAIN if _is_over(after, around) else around.now,
        )


def _later(at: datetime | None, around: Around) -> datetime:
    return around.now + _MENDED if at is None else at


def _is_over(at: datetime | None, around: Around) -> bool:
    return at is not None and at <= around.now


def _alerts(stay: Stay, stage: StagePlan, around: Around) -> Iterator[Deed]:
    for at, alarm in enumerate(stage.alarms):
        if at not in stay.told and _is_over(_worked(stay, alarm.after, around), around):
            yield Deed("alert", alarm.then, alert=at)


def _rot(stay: Stay, stage: StagePlan, around: Around) -> Deed | None:
    if stage.rot_after is None or not _is_over(_rots_at(stay, stage, around), around):
        return None
    return Deed("rot", stage.model.rotten, silent_since=_alive_at(stay, around))


def _rots_at(stay: Stay, stage: StagePlan, around: Around) -> datetime | None:
    """None where rot was told since the last sign of life."""
    alive = _alive_at(stay, around)
    if stage.rot_after is None or (stay.rotted_at is not None and alive <= stay.rotted_at):
        return None
    return add_span(alive, stage.rot_after, around.zone)


def _alive_at(stay: Stay, around: Around) -> datetime:
    """The last sign of life; what is dated ahead of now has not happened yet."""
    seen = around.last_activity_at
    return max(stay.quiet_since, min(seen, around.now)) if seen else stay.quiet_since


def _way(stay: Stay, stage: StagePlan, around: Around) -> Way | None:
    """The first move that is due by itself. Where it was not let before comes last: it may be let
    now, and keeps no other from being tried."""
    for way in sorted(stage.automatic, key=lambda one: one.to in stay.refused):
        if way.after is not None and not _is_over(_worked(stay, way.after, around), around):
            continue
        once = way.once
        if once is None or (once.rule is not None and around.holds(once.rule)):
            return way
    return None


def _worked(stay: Stay, span: Any, around: Around) -> datetime | None:
    """When so much working time is over; None where the calendar has not so much."""
    try:
        limit = working_length(span, around.calendar)
        return stay.watch.due(limit, around.calendar, around.zone)
    except NoWorkingTime:
        return None


def stay_to_json(stay: Stay) -> dict[str, Any]:
    return {
        "stage": stay.stage,
        "quiet_since": stay.quiet_since.isoformat(),
        "watch": stay.watch.as_json(),
        "told": sorted(stay.told),
        "rotted_at": stay.rotted_at.isoformat() if stay.rotted_at else None,
        "refused": sorted(stay.refused),
    }


def stay_from_json(document: Mapping[str, Any]) -> Stay:
    rotted = document.get("rotted_at")
    return Stay(
        document["stage"],
        datetime.fromisoformat(document["quiet_since"]),
        Stopwatch.from_json(document["watch"]),
        frozenset(document.get("told", ())),
        datetime.fromisoformat(rotted) if rotted else None,
        frozenset(document.get("refused", ())),
    )
