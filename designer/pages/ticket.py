"""One ticket: where it stands, what of its time is spent, what was said, how content they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from designer.case_words import URGENCIES
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n import N_
from designer.page import page
from designer.records.ticket_actions import TicketActions
from designer.records.words import TICKET_STATES
from designer.runtime import Designer
from designer.shell import frame
from designer.tasks_card import tasks_card
from designer.terms import toned
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, card, chip, facts, icon, words
from engine.errors import NotFound
from engine.services.actor import may
from engine.services.tickets import show_ticket
from engine.services.tickets.showing import CommentRow, ShownClock, ShownTicket
from engine.services.tickets.surveys import BEST
from engine.services.views.tasks import tasks_about
from engine.services.views.tickets import TicketPeople, ticket_people

CLOCKS: Final[Mapping[str, str]] = {
    "response": N_("First answer"),
    "resolution": N_("Solution"),
}


def register(designer: Designer) -> None:
    @page("/tickets/{ticket_id}")
    async def ticket(ticket_id: str) -> None:
        visitor = current()
        if not ticket_id.isdecimal() or len(ticket_id) > 18:
            raise NotFound(f"There is no ticket {ticket_id[:60]}.")
        number, somebody = int(ticket_id), visitor.somebody
        zone = designer.runtime.shared.default_zone
        async with designer.transaction() as session:
            seen = await show_ticket(session, somebody, number, designer.now(), zone)
            people = await ticket_people(session, somebody, number)
            tasks = (
                await tasks_about(session, somebody, "ticket", number)
                if may(somebody, "read", "activity")
                else []
            )
            directory = await designer.runtime.shared.people.directory(session)
        row = seen.row
        ours = {one.id: one.name for one in directory.people.values() if one.active}
        acting = None
        if may(somebody, "edit", "ticket") and row["merged_into_id"] is None:
            acting = TicketActions(designer, visitor, row, ours)
        trail = [("/tickets", visitor.t("Tickets"))]
        with (
            frame("/tickets", row["subject"], trail=trail, styles=("records.css",)) as actions,
            block("cz-stack"),
        ):
            with actions:
                _links(row, visitor)
            with block("cz-contact"):
                with block("cz-stack"):
                    _about(row, people, visitor)
                with block("cz-stack"):
                    if acting is not None:
                        acting.deciding()
                    _clocks(seen, visitor)
                    _said(seen.comments, people, visitor)
                    if acting is not None:
                        acting.talking()
                    _satisfaction(row, visitor)
                    if tasks:
                        tasks_card(tasks, visitor)


def _links(row: Mapping[str, Any], visitor: Visitor) -> None:
    t = visitor.t
    if row["contact_id"] is not None and may(visitor.somebody, "read", "contact"):
        with anchor(f"/contacts/{row['contact_id']}", classes="cz-button"):
            icon("person", "18px")
            words(t("Contact"))
    if row["merged_into_id"] is not None:
        with anchor(f"/tickets/{row['merged_into_id']}", classes="cz-button"):
            icon("call_merge", "18px")
            words(t("Goes on in ticket {number}", number=row["merged_into_id"]))


def _about(row: Mapping[str, Any], people: TicketPeople, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    status, tone = toned(TICKET_STATES, row["status"], t)
    priority, hue = toned(URGENCIES, row["priority"], t)

    def moment(name: str) -> str:
        return formats.moment(row[name]) if row[name] is not None else ""

    with card():
        with block("cz-card__head cz-row"):
            chip(status, tone)
            chip(priority, hue)
        facts(
            [
                (t("Ticket"), f"#{row['id']}"),
                (t("Contact"), people.contact or ""),
                (t("Account"), people.account or ""),
                (t("Owner"), people.owner or t("Nobody")),
                (t("About"), row["category"] or ""),
                (t("Source"), row["source"] or ""),
                (t("Came in"), moment("opened_at")),
                (t("First answer"), moment("first_response_at")),
                (t("Solved"), moment("solved_at")),
                (t("Closed"), moment("closed_at")),
                (t("Opened again"), formats.number(row["reopened"]) if row["reopened"] else ""),
                (t("External id"), row["external_id"] or ""),
            ]
        )


def _clocks(seen: ShownTicket, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    if not seen.clocks:
        return
    with card(t("What was promised")):
        rows = [
            Row(
                (
                    Cell(t(CLOCKS[clock.clock.value])),
                    Cell(formats.span(clock.limit)),
                    Cell(formats.span(clock.spent) if clock.spent else ""),
                    _standing(clock, visitor),
                )
            )
            for clock in seen.clocks
        ]
        columns = [
            Column(t("Promise")),
            Column(t("Within")),
            Column(t("Spent")),
            Column(t("State")),
        ]
        DataTable(t("What was promised"), columns, rows)


def _standing(clock: ShownClock, visitor: Visitor) -> Cell:
    t = visitor.t
    if clock.breached:
        return Cell(t("Too late"), tone="bad")
    if clock.running:
        due = visitor.formats.moment(clock.due_at) if clock.due_at else ""
        return Cell(t("Running"), tone="accent", sub=due)
    return Cell(t("Stands still"))


def _said(comments: Sequence[CommentRow], people: TicketPeople, visitor: Visitor) -> None:
    t = visitor.t
    with card(t("What was said")):
        if not comments:
            words(t("Nothing was said yet."), "cz-soft cz-pad", tag="p")
        for one in comments:
            author = one.author
            if one.author_kind == "contact":
                author = people.contact or t("Customer")
            with block("cz-said"):
                with block("cz-row"):
                    words(author or "Cadenza", "cz-strong")
                    words(visitor.formats.moment(one.created_at), "cz-soft cz-small")
                    if one.internal:
                        chip(t("Among us"), "warn")
                words(one.body, "cz-said__text", tag="div")


def _satisfaction(row: Mapping[str, Any], visitor: Visitor) -> None:
    t = visitor.t
    if row["satisfaction_asked_at"] is None:
        return
    score = row["satisfaction_score"]
    with card(t("How content the customer is")), block("cz-pad cz-stack cz-tight"):
        if score is None:
            words(t("They were asked and have not answered yet."), "cz-soft")
            return
        words(t("{score} of {best}", score=score, best=BEST), "cz-strong")
        if row["satisfaction_comment"]:
            words(row["satisfaction_comment"], "cz-said__text", tag="div")
