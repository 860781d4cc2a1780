"""A rule as a field of a form: what it asks in plain words, and a button that opens the builder."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from designer.asking import plain_button
from designer.rule_builder.dialog import CANCELLED, rule_dialog
from designer.rule_builder.saying import said_of
from designer.rule_builder.workbench import style_sheet
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import words
from engine.rules import Catalogue, Subject

OnChange = Callable[[Any], Awaitable[None] | None]


class RuleField(ui.element):
    """`value` is the rule's document, None for no rule; `on_change` gets it after each change.

    With `may_edit` False it only tells. It brings its own style sheet.
    """

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        catalogue: Catalogue,
        rule: Any = None,
        *,
        subject: Subject = "contact",
        event_rule: bool = False,
        on_change: OnChange | None = None,
        label: str = "",
        may_edit: bool = True,
    ) -> None:
        super().__init__("div")
        self.classes("rb-field")
        self.value: Any = rule
        self._designer, self._visitor, self._catalogue = designer, visitor, catalogue
        self._subject: Subject = subject
        self._event_rule, self._on_change = event_rule, on_change
        t = visitor.t
        with self:
            style_sheet()
            if label:
                words(label, "rb-field__label")
            self._said = words("", "rb-field__words", tag="p")
            if may_edit:
                self._button = plain_button(t("Edit the rule"), self.open, symbol="rule")
                self._button.mark("edit-rule")
                if label:
                    self._button.props["aria-label"] = f"{label}: {t('Edit the rule')}"
        self.show(rule)

    def show(self, rule: Any) -> None:
        """Another rule, from elsewhere (undo, a reload); `on_change` is not called."""
        self.value = rule
        t = self._visitor.t
        if rule is None:
            self._said.set_text(t("No rule yet"))
            return
        said = said_of(rule, self._catalogue, t, event_rule=self._event_rule, subject=self._subject)
        self._said.set_text(said or t("This rule has mistakes. Open it to see them."))

    async def open(self) -> None:
        """Ask for another rule."""
        found = await rule_dialog(
            self._designer,
            self._visitor,
            self._catalogue,
            self.value,
            subject=self._subject,
            event_rule=self._event_rule,
        )
        if found is CANCELLED:
            return
        self.show(found)
        if self._on_change is not None:
            done = self._on_change(found)
            if inspect.isawaitable(done):
                await done
