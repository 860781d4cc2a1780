"""The dialog a rule is built in."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from nicegui import ui

from designer.asking import plain_button
from designer.rule_builder.bench import Bench
from designer.rule_builder.workbench import Workbench, new_bench
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import NotSignedIn
from engine.rules import Catalogue, Subject


class _Answer(Enum):
    CANCELLED = "cancelled"


CANCELLED: Final = _Answer.CANCELLED
Cancelled: TypeAlias = Literal[_Answer.CANCELLED]


async def rule_dialog(
    designer: Designer,
    visitor: Visitor,
    catalogue: Catalogue,
    rule: Any,
    *,
    subject: Subject = "contact",
    event_rule: bool = False,
) -> Any | Cancelled | None:
    """The rule's document after a person has built it, None for no rule, CANCELLED when they
    thought better of it. What is given back has no mistakes.
    """
    try:
        bench = await new_bench(
            designer, visitor, catalogue, rule, subject=subject, event_rule=event_rule
        )
    except NotSignedIn:
        ask_to_sign_in()
        return CANCELLED
    t = visitor.t
    # persistent: a click beside it, or Escape in a field, must not throw the work away
    with (
        ui.context.client.content,
        ui.dialog(value=True).props("persistent") as dialog,
        ui.card().classes("cz-dialog rb-dialog") as card,
    ):
        card.props["role"] = "dialog"
        card.props["aria-label"] = t("Rule builder")
        words(t("Rule builder"), "cz-h2", tag="h2")
        workbench = Workbench(bench)
        refusal = words("", "cz-bad").props("role=alert")

        def done() -> None:
            refusal.set_text(_refusal(bench, workbench))
            if not refusal.text:
                dialog.submit((bench.document,))

        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close).mark("cancel-rule")
            plain_button(t("Use this rule"), done, main=True).mark("use-rule")
    answer = await dialog
    if not dialog.is_deleted:
        dialog.clear()
        dialog.delete()
    return CANCELLED if answer is None else answer[0]


def _refusal(bench: Bench, workbench: Workbench) -> str:
    """Why the rule cannot be used yet; shows the first place."""
    t = bench.visitor.t
    if bench.lacking:
        workbench.turn(0)
        workbench.builder.focus(bench.lacking[0])
        return t("Something is still to be chosen.")
    problems = bench.problems()
    if problems:
        return t("The rule has mistakes; they are marked at their places.")
    return ""
