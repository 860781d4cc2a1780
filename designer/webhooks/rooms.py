"""All subscriptions, and one with its log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.problem_words import all_words
from designer.rule_builder import CANCELLED, rule_dialog
from designer.rule_builder.saying import said_of
from designer.rule_builder.workbench import STYLE as RULE_STYLE
from designer.runtime import Designer
from designer.shell import frame
from designer.system.form_dialog import Blank, FormDialog
from designer.visitor import Visitor
from designer.webhooks.forms import edit_webhook, new_secret, new_webhook
from designer.webhooks.log_card import LogPlace, log_card
from designer.webhooks.wordings import (
    ROOM,
    STYLE,
    WHY_DISABLED,
    events_in_words,
    state_of,
)
from designer.widgets import (
    ask_to_sign_in,
    block,
    card,
    chip,
    empty_state,
    facts,
    icon,
    notice,
    words,
)
from engine.errors import CadenzaError, NotSignedIn
from engine.rules import Catalogue
from engine.services import subscriptions as service
from engine.services.actor import may
from engine.services.deliveries import (
    DeliveryPage,
    list_deliveries,
    see_delivery,
    send_missed,
    send_since_again,
)
from engine.services.rules import vocabulary
from engine.services.subscriptions import KnownSubscription, asked_of

PAGE_ROWS: Final = 50
TEST_SECONDS: Final = 20
_SPANS: Final[Mapping[str, timedelta]] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


@dataclass(slots=True)
class WebhookList:
    designer: Designer
    visitor: Visitor

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        async with self.designer.transaction() as session:
            found = await service.list_subscriptions(session, visitor.somebody)
        makes = may(visitor.somebody, "create", "webhook")
        with frame(ROOM, t("Webhooks"), styles=(STYLE,)) as actions:
            if makes:
                with actions:
                    plain_button(
                        t("Tell another system"),
                        lambda: new_webhook(self.designer, visitor),
                        main=True,
                        symbol="add",
                    ).mark("new-webhook")
            with block("cz-stack"):
                words(
                    t(
                        "Other systems can be told of events as they happen: signed, tried again "
                        "for days, each receiver at its own pace. In which order is not promised."
                    ),
                    "cz-soft",
                    tag="p",
                )
                self._all(found)

    def _all(self, found: list[KnownSubscription]) -> None:
        t, formats = self.visitor.t, self.visitor.formats
        if not found:
            with card():
                empty_state(
                    "webhook",
                    t("No other system is told yet"),
                    t("Make one with an address and the events it wants; then send it a test."),
                )
            return
        columns = [
            Column(t("Receiver"), wraps=True),
            Column(t("Events"), wraps=True),
            Column(t("State")),
            Column(t("Waiting"), "right"),
            Column(t("Failed"), "right"),
            Column(t("Last delivered")),
        ]
        rows = []
        for one in found:
            text, tone = state_of(one.row, t)
            last = one.row.delivered_at
            rows.append(
                Row(
                    (
                        Cell(one.row.name, sub=one.row.url),
                        Cell(events_in_words(one.row.event_types, t)),
                        Cell(text, tone=tone),
                        Cell(_counted(one.figures.waiting, self.visitor)),
                        Cell(_counted(one.figures.failed, self.visitor)),
                        Cell(formats.ago(last, self.designer.now()) if last else t("never")),
                    ),
                    f"{ROOM}/{one.row.id}",
                )
            )
        with card():
            DataTable(t("Webhooks"), columns, rows)


@dataclass(slots=True)
class WebhookRoom:
    designer: Designer
    visitor: Visitor
    id: int
    place: LogPlace
    known: KnownSubscription = field(init=False)
    catalogue: Catalogue = field(init=False)
    _told: Any = None

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        async with self.designer.transaction() as session:
            self.known = await service.see_subscription(session, visitor.somebody, self.id)
            self.catalogue = await vocabulary(session, visitor.somebody, "contact")
            page = await self._page(session)
        row = self.known.row
        edits = may(visitor.somebody, "edit", "webhook")
        with frame(
            ROOM, row.name, trail=[(ROOM, t("Webhooks"))], styles=(STYLE, RULE_STYLE)
        ) as actions:
            if edits:
                with actions:
                    self._buttons()
            with block("cz-stack"):
                self._notices()
                self._told = block().props("role=status")
                with block("cz-grid cz-wh__cards"):
                    self._about()
                    self._rule(edits)
                log_card(self.designer, visitor, self.id, self.place, page)

    async def _page(self, session: Any) -> DeliveryPage:
        place = self.place
        return await list_deliveries(
            *(session, self.visitor.somebody, self.id),
            states=[place.state] if place.state else (),
            before=place.before,
            after=place.after,
            limit=PAGE_ROWS,
        )

    def _buttons(self) -> None:
        t, row = self.visitor.t, self.known.row
        plain_button(t("Send a test"), self._test, symbol="send", main=not row.enabled).mark(
            "webhook-test"
        )
        if row.enabled:
            asking_button(
                t,
                "pause_circle",
                t("Disable"),
                t("Disable “{name}”?", name=row.name),
                t("What waits is kept. Events that happen meanwhile are not sent by themselves."),
                self._deed(service.disable_subscription),
            )
        else:
            asking_button(
                t,
                "play_circle",
                t("Enable"),
                t("Enable “{name}”?", name=row.name),
                t("It is told from now on, and what waited goes."),
                self._deed(service.enable_subscription),
            )
        plain_button(t("Send again"), self._ask_again, symbol="replay").mark("webhook-replay")
        plain_button(
            t("Edit"), lambda: edit_webhook(self.designer, self.visitor, row), symbol="edit"
        ).mark("webhook-edit")
        plain_button(
            t("New secret"), lambda: new_secret(self.designer, self.visitor, row), symbol="key"
        ).mark("webhook-rotate")
        if may(self.visitor.somebody, "delete", "webhook"):
            asking_button(
                t,
                "delete",
                t("Remove"),
                t("Remove “{name}”?", name=row.name),
                t("What waits and the log go with it. This cannot be taken back."),
                self._remove,
            )

    def _notices(self) -> None:
        t, row, formats = self.visitor.t, self.known.row, self.visitor.formats
        if not row.enabled:
            why = WHY_DISABLED.get(row.reason or "")
            notice(t(why) if why else t("It is disabled."), "warn", "pause_circle")
        elif row.failing_since is not None:
            text = t(
                "Calls have failed since {since}. It is tried now and then, and what waits is not "
                "lost; after five days it is disabled.",
                since=formats.moment(row.failing_since),
            )
            notice(text, "warn", "error_outline")

    def _about(self) -> None:
        t, row, formats = self.visitor.t, self.known.row, self.visitor.formats
        text, tone = state_of(row, t)
        with card():
            with block("cz-card__head"):
                icon("webhook", "20px")
                words(t("Receiver"), "cz-h2", tag="h2")
                chip(text, tone)
            pairs = [
                (t("Address"), row.url),
                (t("Events"), events_in_words(row.event_types, t)),
                (t("Owner"), row.owner_name or t("every admin")),
                (
                    t("Pace"),
                    t(
                        "{rate} a second, {most} at a time",
                        rate=row.per_second,
                        most=row.concurrency,
                    ),
                ),
                (t("Waiting"), _counted(self.known.figures.waiting, self.visitor)),
                (
                    t("Changed"),
                    t(
                        "{when} by {who}",
                        when=formats.moment(row.changed_at),
                        who=row.changed_by,
                    ),
                ),
            ]
            if row.previous_until is not None and row.previous_until > self.designer.now():
                pairs.append((t("Two secrets until"), formats.moment(row.previous_until)))
            facts(pairs)

    def _rule(self, edits: bool) -> None:
        t, rule = self.visitor.t, self.known.row.rule
        with card(t("Only when")):
            if rule is None:
                text = t("No rule: it is told of every such event.")
            else:
                text = said_of(rule, self.catalogue, t, event_rule=True) or t(
                    "The rule cannot be read any more."
                )
            words(text, "cz-pad cz-soft" if rule is None else "cz-pad", tag="p")
            if edits:
                with block("cz-row cz-pad"):
                    plain_button(
                        t("Change the rule") if rule is not None else t("Add a rule"),
                        self._change_rule,
                        symbol="rule",
                    ).mark("webhook-rule")

    async def _change_rule(self) -> None:
        row = self.known.row
        chosen = await rule_dialog(
            self.designer, self.visitor, self.catalogue, row.rule, event_rule=True
        )
        if chosen is CANCELLED:
            return
        await self._attempt(lambda: self._save_rule(chosen))

    async def _save_rule(self, rule: Any) -> None:
        row = self.known.row
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            await service.change_subscription(
                *(session, actor, row.id, asked_of(row, rule=rule), self.designer.now()),
                revision=row.revision,
            )
        ui.navigate.reload()

    async def _attempt(self, deed: Callable[[], Awaitable[None]]) -> None:
        try:
            await deed()
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            self._say(all_words(error, self.visitor.t), "bad")

    def _say(self, text: str, tone: Any) -> None:
        self._told.clear()
        with self._told:
            notice(text, tone, "info")

    async def _test(self) -> None:
        await self._attempt(self._tested)

    async def _tested(self) -> None:
        """The worker calls, so that one process alone calls the world; here it is waited for."""
        t, designer = self.visitor.t, self.designer
        actor = await designer.actor(self.visitor.token)
        async with designer.transaction() as session:
            made = await service.test_subscription(session, actor, self.id, designer.now())
        designer.runtime.pokes.webhooks()
        self._say(t("The test is on its way …"), "accent")
        for _ in range(TEST_SECONDS * 2):
            await asyncio.sleep(0.5)
            async with designer.transaction() as session:
                seen = await see_delivery(session, actor, made)
            if seen.row.state == "delivered":
                ui.notify(t("The receiver took the test."), type="positive")
                ui.navigate.reload()
                return
            if seen.row.state == "failed":
                # there stands what it answered
                ui.navigate.to(f"{ROOM}/{self.id}/deliveries/{made}")
                return
        self._say(t("Nobody has made the test yet. Is a worker running?"), "warn")

    def _ask_again(self) -> None:
        t = self.visitor.t
        FormDialog(
            t,
            t("Send again"),
            t(
                "With the message ids there were, by which the receiver knows what it has already. "
                "At most 10,000 at once."
            ),
            [
                Blank(
                    "since",
                    t("What came in the last"),
                    "day",
                    choices={
                        "hour": t("hour"),
                        "day": t("24 hours"),
                        "week": t("7 days"),
                        "month": t("30 days"),
                    },
                ),
                Blank(
                    "what",
                    t("Which"),
                    "failed",
                    choices={
                        "failed": t("What failed for good"),
                        "all": t("What failed or was delivered"),
                        "missed": t("Events it was never told of"),
                    },
                ),
            ],
            t("Send again"),
            self._again,
            mark="replay",
        )

    async def _again(self, given: dict[str, str]) -> None:
        designer, t = self.designer, self.visitor.t
        actor, now = await designer.actor(self.visitor.token), designer.now()
        since = now - _SPANS.get(given["since"], _SPANS["day"])
        async with designer.transaction() as session:
            if given["what"] == "missed":
                count = await send_missed(session, actor, self.id, since, now)
            else:
                states = ["failed", *(["delivered"] if given["what"] == "all" else [])]
                count = await send_since_again(session, actor, self.id, since, states, now)
        designer.runtime.pokes.webhooks()
        self._say(t.n("{count} goes again.", "{count} go again.", count), "accent")

    def _deed(self, what: Callable[..., Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            designer = self.designer
            actor = await designer.actor(self.visitor.token)
            async with designer.transaction() as session:
                await what(session, actor, self.id, designer.now())
            designer.runtime.pokes.webhooks()
            ui.navigate.reload()

        return deed

    async def _remove(self) -> None:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            await service.remove_subscription(session, actor, self.id)
        ui.navigate.to(ROOM)


def _counted(count: int, visitor: Visitor) -> str:
    """Counted up to a border, beyond which nobody reads the number."""
    shown = visitor.formats.number(count)
    return f"{shown}+" if count >= service.MOST_COUNTED else shown
