"""A policy: who is told after which time, how often, and what happens when nobody answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from engine.errors import Problem
from engine.escalations.rotation import Rotation
from engine.escalations.targets import TargetText
from engine.escalations.urgency import Urgency
from engine.flows.field_types import Slug, SpanText, one_of
from engine.flows.problems import pointer_to
from engine.flows.settings_problems import setting_problems
from engine.local_time import parse_span
from engine.stopwatch import working_length
from engine.working_time import WorkingCalendar

# What a policy of duty may ask of people; beyond it somebody made a mistake.
MOST_LEVELS: Final = 10
MOST_ROUNDS: Final = 10
MOST_REPEATS: Final = 50

Time = Literal["working", "clock"]
TimeText = Annotated[Time, one_of("working", "clock")]
# A calendar's name; the empty one is the default calendar.
CalendarName = Annotated[str, Field(strict=True, max_length=63)]
UrgencyText = Annotated[Urgency, one_of(*(urgency.value for urgency in Urgency))]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Repeat(BaseModel):
    """Whoever a level means is told again, as long as no further level was told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: SpanText
    times: int = Field(strict=True, ge=1, le=MOST_REPEATS)


class Level(BaseModel):
    """`after` is how long after the level before (the first: after the opening); at once without.

    `urgency` None is that of the case. `if_empty`: what happens when nobody of `to` is there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Annotated[tuple[TargetText, ...], BeforeValidator(_listed)] = Field(
        min_length=1, max_length=20
    )
    after: SpanText | None = None
    urgency: UrgencyText | None = None
    repeat: Repeat | None = None
    if_empty: Annotated[Literal["skip", "hold"], one_of("skip", "hold")] = "skip"
    time: TimeText | None = None
    calendar: CalendarName | None = None


class Policy(BaseModel):
    """`rounds` is how often all levels are gone through; `wait` is how long each round waits after
    its last level. `acknowledged_for` is how long somebody may sit on what they took up; without it
    for ever. `once_taken_up`: whether that ends it. `at_the_end`: what becomes of a case that
    nobody took up.

    `if_nobody`: a case in which nobody at all could be told is held even where `at_the_end` says
    otherwise, unless whoever asked goes on by themselves ("end").
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    levels: tuple[Level, ...] = Field(min_length=1, max_length=MOST_LEVELS)
    time: TimeText = "working"
    calendar: CalendarName = ""
    wait: SpanText = "PT4H"
    rounds: int = Field(default=1, strict=True, ge=1, le=MOST_ROUNDS)
    acknowledged_for: SpanText | None = None
    at_the_end: Annotated[Literal["hold", "resolve"], one_of("hold", "resolve")] = "hold"
    once_taken_up: Annotated[Literal["keep", "resolve"], one_of("keep", "resolve")] = "keep"
    if_nobody: Annotated[Literal["hold", "end"], one_of("hold", "end")] = "hold"
    rotations: Mapping[Slug, Rotation] = Field(default_factory=dict, max_length=20)
    label_zh: str | None = Field(default=None, max_length=200)

    def clock_of(self, level: Level | None = None) -> str | None:
        """The name of the calendar that the time before this level is counted by, None for the
        time of the clock; without a level, that of the policy."""
        time = self.time
        if level is not None:
            # a calendar that is written for a level alone means working time there
            time = level.time or ("working" if level.calendar is not None else self.time)
        if time == "clock":
            return None
        if level is not None and level.calendar is not None:
            return level.calendar
        return self.calendar

    def calendars(self) -> frozenset[str]:
        """The names of all calendars that count; the default one is the empty name."""
        clocks = {self.clock_of(), *(self.clock_of(level) for level in self.levels)}
        return frozenset(name for name in clocks if name is not None)

    def foreign_rotations(self) -> frozenset[tuple[str, str]]:
        """Rotations of other policies that levels name, as `on_duty:<policy>/<rotation>`."""
        named = (
            target.removeprefix("on_duty:").strip()
            for level in self.levels
            for target in level.to
            if target.startswith("on_duty:")
        )
        parts = (name.partition("/") for name in named)
        return frozenset((policy, rotation) for policy, slash, rotation in parts if slash)


def read_policy(document: Mapping[str, Any], problems: list[Problem]) -> Policy | None:
    """The policy in a document; mistakes of form go to `problems` with JSON pointers."""
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        problems += [
            Problem(pointer_to(found.path), found.code.value, found.message)
            for found in setting_problems(Policy, error)
        ]
        return None


def length_of(span: str, calendar: WorkingCalendar | None) -> timedelta:
    """How much time of the calendar a checked span means."""
    return working_length(parse_span(span), calendar)
