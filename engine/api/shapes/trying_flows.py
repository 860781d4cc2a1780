"""Questions about a flow that is tried: on a virtual clock, or on the past."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from engine.api.shapes.common import Given, Moment, Shown
from engine.api.shapes.segments import NAME
from engine.errors import Problem, Refused
from engine.local_time import SpanRefused, parse_span
from engine.services.backtesting import Question as PastQuestion
from engine.services.simulating import Line, Office
from engine.services.simulating import Question as VirtualQuestion
from engine.services.simulating.question import USUAL_HOURS
from engine.services.simulating.source import Which
from engine.simulate import Habit
from engine.simulate.arbiter import Cap, HouseRules, Window
from engine.steps.span_words import at_least

MOST_CONTACTS = 10_000
MOST_DAYS = 366
# Contacts times days: so many are lived through in a few seconds.
MOST_CONTACT_DAYS = 300_000
MOST_EVENTS = 10_000
MOST_LISTED = 100
# A request may take thirty seconds in all.
LONGEST = timedelta(seconds=20)

SpanText = Annotated[str, Field(min_length=2, max_length=20, examples=["6h"])]
_Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["21:00"])]
_Seed = Annotated[str, Field(min_length=1, max_length=64)]
_Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class HoursGiven(Given):
    """Hours of the day where each contact lives; they may pass midnight."""

    start: _Clock
    end: _Clock

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if self.start == self.end:
            raise ValueError("start and end are the same")
        return self

    def window(self) -> Window:
        return Window(time.fromisoformat(self.start), time.fromisoformat(self.end))


class CapGiven(Given):
    most: int = Field(ge=1, le=1_000)
    per: Literal["day", "week", "month"]


class EventGiven(Given):
    """Something that happens to a contact during the simulation."""

    at: Moment
    contact: _Id | Annotated[str, Field(min_length=1, max_length=320)] = Field(
        description="Number or e-mail address."
    )
    event: str = Field(min_length=1, max_length=200)
    properties: dict[str, Any] = {}


class HabitGiven(Given):
    """What so many percent of people do after a message, some time within a span."""

    event: str = Field(min_length=1, max_length=200)
    percent: float = Field(ge=0, le=100)
    within: SpanText = "1d"


class SimulationGiven(Given):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"days": 30, "contacts": 1000, "seed": "spring"}]}
    )

    version: Which = Field("draft", description="Which version of the flow is tried.")
    days: int = Field(30, ge=1, le=MOST_DAYS)
    contacts: int = Field(1_000, ge=1, le=MOST_CONTACTS, description="How many at most.")
    audience: Annotated[str, Field(pattern=NAME)] | None = Field(
        None, description="A saved segment: only its members take part."
    )
    rule: Any = Field(True, description="Only contacts for whom it holds take part.")
    sample: bool = Field(False, description="Contacts drawn by the seed, not the first ones.")
    start: Moment | None = Field(None, alias="from", description="Now when left out.")
    events: list[EventGiven] = Field([], max_length=MOST_EVENTS)
    habits: list[HabitGiven] = Field([], max_length=20)
    quiet_hours: HoursGiven | None = Field(None, description="When marketing messages wait.")
    caps: list[CapGiven] = Field([], max_length=3, description="Of marketing messages.")
    sending_hours: HoursGiven | None = Field(
        None, description="Messages outside these are counted; 08:00 to 21:00 when left out."
    )
    approvals: Literal["approved", "rejected", "timed_out"] = "approved"
    afresh: bool = Field(
        False, description="Everybody comes as if for the first time; earlier runs do not count."
    )
    acknowledged: bool = Field(True, description="Whether somebody acknowledges escalations.")
    people: list[_Id] = Field(
        [], max_length=MOST_LISTED, description="Contacts whose way is told besides the first few."
    )
    rendered: int = Field(
        20, ge=0, le=200, description="The messages of so many contacts are really written."
    )
    seed: _Seed = "1"

    @model_validator(mode="after")
    def _not_too_much(self) -> Self:
        if self.contacts * self.days > MOST_CONTACT_DAYS:
            raise ValueError(
                f"contacts times days are more than {MOST_CONTACT_DAYS}; ask for fewer of either"
            )
        return self

    def question(self, now: datetime, zone: str, office: Office) -> VirtualQuestion:
        """Raises Refused for a span that is none."""
        caps = tuple(Cap(one.most, one.per) for one in self.caps)
        quiet = None if self.quiet_hours is None else self.quiet_hours.window()
        return VirtualQuestion(
            start_at=(self.start or now).astimezone(UTC),
            days=self.days,
            people=self.contacts,
            rule=self.rule,
            audience=self.audience,
            sample=self.sample,
            lines=[
                Line(e.at.astimezone(UTC), e.event, e.contact, e.properties) for e in self.events
            ],
            habits=[
                Habit(one.event, one.percent, length(one.within, f"/habits/{index}/within"))
                for index, one in enumerate(self.habits)
            ],
            house=HouseRules(quiet, caps) if quiet is not None or caps else None,
            hours=USUAL_HOURS if self.sending_hours is None else self.sending_hours.window(),
            approvals=self.approvals,
            acknowledged=self.acknowledged,
            afresh=self.afresh,
            seed=self.seed,
            default_zone=zone,
            listed=frozenset(self.people),
            rendered=self.rendered,
            office=office,
            longest=LONGEST,
        )


class BacktestGiven(Given):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}]
        }
    )

    version: Which = Field("draft", description="Which version of the flow is tried.")
    since: Moment = Field(alias="from")
    until: Moment | None = Field(None, description="Now when left out.")
    against: Literal["published", "life"] = "published"
    clock: Literal["received", "occurred"] = Field(
        "received", description="When events count; `occurred` for a history that was imported."
    )
    share: float = Field(100, gt=0, le=100, description="Percent of the contacts, by the seed.")
    shown: int = Field(100, ge=0, le=1_000, description="How many differences with reasons.")
    seed: _Seed = "1"

    def question(self, now: datetime, zone: str) -> PastQuestion:
        return PastQuestion(
            since=self.since.astimezone(UTC),
            until=(self.until or now).astimezone(UTC),
            against=self.against,
            clock=self.clock,
            share=self.share,
            seed=self.seed,
            shown=self.shown,
            default_zone=zone,
            longest=LONGEST,
        )


def length(text: str, place: str) -> timedelta:
    try:
        return at_least(parse_span(text))
    except SpanRefused as error:
        problem = Problem(place, "bad_span", str(error))
        raise Refused("A length of time cannot be read.", [problem]) from error


class PeopleShown(Shown):
    taken_part: int
    entered: int
    journeys: int
    held_out: int


class NodeShown(Shown):
    """How often a node was entered and left by each exit, and who stands there at the end."""

    node: str
    do: str
    entered: int
    exits: dict[str, int]
    standing: int


class NeverShown(Shown):
    """A node nobody came to, or an exit nobody took."""

    node: str
    exit: str | None


class MessagesShown(Shown):
    sent: int
    by_template: dict[str, int]
    by_local_day: dict[str, int]
    most_per_person_and_day: int
    hours: str
    outside_hours: int
    outside_hours_people: list[int]


class WaitShown(Shown):
    person: int
    node: str
    reason: str
    at: datetime
    until: datetime


class DeferredShown(Shown):
    """Messages that quiet hours or a cap made wait."""

    messages: int
    by_reason: dict[str, int]
    longest_seconds: int
    first: list[WaitShown]


class StopShown(Shown):
    """`reason` is too_much_at_once or too_many_steps."""

    person: int
    at: datetime
    reason: str


class StoppedShown(Shown):
    """People who were not followed to the end, because they went round without end."""

    people: int
    first: list[StopShown]


class TimelineShown(Shown):
    """One person's way; `entries` are what the journal of a run would hold."""

    person: int
    zone: str
    entered_at: datetime
    entry_key: str
    state: str
    node: str
    outcome: str | None
    held_out: bool
    goal_at: datetime | None
    entries: list[dict[str, Any]]


