"""One deal: where it stands and since when, its way so far, what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from designer.approval_words import address_of as request_address
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n import N_
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.tasks_card import tasks_card
from designer.terms import STAGE_KINDS, term
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, card, chip, facts, icon, notice, words
from engine.errors import NotFound
from engine.services.actor import may
from engine.services.deals.reading import SeenDeal, SeenVisit, deal_history, show_deal
from engine.services.views.tasks import tasks_about
from engine.services.work import Work

ROOM: Final = "/sales-figures"
MOVED: Final[Mapping[str, str]] = {
    "board": N_("by hand"),
    "api": N_("by a program"),
    "flow": N_("by a flow"),
    "import": N_("by a file"),
    "clock": N_("by its clock"),
    "approval": N_("after an approval"),
    "pipeline": N_("by a new version of the pipeline"),
}


def register(designer: Designer) -> None:
    @page("/deals/{deal_id}")
    async def deal(deal_id: str) -> None:
        visitor = current()
        if not deal_id.isdecimal() or len(deal_id) > 18:
            raise NotFound(f"There is no deal {deal_id[:60]}.")
        number, somebody, now = int(deal_id), visitor.somebody, designer.now()
        async with designer.transaction() as session:
            seen = await show_deal(Work(session, now, designer.runtime.shared), somebody, number)
            visits = await deal_history(session, somebody, number, now)
            tasks = (
                await tasks_about(session, somebody, "deal", number)
                if may(somebody, "read", "activity")
                else []
            )
        with (
            frame(ROOM, seen.line.name, trail=[(ROOM, visitor.t("Sales figures"))]) as actions,
            block("cz-stack"),
        ):
            with actions:
                _links(seen, visitor)
            _waiting(seen, visitor)
            with block("cz-contact"):
                with block("cz-stack"):
                    _about(designer, seen, visitor)
                with block("cz-stack"):
                    _history(visits, visitor)
                    tasks_card(tasks, visitor)


def _links(seen: SeenDeal, visitor: Visitor) -> None:
    if seen.line.contact_id is not None and may(visitor.somebody, "read", "contact"):
        with anchor(f"/contacts/{seen.line.contact_id}", classes="cz-button"):
            icon("person", "18px")
            words(visitor.t("Contact"))


def _waiting(seen: SeenDeal, visitor: Visitor) -> None:
    if seen.line.request_id is None:
        return
    t = visitor.t
    with notice(t("A move of this deal waits for an approval."), "warn", "how_to_reg"):
        if may(visitor.somebody, "read", "approval"):
            anchor(request_address(seen.line.request_id), t("Look at it"))


def _about(designer: Designer, seen: SeenDeal, visitor: Visitor) -> None:
    t, formats, line = visitor.t, visitor.formats, seen.line
    stage = _in_language(line.stage_label, line.stage_label_zh, visitor)
    amount = ""
    if line.amount_minor is not None and line.currency is not None:
        amount = formats.money(line.amount_minor, line.currency)
    day = line.expected_close_on
    since = formats.moment(line.stage_entered_at)
    with card():
        with block("cz-card__head cz-row"):
            chip(stage, STAGE_KINDS.get(line.stage_kind, "plain"))
            words(formats.ago(line.stage_entered_at, designer.now()), "cz-soft cz-small")
        facts(
            [
                (t("Pipeline"), line.pipeline_label),
                (t("On this stage since"), since),
                (t("Next due"), formats.moment(line.due_at) if line.due_at else ""),
                (t("Amount"), amount),
                (t("Probability"), f"{line.probability_percent} %"),
                (t("Expected close"), formats.day(day) if day else ""),
                (t("Owner"), line.owner or t("Nobody")),
                (t("Account"), line.account or ""),
                (t("Contact"), line.contact or ""),
                (t("Product"), line.product or ""),
                (t("Created"), formats.moment(line.opened_at)),
                (t("Closed"), formats.moment(line.closed_at) if line.closed_at else ""),
                (t("Why it was lost"), line.lost_reason or ""),
                (t("External id"), line.external_id or ""),
            ]
        )


def _history(visits: Sequence[SeenVisit], visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("Its way so far")):
        if not visits:
            words(t("Nothing is known of its way."), "cz-soft cz-pad", tag="p")
            return
        rows = []
        for one in reversed(visits):
            visit = one.visit
            worked = ""
            if visit.working_seconds is not None:
                spent = formats.span(timedelta(seconds=visit.working_seconds))
                worked = t("{span} of working time", span=spent)
            door = term(MOVED, visit.via, t)
            rows.append(
                Row(
                    (
                        Cell(_in_language(visit.stage_label, visit.stage_label_zh, visitor)),
                        Cell(formats.moment(visit.entered_at)),
                        Cell(formats.span(timedelta(seconds=one.seconds)), sub=worked),
                        Cell(visit.moved_by or door, sub=door if visit.moved_by else ""),
                    )
                )
            )
        columns = [
            Column(t("Stage")),
            Column(t("Since")),
            Column(t("Stayed")),
            Column(t("Moved by"), wraps=True),
        ]
        DataTable(t("Its way so far"), columns, rows)


def _in_language(label: str, label_zh: str | None, visitor: Visitor) -> str:
    return label_zh if label_zh and visitor.t.short == "zh" else label
