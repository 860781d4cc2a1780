"""A pipeline tried on the deals of the company, on a virtual clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.chosen import names_of_people
from crm_store.insight.courses import StepRow, count_courses, signs_of_life, steps
from engine.definitions import DefinitionKind, Draft
from engine.definitions.reading import refusal
from engine.errors import NotFound, Problem, Refused
from engine.escalations.policy import Policy
from engine.people import Directory
from engine.pipelines import PipelineModel, compile_pipeline
from engine.services.actor import Actor, allowed
from engine.services.calendars.shelf import CalendarShelf
from engine.services.deals.reaching import reached
from engine.services.definitions import current, list_definitions
from engine.services.definitions.checking import checked_model, with_names, world_now
from engine.services.insight.asking import read_names
from engine.services.insight.patience import bounded
from engine.services.people_shelf import PeopleShelf
from engine.services.plans import current_catalogue
from engine.simulate.sales import Course, House, Step, simulate_sales
from engine.simulate.sales_report import SalesReport

LONGEST: Final = timedelta(days=366)
MOST_DEALS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Trial:
    """`courses` and `people` give names to the numbers of the report; `left_out` deals were more
    than are tried at once."""

    report: SalesReport
    courses: Mapping[int, Course]
    people: Mapping[int, str]
    left_out: int = 0


async def try_pipeline(
    session: AsyncSession,
    actor: Actor,
    pipeline: str,
    start: datetime,
    length: timedelta,
    zone: str,
    *,
    drafts: Sequence[Draft] = (),
) -> Trial:
    """Deals as they stood at `start` and went on since, as far as that is known; what lies ahead,
    nobody touches.

    `drafts` stand in for the published pipeline and policies of their names, and are not published.
    Raises NotAllowed, NotFound, Refused and DefinitionRefused.
    """
    allowed(actor, "read", "deal")
    allowed(actor, "read", "pipeline")
    if not timedelta() < length <= LONGEST:
        place = Problem("/days", "out_of_range", f"must be 1 to {LONGEST.days}")
        raise Refused("The trial cannot be made.", [place])
    names = await read_names(session)
    found = next((one for one in names.pipelines.values() if one.key == pipeline), None)
    if found is None:
        known = ", ".join(one.key for one in names.pipelines.values()) or "none yet"
        raise NotFound(f'There is no pipeline "{pipeline}". There are: {known}.')
    until = start + length
    directory = await PeopleShelf().directory(session)
    house = await _house(session, actor, pipeline, drafts, directory, zone)
    async with bounded(session):
        rows = await steps(session, found.id, start, until, limit=MOST_DEALS)
        there = await count_courses(session, found.id, start, until)
        deals = sorted({row.deal_id for row in rows})
        courses = _courses(rows, await signs_of_life(session, deals, start, until))
    report = simulate_sales(house, courses, start, until)
    by_id = {one.deal_id: one for one in courses}
    return Trial(report, by_id, await names_of_people(session), there - len(by_id))


def _courses(rows: Sequence[StepRow], active: Mapping[int, Sequence[datetime]]) -> list[Course]:
    courses = []
    for deal_id, of in groupby(rows, key=lambda row: row.deal_id):
        own = list(of)
        walked = tuple(Step(row.entered_at, row.stage) for row in own)
        first = own[0]
        courses.append(
            Course(
                deal_id, first.name, first.owner_id, first.team, walked,
                tuple(active.get(deal_id, ())),
            )
        )  # fmt: skip
    return courses


async def _house(
    session: AsyncSession,
    actor: Actor,
    pipeline: str,
    drafts: Sequence[Draft],
    directory: Directory,
    zone: str,
) -> House:
    models = await _drafted(session, drafts)
    model = models.get((DefinitionKind.PIPELINE, pipeline))
    if model is None:
        stored = await current(session, DefinitionKind.PIPELINE, pipeline)
        model = None if stored is None else stored.model
    if not isinstance(model, PipelineModel):
        raise NotFound(
            f'The pipeline "{pipeline}" has no published definition, so it has no clocks. Publish '
            "one, or name its file."
        )
    policies = await _policies(session, actor)
    policies |= {
        name: one
        for (kind, name), one in models.items()
        if kind is DefinitionKind.ESCALATION and isinstance(one, Policy)
    }
    return House(
        compile_pipeline(model, await current_catalogue(session)),
        policies,
        directory,
        await CalendarShelf().book(session),
        zone,
        partial(_reached, directory),
    )


def _reached(
    directory: Directory, people: Sequence[str], owner_id: int | None, now: datetime
) -> list[int]:
    return reached(people, owner_id, directory, now)


async def _drafted(
    session: AsyncSession, drafts: Sequence[Draft]
) -> dict[tuple[DefinitionKind, str], object]:
    if not drafts:
        return {}
    world = with_names(await world_now(session), drafts)
    models: dict[tuple[DefinitionKind, str], object] = {}
    for draft in drafts:
        model, problems = checked_model(draft, world)
        if problems:
            raise refusal(draft.places.file, problems)
        models[draft.kind, draft.name] = model
    return models


async def _policies(session: AsyncSession, actor: Actor) -> dict[str, Policy]:
    found = {}
    for line in await list_definitions(session, actor, DefinitionKind.ESCALATION):
        stored = await current(session, DefinitionKind.ESCALATION, line.name)
        if stored is not None and isinstance(stored.model, Policy):
            found[line.name] = stored.model
    return found
