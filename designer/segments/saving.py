"""Changing a segment: what it is called, and its rule, with what that does said before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import refusal_words
from designer.rule_builder.problem_words import problem_words
from designer.runtime import Designer
from designer.segments.wordings import address_of
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services import segment_door
from engine.services.rules import AskedRule, count_rule
from engine.services.segment_door import ChangedMeanwhile, Seen
from engine.services.segments.editing import Edit

LONGEST_COUNT: Final = timedelta(seconds=5)
LONGEST_LABEL: Final = 200


async def ask_before_saving(designer: Designer, visitor: Visitor, seen: Seen, rule: Any) -> None:
    """Say how many it is for now and will be for, and save after a yes."""
    t, one = visitor.t, seen.detail.summary
    number = visitor.formats.number
    before = "–" if one.size is None else number(one.size)
    after = await _counted(designer, visitor, rule)
    with ui.dialog(value=True) as dialog, ui.card().classes("cz-dialog"):
        words(t("Save this rule?"), "cz-h2", tag="h2")
        with block("rb-change"):
            with block():
                words(before, "cz-tile__value", tag="div")
                words(t("members now"), "cz-soft cz-small", tag="div")
            words("→", "rb-change__arrow").props("aria-hidden=true")
            with block():
                words(after if isinstance(after, str) else number(after), "cz-tile__value", "div")
                words(t("by the new rule"), "cz-soft cz-small", tag="div")
        words(t("Who comes and goes by it enters and leaves: flows hear of it."), tag="p")
        refusals = block("cz-stack cz-tight").props("role=alert")

        async def save() -> None:
            edit = Edit(rule=rule)
            if await changed(designer, visitor, seen, edit, refusals):
                dialog.close()

        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close)
            plain_button(t("Save the rule"), save, main=True).mark("save-rule")


async def _counted(designer: Designer, visitor: Visitor, rule: Any) -> int | str:
    """How many the rule holds for; a dash where that takes too long to wait for."""
    zone = designer.runtime.settings.company.default_zone
    try:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            found = await count_rule(
                session,
                actor,
                AskedRule(rule),
                now=designer.now(),
                zone=zone,
                longest=LONGEST_COUNT,
            )
    except CadenzaError:
        return "–"
    return found.count


async def renaming_dialog(designer: Designer, visitor: Visitor, seen: Seen) -> None:
    """Other words for the segment; its short name stays, because rules name it."""
    t, one = visitor.t, seen.detail.summary
    with ui.dialog(value=True) as dialog, ui.card().classes("cz-dialog"):
        words(t("Rename the segment"), "cz-h2", tag="h2")
        label = ui.input(t("Label"), value=one.label).classes("cz-field full-width")
        label_zh = ui.input(t("Chinese label, if any"), value=one.label_zh or "")
        label_zh.classes("cz-field full-width")
        for field, mark in ((label, "new-label"), (label_zh, "new-label-zh")):
            field.props(f"outlined dense maxlength={LONGEST_LABEL}").mark(mark)
        refusals = block("cz-stack cz-tight").props("role=alert")

        async def save() -> None:
            edit = Edit(label=label.value or "", label_zh=label_zh.value or None)
            if await changed(designer, visitor, seen, edit, refusals):
                dialog.close()

        with block("cz-row cz-dialog__buttons"):
            plain_button(t("Cancel"), dialog.close)
            plain_button(t("Save"), save, main=True).mark("save-label")


async def changed(
    designer: Designer, visitor: Visitor, seen: Seen, edit: Edit, refusals: ui.element
) -> bool:
    """Save and show the segment anew; why not is written into `refusals`."""
    t, name = visitor.t, seen.detail.summary.name

    async def deed() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await segment_door.edit(session, actor, name, edit, designer.now(), seen.tag)

    if not await told(deed, refusals, t):
        return False
    designer.runtime.pokes.segments()
    designer.pulses.clear()
    ui.navigate.to(address_of(name))
    return True


async def told(deed: Callable[[], Awaitable[None]], refusals: ui.element, t: Any) -> bool:
    """Whether it was done; each reason why not is a line of its own."""
    refusals.clear()
    said: list[str] = []
    try:
        await deed()
    except NotSignedIn:
        ask_to_sign_in()
        return False
    except ChangedMeanwhile:
        said = [t("Somebody else has changed it meanwhile. Load the page again to see how.")]
    except Refused as refused:
        said = [problem_words(one.code, one.message, t) for one in refused.problems or ()] or [
            refusal_words(refused, t)
        ]
    except CadenzaError as error:
        said = [refusal_words(error, t)]
    with refusals:
        for line in said:
            words(line, "cz-bad")
    return not said
