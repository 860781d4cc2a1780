"""`/api/insight`: figures of sales work, also as CSV."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.rates import HeavyLine
from engine.api.shapes import insight as shapes
from engine.services import insight
from engine.services.insight import Question
from engine.services.insight.csv_text import Lines
from engine.services.insight.forecast import MOST_MONTHS, USUAL_MONTHS
from engine.services.insight.tables import TABLES, Wanted, usual_day_seconds
from engine.services.message_results.csv_text import table

_LARGEST: Final = 2**53
_FIRST, _LAST = date(1970, 1, 1), date(2199, 12, 31)

Figures = Literal[
    "forecast",
    "chances",
    "accuracy",
    "conversion",
    "bottlenecks",
    "aging",
    "performance",
    "approvals",
    "escalations",
    "tickets",
]
Months = Annotated[int, Query(ge=1, le=MOST_MONTHS, description="How many months.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many deals, the oldest first.")]
ForecastBy = Annotated[
    Literal["all", "owner", "team", "category", "pipeline", "stage"],
    Query(description="What is compared."),
]
PerformanceBy = Annotated[
    Literal["owner", "manager", "team", "pipeline", "product", "all"],
    Query(description="What is compared."),
]


def _question(
    pipeline: Annotated[str | None, Query(max_length=100, description="By its key.")] = None,
    owner: Annotated[int | None, Query(ge=1, le=_LARGEST, description="A user.")] = None,
    team: Annotated[str | None, Query(max_length=200, description="By its name.")] = None,
    manager: Annotated[
        int | None, Query(ge=1, le=_LARGEST, description="Whoever reports to this user.")
    ] = None,
    since: Annotated[date | None, Query(description="From this day on.")] = None,
    until: Annotated[date | None, Query(description="Before this day.")] = None,
    period: Annotated[
        str | None,
        Query(
            pattern=r"^\d{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$",
            description='Instead of the two days: "2026", "2026-Q1" or "2026-03".',
        ),
    ] = None,
) -> Question:
    return Question(pipeline, owner, team, manager, _clipped(since), _clipped(until), period)


def _clipped(day: date | None) -> date | None:
    """Nothing happened further away, and a calendar may run out of years."""
    return None if day is None else min(max(day, _FIRST), _LAST)


Asked = Annotated[Question, Depends(_question)]


def insight_router(parts: Parts, heavy: HeavyLine) -> APIRouter:
    router = APIRouter(
        prefix="/api/insight", tags=["insight"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )
    zone = parts.settings.company.default_zone

    @router.get("/forecast", operation_id="get_forecast", responses=refusals(404))
    async def forecast(
        caller: Calling, question: Asked, by: ForecastBy = "all", months: Months | None = None
    ) -> shapes.ForecastShown:
        """Open deals by the month they are expected to close, weighted, and what was won."""
        async with parts.store.transaction() as session:
            found = await insight.forecast(
                session, caller.actor, question, parts.now(), zone, by=by, months=months
            )
        return shapes.ForecastShown.model_validate(found)

    @router.get("/accuracy", operation_id="get_forecast_accuracy", responses=refusals(404))
    async def accuracy(
        caller: Calling, question: Asked, months: Months = USUAL_MONTHS
    ) -> shapes.ForecastAccuracyShown:
        """What was said for each month when it began, against what was won in it."""
        async with parts.store.transaction() as session:
            found = await insight.forecast_accuracy(
                session, caller.actor, question, parts.now(), zone, months=months
            )
        return shapes.ForecastAccuracyShown.model_validate(found)

    @router.get("/conversion", operation_id="get_conversion", responses=refusals(404))
    async def conversion(caller: Calling, question: Asked) -> shapes.ConversionShown:
        """How many deals went on from each stage, and how many were won in the end."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            found = await insight.conversion(session, caller.actor, question, zone)
        return shapes.ConversionShown.model_validate(found)

    @router.get("/bottlenecks", operation_id="get_bottlenecks", responses=refusals(404))
    async def bottlenecks(caller: Calling, question: Asked) -> shapes.BottlenecksShown:
        """How long deals stay on each stage, for whom longer, and whether it became longer."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            day = await usual_day_seconds(session, parts.shared.calendars)
            found = await insight.bottlenecks(
                session, caller.actor, question, parts.now(), zone, day_seconds=day
            )
        return shapes.BottlenecksShown(
            items=[shapes.BottleneckShown.model_validate(one) for one in found]
        )

    @router.get("/aging", operation_id="get_aging", responses=refusals(404))
    async def aging(caller: Calling, question: Asked, limit: Limit = 50) -> shapes.AgingShown:
        """How long open deals have stood where they stand."""
        async with parts.store.transaction() as session:
            found = await insight.aging(
                session, caller.actor, question, parts.now(), zone, limit=limit
            )
        return shapes.AgingShown.model_validate(found)

    @router.get("/performance", operation_id="get_performance", responses=refusals(404))
    async def performance(
        caller: Calling, question: Asked, by: PerformanceBy = "owner"
    ) -> shapes.PerformancesShown:
        """What was won and lost, how much it was worth and how long it took."""
        async with parts.store.transaction() as session:
            found = await insight.performance(session, caller.actor, question, zone, by=by)
        return shapes.PerformancesShown.model_validate(found)

    @router.get("/approvals", operation_id="get_approval_times", responses=refusals())
    async def approvals(caller: Calling, question: Asked) -> shapes.ApprovalTimesShown:
        """How long approvals take, by chain, level and person; of the question its days count."""
        async with parts.store.transaction() as session:
            found = await insight.approval_times(session, caller.actor, question, zone)
        return shapes.ApprovalTimesShown.model_validate(found)

    @router.get("/escalations", operation_id="get_escalation_times", responses=refusals())
    async def escalations(caller: Calling, question: Asked) -> shapes.PolicyTimesShown:
        """How long it takes until a case is taken up; of the question its days count."""
        async with parts.store.transaction() as session:
            found = await insight.escalation_times(session, caller.actor, question, zone)
        return shapes.PolicyTimesShown(
            items=[shapes.PolicyTimeShown.model_validate(one) for one in found]
        )

    @router.get("/tickets", operation_id="get_ticket_times", responses=refusals())
    async def tickets(
        caller: Calling, question: Asked, by: Literal["priority", "owner"] = "priority"
    ) -> shapes.TicketTimesShown:
        """How fast tickets are answered and solved; of the question its days count."""
        async with parts.store.transaction() as session:
            found = await insight.ticket_times(
                session, caller.actor, question, zone, by_owner=by == "owner"
            )
        return shapes.TicketTimesShown(
            items=[shapes.TicketTimeShown.model_validate(one) for one in found]
        )

    @router.get(
        "/{figures}/csv",
        operation_id="get_insight_csv",
        response_class=Response,
        responses=refusals(404) | {200: {"description": "The table", "content": {"text/csv": {}}}},
    )
    async def as_csv(
        figures: Figures,
        caller: Calling,
        question: Asked,
        by: Annotated[str | None, Query(max_length=20, description="What is compared.")] = None,
        months: Annotated[int | None, Query(ge=1, le=MOST_MONTHS)] = None,
    ) -> Response:
        """Any of the figures as CSV; no cell is taken for a formula."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            day = await usual_day_seconds(session, parts.shared.calendars)
            wanted = Wanted(question, parts.now(), zone, day, by, months)
            lines = await TABLES[figures](session, caller.actor, wanted)
        return csv_answer(lines, figures)

    return router


def csv_answer(lines: Lines, name: str) -> Response:
    """`name` is one of ours."""
    return Response(
        table(lines),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
    )
