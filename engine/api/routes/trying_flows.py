"""`POST /api/flows/{name}/{simulations,backtests}`: trying a flow. Nothing is sent or written."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.rates import HeavyLine
from engine.api.shapes import trying_flows as shapes
from engine.api.shapes.segments import NAME
from engine.services.backtesting import backtest
from engine.services.backtesting.answers import as_document as backtest_document
from engine.services.simulating import Office, prepare, run_beside
from engine.services.simulating.answers import as_document
from engine.services.simulating.source import source_named

Name = Annotated[str, Path(pattern=NAME)]


def trying_flows_router(parts: Parts, heavy: HeavyLine) -> APIRouter:
    router = APIRouter(
        prefix="/api/flows", tags=["flows"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )
    zone = parts.settings.company.default_zone

    @router.post("/{name}/simulations", operation_id="simulate_flow", responses=refusals(404))
    async def simulations(
        name: Name, given: shapes.SimulationGiven, caller: Calling
    ) -> shapes.SimulationShown:
        """Who would go where and get what, on a virtual clock. The same question has the same
        answer as long as the contacts are the same."""
        question = given.question(parts.now(), zone, Office(parts.library, parts.sender_settings))
        async with heavy.turn(caller.key_id):
            async with parts.store.transaction() as session:
                source = await source_named(session, caller.actor, name, given.version)
            async with parts.store.transaction() as session:
                prepared = await prepare(
                    session, caller.actor, source, question, file=f"{name}.yaml"
                )
            simulated = await run_beside(prepared)
        document = as_document(simulated)
        return shapes.SimulationShown.model_validate(document | {"start": document["from"]})

    @router.post("/{name}/backtests", operation_id="backtest_flow", responses=refusals(404))
    async def backtests(
        name: Name, given: shapes.BacktestGiven, caller: Calling
    ) -> shapes.BacktestShown:
        """Who would have entered in a stretch of the past, compared with the published version or
        with life."""
        question = given.question(parts.now(), zone)
        async with heavy.turn(caller.key_id):
            async with parts.store.transaction() as session:
                source = await source_named(session, caller.actor, name, given.version)
            async with parts.store.transaction() as session:
                answer = await backtest(
                    session, caller.actor, source, question, file=f"{name}.yaml"
                )
        document = backtest_document(answer)
        return shapes.BacktestShown.model_validate(document | {"since": document["from"]})

    return router
