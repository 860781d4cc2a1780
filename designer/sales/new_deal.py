"""A dialog in which a deal is made."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import refusal_words
from designer.runtime import Designer
from designer.sales.choices import Choices
from designer.sales.dialogs import taken_away
from designer.sales.fields import CUSTOM, DealFields, Values
from designer.sales.words import in_language, problem_words
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn, Problem, Refused
from engine.services.deals.board import Board
from engine.services.deals.editing import NewDeal, create_deal
from engine.services.work import working

_ASKED: Final = (
    "name",
    "amount",
    "expected_close_on",
    "account_id",
    "contact_id",
    "product_id",
    "owner_id",
)


async def new_deal_dialog(
    designer: Designer,
    visitor: Visitor,
    choices: Choices,
    board: Board,
    *,
    contact: tuple[int, str] | None = None,
) -> int | None:
    """The id of the deal that was made; None when the dialog was left."""
    t = visitor.t
    begins = [one.stage for one in board.columns if one.stage.kind == "open"]
    with ui.dialog() as dialog, ui.card().classes("cz-dialog") as place:
        dialog.props["aria-label"] = t("New deal")
        place.mark("new-deal-dialog")
        words(t("New deal"), "cz-h2", tag="h2")
        told = block("cz-stack cz-tight").props("role=alert")
        with block("sl-field"):
            words(t("Stage"), "sl-field__name").props("aria-hidden=true")
            names = {one.key: in_language(one.label, one.label_zh, t) for one in begins}
            stage = ui.select(names, value=begins[0].key if begins else None)
            stage.props("outlined dense").classes("cz-field sl-box").mark("new-deal-stage")
            stage.props["aria-label"] = t("Stage")
        values = Values(plain={"owner_id": visitor.somebody.id}, contact=contact)
        custom = [f"{CUSTOM}{key}" for key in choices.custom]
        fields = DealFields(designer, visitor, choices, _ASKED, values)
        more: DealFields | None = None
        if custom:
            with ui.expansion(t("More fields")).classes("full-width"):
                more = DealFields(designer, visitor, choices, custom, values)
        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close)
            go = plain_button(t("Make the deal"), None, main=True).mark("make-deal")

    def tell(problems: list[Problem]) -> None:
        elsewhere = fields.show(problems)
        if more is not None:
            elsewhere = more.show(elsewhere)
        told.clear()
        with told:
            for problem in elsewhere:
                words(problem_words(problem, t), "cz-bad", tag="p")

    async def make() -> None:
        given, problems = fields.read()
        if more is not None:
            own, further = more.read()
            custom_values = {k: v for k, v in own.get("custom", {}).items() if v is not None}
            if custom_values:
                given["custom"] = custom_values
            problems += further
        if not given.get("name"):
            problems.append(Problem("/fields/name", "missing", t("Give the deal a name.")))
        if problems:
            tell(problems)
            return
        first = begins[0].key if begins else None
        named = str(stage.value) if stage.value and stage.value != first else None
        filled = {name: value for name, value in given.items() if value is not None}
        try:
            made = await _make(designer, visitor, NewDeal(filled, board.pipeline.key, named))
        except NotSignedIn:
            ask_to_sign_in()
            return
        except Refused as refused:
            tell(list(refused.problems))
            return
        except CadenzaError as error:
            tell([Problem("", error.code, refusal_words(error, t))])
            return
        dialog.submit(made)

    go.on("click", make, args=[])
    made = await dialog
    taken_away(dialog)
    return made if isinstance(made, int) else None


async def _make(designer: Designer, visitor: Visitor, new: NewDeal) -> int:
    runtime = designer.runtime
    actor = await designer.actor(visitor.token)
    async with working(runtime.store, runtime.shared, runtime.pokes, designer.now()) as work:
        made = await create_deal(work, actor, new)
    designer.pulses.clear()
    return made
