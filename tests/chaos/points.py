"""The moments at which something is killed: each lies between two things that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Victim = Literal["worker", "web", "postgres", "temporal"]

PERFORMER = "engine.services.performing:Performer"


@dataclass(frozen=True, slots=True)
class Point:
    """When the function `at` ("module:Name.name") is entered or left for the `nth` time after the
    point was armed, `victim` is killed. `at` must be reached by the process `role`.
    """

    name: str
    at: str
    when: Literal["before", "after"]
    victim: Victim
    role: Literal["worker", "web"] = "worker"
    nth: int = 1


POINTS: Sequence[Point] = (
    Point(
        "a page of the audience written, not committed",
        "engine.activities.audience:enrol_page",
        "after",
        "worker",
    ),
    Point(
        "a page of the audience written, the database gone",
        "engine.activities.audience:enrol_page",
        "after",
        "postgres",
    ),
    Point(
        "a page of the audience committed, no driver poked",
        "engine.activities.audience:AudienceActivities._page",
        "after",
        "worker",
    ),
    Point(
        "due runs moved, not committed", "engine.activities.advance:advance_due", "after", "worker"
    ),
    Point(
        "due runs moved, the database gone",
        "engine.activities.advance:advance_due",
        "after",
        "postgres",
    ),
    Point(
        "due runs committed, no driver poked",
        "engine.activities.advance:AdvanceActivities._batch",
        "after",
        "worker",
    ),
    Point("effects claimed, not committed", "crm_store.effects:claim", "after", "worker"),
    Point("effects claimed, nothing handed over", f"{PERFORMER}._do", "before", "worker"),
    Point("claims of the dead taken over, not settled", f"{PERFORMER}._settle", "before", "worker"),
    Point("effects claimed, the database gone", f"{PERFORMER}._do", "before", "postgres"),
    Point("effects claimed, the engine gone", f"{PERFORMER}._do", "before", "temporal"),
    Point(
        "half of a group handed over",
        "engine.channels.smtp:SmtpChannel._deliver",
        "after",
        "worker",
        nth=7,
    ),
    Point(
        "mails handed over, the database gone",
        "engine.channels.smtp:SmtpChannel._deliver",
        "after",
        "postgres",
        nth=7,
    ),
    Point("mails handed over, not recorded", f"{PERFORMER}._record", "before", "worker"),
    Point("answers recorded, not committed", f"{PERFORMER}._answer", "after", "worker"),
    Point("answers recorded, the database gone", f"{PERFORMER}._answer", "after", "postgres"),
    Point(
        "answers committed, no driver poked",
        "engine.activities.perform:PerformActivities._tell",
        "before",
        "worker",
    ),
    Point(
        "events taken, nothing done yet",
        "engine.services.dispatching:pending_events",
        "after",
        "worker",
    ),
    Point(
        "events dealt with, not committed",
        "engine.services.dispatching:mark_dispatched",
        "after",
        "worker",
    ),
    Point(
        "events dealt with, the database gone",
        "engine.services.dispatching:mark_dispatched",
        "after",
        "postgres",
    ),
    Point(
        "events dealt with, the engine gone",
        "engine.services.dispatching:mark_dispatched",
        "after",
        "temporal",
    ),
    Point(
        "events committed, no driver poked",
        "engine.activities.dispatch:DispatchActivities._batch",
        "after",
        "worker",
    ),
    Point(
        "events taken in, not committed",
        "engine.services.events.accepting:Accepting._write",
        "after",
        "web",
        "web",
    ),
    Point(
        "events taken in, the database gone",
        "engine.services.events.accepting:Accepting._write",
        "after",
        "postgres",
        "web",
    ),
    Point(
        "events committed, not answered",
        "engine.services.events.accepting:Accepting.accept",
        "after",
        "web",
        "web",
    ),
    Point(
        "events committed, the engine gone",
        "engine.services.events.accepting:Accepting.accept",
        "after",
        "temporal",
        "web",
    ),
)
