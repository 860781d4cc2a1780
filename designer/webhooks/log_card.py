"""What a receiver was told, and one delivery with its tries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.components.filter_tabs import address, filter_tabs
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import toned
from designer.visitor import Visitor
from designer.webhooks.wordings import DELIVERY_STATES, ROOM, STYLE, outcome
from designer.widgets import (
    Words,
    ask_to_sign_in,
    block,
    button_link,
    card,
    chip,
    empty_state,
    facts,
    words,
)
from engine.errors import CadenzaError, NotSignedIn
from engine.services.actor import may
from engine.services.deliveries import (
    DeliveryPage,
    SeenDelivery,
    see_delivery,
    send_deliveries_again,
)

SHOWN_STATES: Final = ("waiting", "delivered", "failed")


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where in the log somebody is, as the address says it."""

    state: str = ""
    before: int | None = None
    after: int | None = None


def log_card(
    designer: Designer, visitor: Visitor, id_: int, place: LogPlace, page: DeliveryPage
) -> None:
    t, path = visitor.t, f"{ROOM}/{id_}"
    filter_tabs(
        t("State"),
        path,
        {"state": place.state or None},
        "state",
        [(None, t("All")), *((one, t(DELIVERY_STATES[one][0])) for one in SHOWN_STATES)],
    )
    with card(t("What it was told")):
        if not page.rows:
            empty_state(
                "outbox",
                t("Nothing here"),
                t("Events come here as they happen. Send a test to see the first line."),
            )
            return
        DataTable(t("What it was told"), _columns(visitor), _rows(designer, visitor, path, page))
        first, last = page.rows[0].id, page.rows[-1].id
        if page.newer or page.older:
            with block("cz-pager"):
                words("", "cz-grow")
                if page.newer:
                    newer = address(path, {"state": place.state, "after": str(first)})
                    button_link(newer, t("Newer"), "chevron_left")
                if page.older:
                    older = address(path, {"state": place.state, "before": str(last)})
                    button_link(older, t("Older"), "chevron_right")


def _columns(visitor: Visitor) -> list[Column]:
    t = visitor.t
    return [
        Column(t("Event"), wraps=True),
        Column(t("State")),
        Column(t("Last answer"), wraps=True),
        Column(t("Tries"), "right"),
        Column(t("When")),
    ]


def _rows(designer: Designer, visitor: Visitor, path: str, page: DeliveryPage) -> list[Row]:
    t, formats, now = visitor.t, visitor.formats, designer.now()
    rows = []
    for one in page.rows:
        state, tone = toned(DELIVERY_STATES, one.state, t)
        waits = one.state == "waiting" and one.attempts > 0 and one.due_at > now
        sub = t("again {when}", when=formats.moment(one.due_at)) if waits else ""
        rows.append(
            Row(
                (
                    Cell(t("Test") if one.event_id is None else one.type),
                    Cell(state, tone=tone),
                    Cell(outcome(one.status, one.code, t), sub=sub),
                    Cell(formats.number(one.attempts)),
                    Cell(formats.moment(one.created_at)),
                ),
                f"{path}/deliveries/{one.id}",
            )
        )
    return rows


@dataclass(slots=True)
class DeliveryRoom:
    designer: Designer
    visitor: Visitor
    webhook_id: int
    id: int
    _refusal: Words = field(init=False)

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        async with self.designer.transaction() as session:
            seen = await see_delivery(session, visitor.somebody, self.id)
        path = f"{ROOM}/{self.webhook_id}"
        title = t("Test") if seen.row.event_id is None else seen.row.type
        trail = [(ROOM, t("Webhooks")), (path, t("Receiver"))]
        with frame(ROOM, title, trail=trail, styles=(STYLE,)) as actions:
            ended = seen.row.event_id is not None and seen.row.state in ("delivered", "failed")
            if ended and may(visitor.somebody, "edit", "webhook"):
                with actions:
                    plain_button(t("Send again"), self._again, main=True, symbol="replay").mark(
                        "delivery-again"
                    )
            with block("cz-stack"):
                self._refusal = words("", "cz-bad").props("role=alert")
                self._about(seen)
                with card(t("What is sent")):
                    words(seen.body, "cz-code cz-wh__body", tag="pre")
                    if seen.cut:
                        words(t("This is only its beginning."), "cz-soft cz-pad", tag="p")
                self._tries(seen)

    def _about(self, seen: SeenDelivery) -> None:
        t, formats, row = self.visitor.t, self.visitor.formats, seen.row
        text, tone = toned(DELIVERY_STATES, row.state, t)
        with card():
            with block("cz-card__head"):
                words(t("Delivery"), "cz-h2", tag="h2")
                chip(text, tone)
            pairs = [
                ("webhook-id", row.message_id),
                (t("Came"), formats.moment(row.created_at)),
                (t("Tries"), formats.number(row.attempts)),
            ]
            if row.state == "waiting":
                pairs.append((t("Next try"), formats.moment(row.due_at)))
            if row.ended_at is not None:
                pairs.append((t("Over since"), formats.moment(row.ended_at)))
            facts(pairs)

    def _tries(self, seen: SeenDelivery) -> None:
        t, formats = self.visitor.t, self.visitor.formats
        with card(t("Tries")):
            if not seen.attempts:
                words(t("It was not tried yet."), "cz-soft cz-pad", tag="p")
            for one in seen.attempts:
                with block("cz-wh__try"):
                    with block("cz-row"):
                        ok = one.code == "ok"
                        chip(outcome(one.status, one.code, t), "good" if ok else "bad")
                        words(formats.moment(one.at), "cz-soft cz-small cz-grow")
                        took = t("{count} ms", count=formats.number(one.milliseconds))
                        words(took, "cz-soft cz-small cz-number")
                    if one.answer and one.status is not None:
                        words(one.answer, "cz-code cz-wh__body", tag="pre")

    async def _again(self) -> None:
        designer = self.designer
        try:
            actor = await designer.actor(self.visitor.token)
            async with designer.transaction() as session:
                await send_deliveries_again(
                    session, actor, self.webhook_id, [self.id], designer.now()
                )
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._refusal.set_text(all_words(error, self.visitor.t))
            return
        designer.runtime.pokes.webhooks()
        ui.navigate.reload()
