"""What is known of a deal, and changing it in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui

from designer.approval_words import address_of as request_address
from designer.asking import plain_button
from designer.problem_words import refusal_words
from designer.runtime import Designer
from designer.sales.choices import Choices
from designer.sales.fields import CUSTOM, DealFields
from designer.sales.moving import values_of
from designer.sales.words import CATEGORIES, in_language, problem_words
from designer.terms import STAGE_KINDS
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, card, chip, notice, words
from engine.errors import CadenzaError, NotSignedIn, Problem, Refused
from engine.services.actor import may
from engine.services.deals.editing import edit_deal
from engine.services.deals.reading import SeenDeal
from engine.services.segment_door import ChangedMeanwhile
from engine.services.work import working

_ORDER: Final = (
    *("name", "amount", "expected_close_on", "owner_id", "account_id", "contact_id"),
    *("product_id", "forecast_category", "lost_reason", "external_id"),
)


class FieldsCard:
    """`changed` is told after something was written."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        choices: Choices,
        deal: SeenDeal,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._designer, self._visitor, self._choices = designer, visitor, choices
        self._deal, self._changed = deal, changed
        self.is_open = False
        self._fields: DealFields | None = None
        self._told: ui.element | None = None
        self._told_changed = False
        with card() as self._place:
            self._place.mark("deal-about")
        self._read()

    def tell_changed(self) -> None:
        """Somebody else wrote to the deal while this form is open."""
        if self._told_changed or self._told is None:
            return
        self._told_changed = True
        with self._told:
            notice(
                self._visitor.t(
                    "Somebody changed this deal meanwhile. Leave the form to see what they wrote."
                ),
                "warn",
            )

    def _read(self) -> None:
        t, line = self._visitor.t, self._deal.line
        self.is_open = False
        self._place.clear()
        with self._place:
            with block("cz-card__head cz-row"):
                stage = in_language(line.stage_label, line.stage_label_zh, t)
                chip(stage, STAGE_KINDS.get(line.stage_kind, "plain"))
                if may(self._visitor.somebody, "edit", "deal"):
                    button = plain_button(t("Change"), self._write, symbol="edit")
                    button.mark("edit-deal")
            self._facts()

    def _facts(self) -> None:
        t, formats, line = self._visitor.t, self._visitor.formats, self._deal.line
        amount = ""
        if line.amount_minor is not None and line.currency is not None:
            amount = formats.money(line.amount_minor, line.currency)
        day = line.expected_close_on
        somebody = self._visitor.somebody
        contact = (
            f"/contacts/{line.contact_id}"
            if line.contact_id is not None and may(somebody, "read", "contact")
            else None
        )
        category = CATEGORIES.get(line.forecast_category)
        rows: list[tuple[str, str, str | None]] = [
            (t("Amount"), amount, None),
            (t("Probability"), f"{line.probability_percent} %", None),
            (t("Expected close"), formats.day(day) if day else "", None),
            (t("Owner"), line.owner or t("Nobody"), None),
            (t("Account"), line.account or "", None),
            (t("Contact"), line.contact or "", contact),
            (t("Product"), line.product or "", None),
            (t("Forecast category"), t(category) if category else "", None),
            (t("Pipeline"), line.pipeline_label, None),
            (t("On this stage since"), formats.moment(line.stage_entered_at), None),
            (t("Created"), formats.moment(line.opened_at), None),
            (t("Closed"), formats.moment(line.closed_at) if line.closed_at else "", None),
            (t("Why it was lost"), line.lost_reason or "", None),
            (t("External id"), line.external_id or "", None),
        ]
        for key, known in self._choices.custom.items():
            label = in_language(known.label, known.label_zh, t)
            rows.append((label, _custom_words(line.custom.get(key), self._visitor), None))
        with block("cz-facts", tag="dl"):
            for name, value, address in rows:
                if not value:
                    continue
                words(name, tag="dt")
                if address:
                    with block(tag="dd"):
                        anchor(address, value)
                else:
                    words(value, tag="dd")

    def _write(self) -> None:
        t, deal = self._visitor.t, self._deal
        self.is_open, self._told_changed = True, False
        names = [
            name
            for name in (*_ORDER, *(f"{CUSTOM}{key}" for key in self._choices.custom))
            if name != "lost_reason" or deal.line.stage_kind == "lost"
        ]
        locked = (
            frozenset()
            if deal.editable is None
            else frozenset(name for name in names if name.split(".")[0] not in deal.editable)
        )
        self._place.clear()
        with self._place:
            with block("cz-card__head"):
                words(t("Change the deal"), "cz-h2", tag="h2")
            with block("cz-pad cz-stack"):
                if locked and deal.locked_by is not None:
                    with notice(
                        t("An approval is open. What it decides about cannot be changed."),
                        "warn",
                        "lock",
                    ):
                        anchor(request_address(deal.locked_by), t("Look at it"))
                self._told = block("cz-stack cz-tight").props("role=alert")
                self._fields = DealFields(
                    self._designer,
                    self._visitor,
                    self._choices,
                    names,
                    values_of(deal),
                    locked=locked,
                )
                with block("cz-row"):
                    plain_button(t("Save"), self._save, main=True).mark("save-deal")
                    plain_button(t("Cancel"), self._leave)

    async def _leave(self) -> None:
        self.is_open = False
        await self._changed()

    async def _save(self) -> None:
        if self._fields is None:
            return
        given, problems = self._fields.read()
        if problems:
            self._tell(problems)
            return
        fields = changes_of(self._deal, given)
        if not fields:
            self._read()
            return
        try:
            await self._edit(fields)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except Refused as refused:
            self._tell(list(refused.problems))
            return
        except ChangedMeanwhile:
            self._told_changed = False
            self.tell_changed()
            return
        except CadenzaError as error:
            self._tell([Problem("", error.code, refusal_words(error, self._visitor.t))])
            return
        self.is_open = False
        await self._changed()

    async def _edit(self, fields: dict[str, Any]) -> None:
        runtime = self._designer.runtime
        actor = await self._designer.actor(self._visitor.token)
        async with working(
            runtime.store, runtime.shared, runtime.pokes, self._designer.now()
        ) as work:
            await edit_deal(work, actor, self._deal.line.id, fields, seen=self._deal.tag)

    def _tell(self, problems: list[Problem]) -> None:
        if self._fields is None:
            return
        elsewhere = self._fields.show(problems)
        if self._told is None:
            return
        self._told.clear()
        with self._told:
            for problem in elsewhere:
                words(problem_words(problem, self._visitor.t), "cz-bad", tag="p")


