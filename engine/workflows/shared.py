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
ASSIGN = "assign_waiting"
CARRY_OUT_JOBS = "carry_out_jobs"
WRITE_DOWN_FORECAST = "write_down_forecast"
KEEP_NO_LONGER = "keep_no_longer"
TEND = "tend"
ACT = "act_on_answer"
SWEEP = "sweep_clocks"
MAIL_NOTICES = "mail_notices"
DELIVER_WEBHOOKS = "deliver_webhooks"
SEAL_AUDIT = "seal_audit"


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
class AssignmentsInput:
    idle_seconds: float = 30


@dataclass(frozen=True, slots=True)
class JobsInput:
    idle_seconds: float = 60


@dataclass(frozen=True, slots=True)
class ForecastsInput:
    """A day is looked at anew after an outage."""

    idle_seconds: float = 3600


@dataclass(frozen=True, slots=True)
class RetentionInput:
    """What is old goes once a day; rules are read anew each time."""

    idle_seconds: float = 86_400


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


@dataclass(frozen=True, slots=True)
class HostInput:
    """`kind` is "deal", "approval", "escalation" or "ticket"; `due` and `revision` are its clock's
    when it was started."""

    kind: str
    entity_id: int
    due: float | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class TendInput:
    kind: str
    entity_id: int


@dataclass(frozen=True, slots=True)
class ClockNews:
    """A clock after a change. Of two, the one with the higher revision is true."""

    due: float | None = None
    revision: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Tended:
    """`clock` is None when the thing is over."""

    clock: ClockNews | None = None


@dataclass(frozen=True, slots=True)
class AnswerInput:
    """What was answered is in our tables, under the id."""

    kind: str
    entity_id: int
    answer_id: str


@dataclass(frozen=True, slots=True)
class Acted:
    """`code` is what became of the answer; `clock` is None when the thing is not open any more."""

    code: str
    clock: ClockNews | None = None


@dataclass(frozen=True, slots=True)
class ClocksInput:
    """`forgotten`: this run goes on where another one ended, so hosts were not lost before it."""

    idle_seconds: float = 30
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class SweepInput:
    """`forget_before` is set in the first sweep on a Temporal that is new here."""

    forget_before: float | None = None


@dataclass(frozen=True, slots=True)
class WebhooksInput:
    idle_seconds: float = 30


@dataclass(frozen=True, slots=True)
class AuditSealsInput:
    idle_seconds: float = 60


@dataclass(frozen=True, slots=True)
class NoticesInput:
    idle_seconds: float = 30


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


def host_id(kind: str, entity_id: int) -> str:
    return f"{kind}/{entity_id}"


def clocks_id() -> str:
    return "clocks"


def webhooks_id() -> str:
    return "webhooks"


def audit_seals_id() -> str:
    return "audit-seals"


def notices_id() -> str:
    return "notices"


def assignments_id() -> str:
    return "assignments"


def jobs_id() -> str:
    return "jobs"


def forecasts_id() -> str:
    return "forecasts"


def retention_id() -> str:
    return "retention"


def bounces_id() -> str:
    return "bounces"


def audience_id(enrolment_id: int) -> str:
    return f"audience/{enrolment_id}"


def version_move_id(move_id: int) -> str:
    return f"version-move/{move_id}"
