"""Narrowing a list by one field: which, how, and to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.records.words import OPERATOR_NAMES, choice_words, field_name
from designer.visitor import Visitor
from designer.widgets import block, words
from engine.services.views.grids import OPERATORS_OF, Condition, GridField
from engine.services.views.grids.state import LONGEST_TEXT, MOST_DAYS, MOST_VALUES

NOBODY: Final = 0


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be chosen from: people by number, and tags."""

    people: Mapping[int, str]
    tags: Sequence[str]


async def condition_dialog(
    visitor: Visitor,
    fields: Mapping[str, GridField],
    offered: Offered,
    known: Condition | None = None,
) -> Condition | None:
    """The condition; None when the dialog was left without one."""
    asking = _Asking(visitor, fields, offered, known)
    answer = await asking.dialog
    asking.dialog.clear()
    asking.dialog.delete()
    return answer if isinstance(answer, Condition) else None


class _Asking:
    def __init__(
        self,
        visitor: Visitor,
        fields: Mapping[str, GridField],
        offered: Offered,
        known: Condition | None,
    ) -> None:
        self._visitor, self._offered, self._known = visitor, offered, known
        self._fields = {name: one for name, one in fields.items() if one.narrows}
        t = visitor.t
        with ui.dialog() as self.dialog, ui.card().classes("cz-dialog").props("role=dialog"):
            words(t("Narrow the list"), "cz-h2", tag="h2")
            first = known.field if known else next(iter(self._fields))
            self._field = ui.select(
                {name: field_name(one, t) for name, one in self._fields.items()},
                value=first,
                label=t("Field"),
                with_input=True,
                on_change=lambda: self._ask_how(),
            )
            self._field.props("outlined dense options-dense").classes("full-width cz-field")
            self._field.mark("condition-field")
            self._how_place = block("full-width")
            self._value_place = block("cz-stack cz-tight full-width")
            self._problem = words("", "cz-bad").props("role=alert")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), self.dialog.close)
                plain_button(t("Narrow"), self._done, main=True).mark("use-condition")
        self._how: Any = None
        self._values: list[Any] = []
        self._ask_how(known)

    @property
    def _chosen(self) -> GridField | None:
        return self._fields.get(self._field.value)

    def _ask_how(self, known: Condition | None = None) -> None:
        self._how_place.clear()
        chosen = self._chosen
        if chosen is None:
            return
        t, ways = self._visitor.t, OPERATORS_OF[chosen.kind]
        with self._how_place:
            self._how = ui.select(
                {one: t(OPERATOR_NAMES[one]) for one in ways},
                value=known.operator if known else ways[0],
                label=t("How"),
                on_change=lambda: self._ask_values(),
            )
            self._how.props("outlined dense options-dense").classes("full-width cz-field")
            self._how.mark("condition-how")
        self._ask_values(known)

    def _ask_values(self, known: Condition | None = None) -> None:
        self._value_place.clear()
        self._values = []
        chosen = self._chosen
        if chosen is None:
            return
        given = known.values if known else ()
        with self._value_place:
            match self._how.value:
                case "any" | "none":
                    self._values = [self._choice(chosen, given)]
                case "contains":
                    field = ui.input(label=self._visitor.t("Text"), value=given[0] if given else "")
                    field.props["maxlength"] = LONGEST_TEXT
                    self._values = [field]
                case "between":
                    self._values = self._ends(chosen, given)
                case "last" | "before":
                    days = ui.number(
                        label=self._visitor.t("Days"),
                        value=given[0] if given else 7,
                        min=1,
                        max=MOST_DAYS,
                        precision=0,
                    )
                    self._values = [days]
            for one in self._values:
                one.props("outlined dense").classes("full-width cz-field")
                one.mark("condition-value")

    def _choice(self, chosen: GridField, given: tuple[Any, ...]) -> Any:
        t = self._visitor.t
        if chosen.kind == "yes_no":
            return ui.select({True: t("yes"), False: t("no")}, value=given[0] if given else True)
        options: dict[Any, str]
        match chosen.kind:
            case "person":
                options = {NOBODY: t("Nobody"), **self._offered.people}
                given = tuple(NOBODY if one is None else one for one in given)
            case "choice":
                options = {one: choice_words(chosen.name, one, t)[0] for one in chosen.values}
            case "tags":
                options = {one: one for one in self._offered.tags}
            case _:
                options = {}
        kept = {one: str(one) for one in given if one not in options}
        free = chosen.kind in ("text", "tags")
        select = ui.select(
            options | kept,
            value=list(given),
            label=t("Values"),
            multiple=True,
            with_input=True,
            new_value_mode="add-unique" if free else None,
        )
        if free:
            select.props["hint"] = t("Write a value and press Enter; several are possible.")
        return select.props("use-chips options-dense")

    def _ends(self, chosen: GridField, given: tuple[Any, ...]) -> list[Any]:
        t = self._visitor.t
        first, last = given or (None, None)
        if chosen.kind == "number":
            return [
                ui.number(label=t("From"), value=first),
                ui.number(label=t("To"), value=last),
            ]
        return [
            ui.input(label=t("From"), value=first or "").props("type=date stack-label"),
            ui.input(label=t("To"), value=last or "").props("type=date stack-label"),
        ]

    def _done(self) -> None:
        chosen = self._chosen
        if chosen is None:
            self._problem.set_text(self._visitor.t("Choose a field."))
            return
        values = self._read(chosen)
        if values is None:
            self._problem.set_text(self._visitor.t("Say at least one value."))
            return
        self.dialog.submit(Condition(chosen.name, self._how.value, values))

    def _read(self, chosen: GridField) -> tuple[Any, ...] | None:
        """None when something is missing. What is there is looked at again where it is used."""
        raw = [one.value for one in self._values]
        match self._how.value:
            case "known" | "unknown":
                return ()
            case "any" | "none":
                given = raw[0] if isinstance(raw[0], list) else [raw[0]]
                found = [
                    None if one == NOBODY and chosen.kind == "person" else one for one in given
                ]
                return tuple(found[:MOST_VALUES]) or None
            case "contains":
                return (raw[0].strip(),) if (raw[0] or "").strip() else None
            case "last" | "before":
                return (int(raw[0]),) if raw[0] else None
        ends = tuple(one if one not in ("", None) else None for one in raw)
        if chosen.kind == "number":
            ends = tuple(int(one) if one is not None and one == int(one) else one for one in ends)
        return None if ends == (None, None) else ends