def changes_of(deal: SeenDeal, given: dict[str, Any]) -> dict[str, Any]:
    """Only what differs: a field that is left as it is may be locked, or changed by others."""
    line = deal.line
    amount = (
        {"minor": line.amount_minor, "currency": line.currency}
        if line.amount_minor is not None
        else None
    )
    day = line.expected_close_on
    known: dict[str, Any] = {
        "name": line.name,
        "amount": amount,
        "expected_close_on": day.isoformat() if day else None,
        "owner_id": line.owner_id,
        "account_id": line.account_id,
        "contact_id": line.contact_id,
        "product_id": line.product_id,
        "forecast_category": line.forecast_category,
        "lost_reason": line.lost_reason,
        "external_id": line.external_id,
    }
    changed = {
        name: value for name, value in given.items() if name in known and value != known[name]
    }
    custom = {
        key: value
        for key, value in given.get("custom", {}).items()
        if _plain(value) != _plain(line.custom.get(key))
    }
    return {**changed, "custom": custom} if custom else changed


def _plain(value: Any) -> Any:
    """A number is typed as text; nothing chosen is nothing."""
    if isinstance(value, bool) or value in (None, "", []):
        return value or None if not isinstance(value, bool) else value
    return str(value) if isinstance(value, int | float) else value


def _custom_words(value: Any, visitor: Visitor) -> str:
    t = visitor.t
    if isinstance(value, bool):
        return t("Yes") if value else t("No")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, int | float):
        return visitor.formats.number(value)
    return "" if value is None else str(value)
