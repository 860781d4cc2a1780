"""Dashboards: campaigns, cohorts, messages, volume and service levels, over a chosen time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request

from designer.dashboards.asked import PATH, VIEWS, Asked, asked_by
from designer.dashboards.campaigns import campaigns_board
from designer.dashboards.cohorts import choose_flow, cohorts_board
from designer.dashboards.filters import filters
from designer.dashboards.messages import FoundMessages, messages_board
from designer.dashboards.service import service_board
from designer.dashboards.volume import volume_board
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import block, button_link
from engine.errors import NotFound
from engine.local_time import local_date
from engine.services.actor import Actor, allowed, may
from engine.services.boards import cohorts, funnels, message_days, send_volume, service_levels
from engine.services.message_results import Question, link_results, message_results
from engine.services.views.flows import flow_list

Value = TypeVar("Value")


def register(designer: Designer) -> None:
    @page(PATH)
    async def dashboards(request: Request) -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "flow")
        zone = designer.runtime.settings.company.default_zone
        today = local_date(designer.now(), zone)
        asked = asked_by(request.query_params, today, zone)
        await _Room(designer, visitor, asked).build()


class _Room:
    def __init__(self, designer: Designer, visitor: Visitor, asked: Asked) -> None:
        self.designer, self.visitor, self.asked = designer, visitor, asked

    async def build(self) -> None:
        t, somebody = self.visitor.t, self.visitor.somebody
        async with self.designer.transaction() as session:
            flows = {one.name: one.label for one in await flow_list(session, somebody)}
        if self.asked.flow is not None and self.asked.flow not in flows:
            raise NotFound(f'There is no flow "{self.asked.flow}".')
        views = {
            key: name
            for key, name in VIEWS.items()
            if may(somebody, "read", "ticket" if key == "service" else "message")
        }
        with frame(PATH, t("Dashboards"), styles=("dashboards.css",)) as actions:
            with actions:
                button_link("/send-calendar", t("Send calendar"), "calendar_month")
                if may(somebody, "read", "deal"):
                    button_link("/sales-figures", t("Sales figures"), "query_stats")
            with block("cz-stack"):
                filters(self.asked, self.visitor, views, flows)
                await self._board()

    async def _board(self) -> None:
        asked, visitor = self.asked, self.visitor
        match asked.view:
            case "cohorts":
                flow = asked.flow
                if flow is None:
                    choose_flow(visitor)
                    return
                weeks = await self._ask(lambda s, a: cohorts(s, a, asked.stretch, flow))
                cohorts_board(flow, weeks, visitor)
            case "messages":
                more = f"/message-results?flow={asked.flow}" if asked.flow else "/message-results"
                messages_board(await self._ask(self._messages), visitor, more)
            case "volume":
                found = await self._ask(lambda s, a: send_volume(s, a, asked.stretch))
                volume_board(found, asked.stretch, visitor)
            case "service":
                levels = await self._ask(lambda s, a: service_levels(s, a, asked.stretch))
                service_board(levels, visitor)
            case _:
                funnel = await self._ask(lambda s, a: funnels(s, a, asked.stretch, asked.flow))
                campaigns_board(funnel, visitor)

    async def _messages(self, session: Any, actor: Actor) -> FoundMessages:
        asked = self.asked
        span = {"flow": asked.flow, "since": asked.stretch.since, "until": asked.stretch.until}
        by_message = Question("message", **span)  # type: ignore[arg-type]
        whole = Question("all", **span)  # type: ignore[arg-type]
        total = await message_results(session, actor, whole)
        return FoundMessages(
            total[0] if total else None,
            await message_days(session, actor, asked.stretch, asked.flow),
            await message_results(session, actor, by_message, limit=50),
            by_message.columns,
            await link_results(session, actor, whole, limit=50),
        )

    async def _ask(self, question: Callable[[Any, Actor], Awaitable[Value]]) -> Value:
        """Asked once for all of a role who look at the same."""
        actor = await self.designer.actor(self.visitor.token)
        asked = self.asked

        async def answer() -> Value:
            async with self.designer.transaction() as session:
                return await question(session, actor)

        key = ("board", asked.view, asked.flow, asked.stretch, actor.sight)
        return await self.designer.pulses.ask(key, answer)
