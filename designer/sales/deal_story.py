"""What happened to a deal: its stays, the cases about it, and the approval it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from designer.agreement import waits_for
from designer.approval_words import STATES as REQUEST_STATES
from designer.approval_words import address_of as request_address
from designer.case_words import STATES, URGENCIES, address_of, state_of
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n import N_
from designer.sales.words import in_language
from designer.terms import term, toned
from designer.visitor import Visitor
from designer.widgets import anchor, block, card, chip, notice, words
from engine.services.actor import may
from engine.services.approvals.reading import Request
from engine.services.deals.reading import SeenDeal, SeenVisit
from engine.services.escalations import ListedCase

MOVED: Final[Mapping[str, str]] = {
    "board": N_("by hand"),
    "api": N_("by a program"),
    "flow": N_("by a flow"),
    "import": N_("by a file"),
    "clock": N_("by its clock"),
    "approval": N_("after an approval"),
    "pipeline": N_("by a new version of the pipeline"),
}


def waiting_notice(seen: SeenDeal, visitor: Visitor) -> None:
    if seen.line.request_id is None:
        return
    t = visitor.t
    with notice(t("A move of this deal waits for an approval."), "warn", "how_to_reg"):
        if may(visitor.somebody, "read", "approval"):
            anchor(request_address(seen.line.request_id), t("Look at it"))


def cases_card(cases: Sequence[ListedCase], visitor: Visitor) -> None:
    """Nothing where there never was one."""
    if not cases:
        return
    t = visitor.t
    with card(t("Cases")), block("cz-pad cz-stack cz-tight"):
        for one in cases:
            with anchor(address_of(one.id), classes="cz-find"):
                with block("cz-row"):
                    words(one.title.in_language(t.short), "cz-strong cz-grow")
                    chip(*toned(STATES, state_of(one), t))
                    if one.urgency in ("high", "urgent"):
                        chip(*toned(URGENCIES, one.urgency, t))
                words(visitor.formats.moment(one.opened_at), "cz-soft cz-small")


def approvals_card(requests: Sequence[Request], visitor: Visitor) -> None:
    """Who was asked and what became of it. Nothing where nobody ever was."""
    if not requests:
        return
    t, formats = visitor.t, visitor.formats
    with card(t("Approvals")), block("cz-pad cz-stack cz-tight"):
        for one in requests:
            with anchor(request_address(one.id), classes="cz-find").mark(f"approval-{one.id}"):
                with block("cz-row"):
                    words(one.title.in_language(t.short), "cz-strong cz-grow")
                    chip(*toned(REQUEST_STATES, one.status, t))
                words(_told(one, visitor), "cz-small")
                asked = formats.moment(one.opened_at)
                if one.requester:
                    asked = t("Asked by {who}, {time}", who=one.requester, time=asked)
                words(asked, "cz-soft cz-small")


def _told(one: Request, visitor: Visitor) -> str:
    """Whom it waits for, or who ended it and when."""
    t = visitor.t
    if one.ended_at is None:
        return waits_for(one, visitor)
    when = visitor.formats.moment(one.ended_at)
    if not one.decided_by:
        return t("Ended {time}", time=when)
    return t("Decided by {who}, {time}", who=", ".join(one.decided_by), time=when)


def history_card(visits: Sequence[SeenVisit], visitor: Visitor) -> None:
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
                        Cell(in_language(visit.stage_label, visit.stage_label_zh, t)),
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
