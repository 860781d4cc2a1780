"""The page of one deal while somebody works on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from designer.live import EVERY_SECONDS
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.sales.choices import Choices
from designer.sales.deal_activities import ActivitiesCard
from designer.sales.deal_clock import clock_card
from designer.sales.deal_fields import FieldsCard
from designer.sales.deal_path import stage_path
from designer.sales.deal_story import approvals_card, cases_card, history_card, waiting_notice
from designer.sales.move_dialog import move_asking
from designer.sales.moving import waits_for
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block
from engine.errors import CadenzaError, NotFound, NotSignedIn
from engine.services.actor import may
from engine.services.approvals.reading import Request
from engine.services.deals import AwaitingApproval, Moved, MoveRefused
from engine.services.deals.activities import DealActivity, activities_of
from engine.services.deals.board import BoardFilter, Card, cards_of, stages_named
from engine.services.deals.reading import (
    PossibleMove,
    SeenDeal,
    SeenVisit,
    deal_history,
    requests_of,
    show_deal,
)
from engine.services.escalations import ListedCase, cases_about
from engine.services.work import Work


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the page tells."""

    deal: SeenDeal
    card: Card
    stages: tuple[tuple[str, str, str | None, str], ...]
    visits: Sequence[SeenVisit]
    activities: Sequence[DealActivity]
    cases: Sequence[ListedCase]
    requests: Sequence[Request]


class DealRoom:
    def __init__(
        self, designer: Designer, visitor: Visitor, choices: Choices, deal_id: int
    ) -> None:
        self.designer, self.visitor, self.choices = designer, visitor, choices
        self.deal_id = deal_id
        self.known: Known | None = None
        self._place: ui.element | None = None
        self._fields: FieldsCard | None = None
        self._activities: ActivitiesCard | None = None

    async def read(self) -> Known:
        """Raises NotFound and NotAllowed."""
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            work = Work(session, self.designer.now(), self.designer.runtime.shared)
            deal = await show_deal(work, actor, self.deal_id, self.visitor.t.short)
            [card] = await cards_of(work, actor, [self.deal_id], BoardFilter(), "newest")
            stages = await stages_named(session, deal.line.pipeline)
            visits = await deal_history(session, actor, self.deal_id, work.now)
            may_read = may(actor, "read", "activity")
            activities = await activities_of(session, actor, self.deal_id) if may_read else []
            may_read = may(actor, "read", "escalation")
            cases = await cases_about(session, actor, "deal", self.deal_id) if may_read else []
            requests = await requests_of(work, actor, self.deal_id)
        self.known = Known(
            deal,
            card,
            tuple((one.key, one.label, one.label_zh, one.kind) for one in stages),
            visits,
            activities,
            cases,
            requests,
        )
        return self.known

    def draw(self) -> None:
        self._place = block("cz-stack")
        self._redraw()
        self._timer = ui.timer(EVERY_SECONDS, self._look, immediate=False)

    def _redraw(self) -> None:
        known, place = self.known, self._place
        if known is None or place is None:
            return
        visitor, now = self.visitor, self.designer.now()
        place.clear()
        with place:
            waiting_notice(known.deal, visitor)
            stage_path(known.deal, known.stages, visitor, self.move)
            with block("cz-contact"):
                with block("cz-stack"):
                    self._fields = FieldsCard(
                        self.designer, visitor, self.choices, known.deal, self.changed
                    )
                    clock_card(known.card, visitor, now)
                with block("cz-stack"):
                    if may(visitor.somebody, "read", "activity"):
                        self._activities = ActivitiesCard(
                            self.designer,
                            visitor,
                            self.choices,
                            self.deal_id,
                            known.activities,
                            self.changed,
                        )
                    approvals_card(known.requests, visitor)
                    cases_card(known.cases, visitor)
                    history_card(known.visits, visitor)

    async def changed(self) -> None:
        """Something was done here: show everything as it is now."""
        self.designer.pulses.clear()
        await self.read()
        self._redraw()

    async def move(self, move: PossibleMove) -> None:
        await self._guarded(lambda: self._move(move.stage.key, move.stage.kind))

    async def _move(self, to_stage: str, kind: str) -> None:
        known, t = self.known, self.visitor.t
        if known is None:
            return

        async def instead(stage: str) -> None:
            other = next((o for o in known.deal.moves if o.stage.key == stage), None)
            if other is not None:
                await self.move(other)

        place = self._place
        if place is None:
            return
        with place.client.layout:
            answer = await move_asking(
                self.designer,
                self.visitor,
                self.choices,
                self.deal_id,
                to_stage,
                kind=kind,
                from_stage=known.deal.line.stage,
                instead=instead,
            )
            label = self._label(to_stage)
            match answer:
                case Moved():
                    ui.notify(t("Moved to {stage}.", stage=label))
                case AwaitingApproval():
                    ui.notify(waits_for(answer, self.visitor, label))
                case MoveRefused():
                    ui.notify(t("Somebody moved the deal meanwhile."))
        if not place.is_deleted:
            await self.changed()

    def _label(self, stage: str) -> str:
        zh = self.visitor.t.short == "zh"
        for key, label, label_zh, _ in self.known.stages if self.known else ():
            if key == stage:
                return label_zh if zh and label_zh else label
        return stage

    async def _look(self) -> None:
        async def ask() -> None:
            actor = await self.designer.actor(self.visitor.token)

            async def question() -> tuple[datetime, str, tuple[DealActivity, ...]]:
                async with self.designer.transaction() as session:
                    work = Work(session, self.designer.now(), self.designer.runtime.shared)
                    found = await cards_of(work, actor, [self.deal_id], BoardFilter(), "newest")
                    if not found:
                        raise NotFound(f"There is no deal {self.deal_id}.")
                    may_read = may(actor, "read", "activity")
                    tasks = await activities_of(session, actor, self.deal_id) if may_read else []
                return found[0].changed_at, found[0].clock.state, tuple(tasks)

            changed_at, state, tasks = await self.designer.pulses.ask(
                ("deal", self.deal_id, actor.sight), question
            )
            known = self.known
            if known is None:
                return
            seen = known.card.changed_at, known.card.clock.state, tuple(known.activities)
            if (changed_at, state, tasks) == seen:
                return
            if self._busy():
                if self._fields is not None and changed_at != seen[0]:
                    self._fields.tell_changed()
                return
            await self.read()
            self._redraw()

        await self._guarded(ask)

    def _busy(self) -> bool:
        """Somebody is writing: what they typed is not taken from them."""
        fields, activities = self._fields, self._activities
        return bool((fields and fields.is_open) or (activities and activities.is_open))

    async def _guarded(self, deed: Callable[[], Awaitable[None]]) -> None:
        t = self.visitor.t
        try:
            await deed()
        except NotSignedIn:
            self._timer.cancel()
            ask_to_sign_in()
        except NotFound:
            self._timer.cancel()
            self._say(t("It is not there any more."))
        except CadenzaError as error:
            self._say(all_words(error, t))

    def _say(self, text: str) -> None:
        """Whatever was clicked may be gone from the page by now."""
        if self._place is not None and not self._place.is_deleted:
            with self._place.client.layout:
                ui.notify(text)
