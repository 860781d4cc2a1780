"""A happening to cases, carried out: the machine is asked, and what follows is written.

One statement of each kind, however many cases there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm_store import escalations as rows
from crm_store.escalation_steps import StepRow, add_steps
from crm_store.escalations import CaseChange, CaseRow
from engine.escalations.targets import Scene
from engine.machines.escalation import (
    Around,
    CaseState,
    Course,
    Effect,
    Happening,
    Held,
    Over,
    Paused,
    Reopened,
    Resumed,
    Skipped,
    StoodIn,
    Taken,
    Tell,
    proceed,
)
from engine.services.clocks import end_clocks, set_clocks
from engine.services.escalations.policies import policies_of, rotations_of
from engine.services.escalations.telling_people import tellings_of
from engine.services.escalations.telling_runs import tell_runs
from engine.services.telling import Telling, tell
from engine.services.tending import ClockKind

if TYPE_CHECKING:
    from engine.services.work import Work


@dataclass(slots=True)
class _Collected:
    changes: dict[int, CaseChange] = field(default_factory=dict)
    steps: list[StepRow] = field(default_factory=list)
    # what each step is a part of: people are told of it under the step's id
    about: list[tuple[CaseRow, Effect | None]] = field(default_factory=list)


async def go_on(
    work: Work,
    cases: Sequence[CaseRow],
    happening: Happening,
    *,
    comment: str | None = None,
    clocks: bool = True,
) -> dict[int, Course]:
    """What became of each case; they must be locked by this transaction.

    `clocks`: whether their clocks are set here too, or by whoever asked (a tender's host).
    """
    courses = await _courses(work, cases, happening)
    moved = [one for one in cases if _changed(one, courses[one.id])]
    collected = _Collected()
    for case in moved:
        _collect(work, case, happening, courses[case.id], comment, collected)
    await rows.write_cases(work.session, collected.changes)
    ids = await add_steps(work.session, collected.steps)
    await tell(work, await _tellings(work, collected, ids))
    await tell_runs(work, moved, {case.id: courses[case.id] for case in moved})
    if clocks:
        await _set_clocks(work, courses)
    return courses


async def _courses(work: Work, cases: Sequence[CaseRow], happening: Happening) -> dict[int, Course]:
    policies = await policies_of(work, [one for one in cases if one.ended_at is None])
    going = [one for one in cases if one.id in policies]
    rotations = await rotations_of(work, [(one.policy, policies[one.id]) for one in going])
    directory, calendars = await work.directory(), await work.calendars()
    found = {
        one.id: Course(CaseState.from_json(one.state), (), None)
        for one in cases
        if one.id not in policies
    }
    for case, turns in zip(going, rotations, strict=True):
        scene = Scene(directory, turns, case.owner_id, case.team)
        around = Around(scene, calendars, work.shared.default_zone)
        state = CaseState.from_json(case.state)
        found[case.id] = proceed(policies[case.id], state, happening, around, work.now)
    return found


def _changed(case: CaseRow, course: Course) -> bool:
    return bool(course.effects) or course.state.as_json() != case.state


def _collect(
    work: Work,
    case: CaseRow,
    happening: Happening,
    course: Course,
    comment: str | None,
    into: _Collected,
) -> None:
    state, effects = course.state, course.effects
    told = [person.user_id for one in effects if isinstance(one, Tell) for person in one.people]
    told += [one.by for one in effects if isinstance(one, Taken)]
    told += [one.deputy for one in effects if isinstance(one, StoodIn)]
    over = next((one for one in effects if isinstance(one, Over)), None)
    taken = any(isinstance(one, Taken) for one in effects)
    since = work.now if taken else case.acknowledged_at
    levels = [one.level + 1 for one in effects if isinstance(one, Tell)]
    into.changes[case.id] = CaseChange(
        status=state.status.value,
        paused=state.paused,
        held_for=state.held_for.value if state.held_for else None,
        state=state.as_json(),
        level=levels[-1] if levels else case.level,
        told=told,
        acknowledged_by_id=state.acknowledged_by,
        acknowledged_at=since if state.acknowledged_by is not None else None,
        ended_at=work.now if over else None,
        ended_by_id=over.by if over else None,
        comment=comment,
    )
    if isinstance(happening, Paused | Resumed):
        kind = "paused" if isinstance(happening, Paused) else "resumed"
        into.steps.append(StepRow(case.id, work.now, kind))
        into.about.append((case, None))
    for effect in effects:
        for step in _steps(work, case, effect):
            into.steps.append(step)
            into.about.append((case, effect))


def _steps(work: Work, case: CaseRow, effect: Effect) -> list[StepRow]:
    match effect:
        case Tell(round_, level, telling, people, urgency):
            kind = "told" if telling == 0 else "told_again"
            return [
                StepRow(
                    *(case.id, work.now, kind, round_, level + 1, one.user_id, one.why),
                    urgency.value if urgency else case.urgency,
                )
                for one in people
            ]
        case Skipped(round_, level):
            return [StepRow(case.id, work.now, "skipped", round_, level + 1)]
        case Held(reason, held_level):
            number = None if held_level is None else held_level + 1
            return [StepRow(case.id, work.now, "held", level=number, why=reason.value)]
        case Taken(by, given_by):
            why = None if given_by is None else f"given by {given_by}"
            return [StepRow(case.id, work.now, "taken", user_id=by, why=why)]
        case StoodIn(_, deputy):
            return [StepRow(case.id, work.now, "stood_in", user_id=deputy)]
        case Reopened(by, why):
            return [StepRow(case.id, work.now, "reopened", user_id=by, why=why)]
        case Over(status, by):
            return [StepRow(case.id, work.now, "ended", user_id=by, why=status.value)]


async def _tellings(work: Work, collected: _Collected, ids: Sequence[int]) -> list[Telling]:
    admins = (await work.directory()).with_role("admin")
    found: list[Telling] = []
    for (case, effect), step, id_ in zip(collected.about, collected.steps, ids, strict=True):
        if effect is not None:
            found += tellings_of(case, effect, step, id_, admins, work.shared.links)
    return found


async def _set_clocks(work: Work, courses: Mapping[int, Course]) -> None:
    ended: Collection[int] = [id_ for id_, one in courses.items() if one.state.status.ended]
    dues = {id_: one.due for id_, one in courses.items() if not one.state.status.ended}
    await set_clocks(work, ClockKind.ESCALATION, dues)
    await end_clocks(work, ClockKind.ESCALATION, ended)