class CalendarShown(Shown):
    """Templates by the person's own local day."""

    person: int
    days: dict[str, list[str]]


class LetterProblemShown(Shown):
    person: int
    node: str
    template: str
    code: str
    message: str


class LetterShown(Shown):
    person: int
    node: str
    language: str
    subject: str
    text: str


class RenderedShown(Shown):
    """Messages that were really written, with one example of each, and those that could not be."""

    written: int
    failed: int
    problems: list[LetterProblemShown]
    examples: list[LetterShown]


class GoalShown(Shown):
    event: str
    reached: int


class SimulationShown(Shown):
    """`assumed` says what was taken for granted."""

    flow: str
    start: datetime = Field(serialization_alias="from")
    until: datetime
    seed: str
    people: PeopleShown
    outcomes: dict[str, int]
    goal: GoalShown | None
    nodes: list[NodeShown]
    never: list[NeverShown]
    messages: MessagesShown
    deferred: DeferredShown
    stopped: StoppedShown
    timelines: list[TimelineShown]
    calendar: list[CalendarShown]
    rendered: RenderedShown
    events_of_others: int
    assumed: list[str]


class SideShown(Shown):
    people: int
    entries: int


class DifferenceShown(Shown):
    """`enters` and `stays_out` are the reasons of the two sides, by language; empty where a side
    has no rule to ask.
    """

    contact_id: int
    name: str
    at: datetime
    reason: str
    enters: dict[str, str]
    stays_out: dict[str, str]


class DifferencesShown(Shown):
    people: int
    first: list[DifferenceShown]


class LimitShown(Shown):
    code: str
    message: str


class BacktestShown(Shown):
    """`limits` are what the answer cannot know."""

    flow: str
    since: datetime = Field(serialization_alias="from")
    until: datetime
    against: str
    clock: str
    would_enter: SideShown
    other: SideShown
    both: int
    at_other_times: int
    added: DifferencesShown
    removed: DifferencesShown
    entries_by_day: dict[str, int]
    moments_looked_at: int
    seconds: float
    limits: list[LimitShown]
