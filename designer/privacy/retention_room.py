"""How long rows of each kind stay: for ever, until somebody says otherwise and saw the count."""

from __future__ import annotations

from nicegui import ui

from designer.asking import plain_button
from designer.privacy.wording import ROWS
from designer.runtime import Designer
from designer.system.form_dialog import Blank, FormDialog
from designer.visitor import Visitor
from designer.widgets import block, card, chip, words
from engine.errors import Problem, Refused
from engine.services.actor import may
from engine.services.retention import (
    LONGEST_DAYS,
    RuleRow,
    forget_rule,
    preview_rule,
    retention_rules,
    set_rule,
)


class RetentionRoom:
    def __init__(self, designer: Designer, visitor: Visitor) -> None:
        self._designer, self._visitor = designer, visitor
        self._sets = may(visitor.somebody, "edit", "retention")

    async def build(self) -> None:
        t = self._visitor.t
        words(
            t(
                "Everything stays until you say otherwise. What is older than its rule goes once a "
                "day, a little at a time; before a rule begins you see how many rows it means."
            ),
            "cz-soft cz-prv__intro",
            tag="p",
        )
        self._place = block()
        await self._show()

    async def _show(self) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            found = await retention_rules(session, actor)
        self._place.clear()
        with self._place, card(), block("cz-prv__list", tag="ul"):
            for row in found:
                self._row(row)

    def _row(self, row: RuleRow) -> None:
        t, formats = self._visitor.t, self._visitor.formats
        name, about = ROWS[row.kind]
        with block(tag="li").mark(f"rule-{row.kind}"):
            with block("cz-grow"):
                with block("cz-prv__what"):
                    words(t(name), "cz-strong")
                    if row.keep_days is None:
                        chip(t("for ever"))
                    else:
                        days = t.n("{count} day", "{count} days", row.keep_days)
                        chip(days, "accent")
                said = [t(about)]
                if row.applied_at is not None:
                    count = formats.number(row.removed)
                    said.append(t("{count} taken out so far", count=count))
                words(" · ".join(said), "cz-soft cz-small", tag="div")
            if self._sets:
                change = plain_button(t("Change"), lambda: self._ask(row), symbol="schedule")
                change.mark(f"change-{row.kind}")

    def _ask(self, row: RuleRow) -> None:
        t = self._visitor.t
        least = row.least_days
        FormDialog(
            t,
            t("How long: {name}", name=t(ROWS[row.kind][0])),
            t(ROWS[row.kind][1]),
            [
                Blank(
                    "days",
                    t("Days"),
                    "" if row.keep_days is None else str(row.keep_days),
                    hint=t("At least {least}. Empty: for ever.", least=least),
                    places=("/keep_days",),
                )
            ],
            t("Count what would go"),
            lambda given: self._counted(row, given["days"]),
            mark="count",
        )

    async def _counted(self, row: RuleRow, written: str) -> None:
        t, days = self._visitor.t, written.strip()
        actor = await self._designer.actor(self._visitor.token)
        if not days:
            async with self._designer.transaction() as session:
                await forget_rule(session, actor, row.kind)
            await self._show()
            return
        in_range = days.isdecimal() and row.least_days <= int(days[:9]) <= LONGEST_DAYS
        if not in_range:
            message = t(
                "Write a number of days from {least} to {most}.",
                least=row.least_days,
                most=LONGEST_DAYS,
            )
            raise Refused("The rule was not kept.", [Problem("/days", "bad_number", message)])
        async with self._designer.transaction() as session:
            now = self._designer.now()
            count = await preview_rule(session, actor, row.kind, int(days), now)
        self._confirm(row, int(days), count)

    def _confirm(self, row: RuleRow, days: int, count: int) -> None:
        t = self._visitor.t
        text = t.n(
            "{count} row is older and goes within a day. It cannot be brought back.",
            "{count} rows are older and go within a day. They cannot be brought back.",
            count,
        )
        title = t.n("Keep it for {count} day?", "Keep it for {count} days?", days)
        FormDialog(
            t, title, text, [], t("Keep so long"), lambda _: self._set(row, days), mark="keep"
        )

    async def _set(self, row: RuleRow, days: int) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await set_rule(session, actor, row.kind, days, self._designer.now())
        self._designer.runtime.pokes.retention()
        ui.notify(self._visitor.t("The rule holds from now on."), type="positive")
        await self._show()
