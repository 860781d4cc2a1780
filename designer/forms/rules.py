"""A rule inside a form."""

from __future__ import annotations

from typing import Any

from designer.forms.context import NOTHING, Place
from designer.rule_builder import RuleField


def rule(place: Place) -> None:
    context = place.context

    async def changed(document: Any) -> None:
        await place.changed(NOTHING if document is None else document)

    RuleField(
        context.designer,
        context.visitor,
        context.catalogue,
        place.value,
        subject=context.subject,
        event_rule=context.reads_event(place.path),
        on_change=changed,
        label=place.title,
        may_edit=context.may_edit,
    ).classes("fm-rule")
