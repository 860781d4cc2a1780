"""What workflows and activities say to each other: plain values, and the names of activities.

Workflows and activities never import each other; they meet here. Times are seconds since the epoch,
so that no value depends on how a converter writes dates. New fields come with defaults.
"""

from __future__ import annotations

from dataclasses import dataclass

DISPATCH = "dispatch_events"
ADVANCE = "advance_runs"
PERFORM = "perform_effects"
ENROL = "enrol_audience"
RECOUNT = "recount_segments"
CARE_FOR_FACTS = "care_for_facts"
SCORE = "score_contacts"
LOOK_AT_DATES = "look_at_dates"
# The name of the tick, and of the workflows it starts.
DUE_DATES_SCHEDULE = "due-dates"
MOVE_VERSIONS = "move_versions"
DECIDE = "decide_winners"
READ_BOUNCES = "read_bounces"


@dataclass(frozen=True, slots=True)
class Progress:
    """`again`: there is more to do now. `next_due`: when there will be; None: only a poke tells."""

    done: int = 0
    again: bool = False
    next_due: float | None = None


@dataclass(frozen=True, slots=True)
class DispatchInput:
    partition: int
    idle_seconds: float = 30


@dataclass(frozen=True, slots=True)
class NurtureInput:
    flow: str
    shard: int
    idle_seconds: float = 300


@dataclass(frozen=True, slots=True)
class PerformInput:
    shard: int
    idle_seconds: float = 30


@dataclass(frozen=True, slots=True)
class SegmentsInput:
    idle_seconds: float = 30


@dataclass(frozen=True, slots=True)
class FactsCareInput:
    idle_seconds: float = 300


@dataclass(frozen=True, slots=True)
class ScoresInput:
    idle_seconds: float = 30


@dataclass(frozen=True, slots=True)
class WinnersInput:
    idle_seconds: float = 300


@dataclass(frozen=True, slots=True)
class BouncesInput:
    idle_seconds: float = 60


@dataclass(frozen=True, slots=True)
class AudienceInput:
    enrolment_id: int


@dataclass(frozen=True, slots=True)
class VersionMoveInput:
    move_id: int
    idle_seconds: float = 60


@dataclass(frozen=True, slots=True)
class DueDatesInput:
    """`tick_seconds` is how far apart the ticks are, counted from midnight in UTC."""

    tick_seconds: float = 900


def dispatch_id(partition: int) -> str:
    return f"dispatch/{partition}"


def nurture_id(flow: str, shard: int) -> str:
    return f"nurture/{flow}/{shard}"


def perform_id(shard: int) -> str:
    return f"perform/{shard}"


def segments_id() -> str:
    return "segments"


def facts_care_id() -> str:
    return "facts-care"


def scores_id() -> str:
    return "scores"


def birthday_care_id() -> str:
    return "birthday-care"


def winners_id() -> str:
    return "winners"


def bounces_id() -> str:
    return "bounces"


def audience_id(enrolment_id: int) -> str:
    return f"audience/{enrolment_id}"


def version_move_id(move_id: int) -> str:
    return f"version-move/{move_id}"
