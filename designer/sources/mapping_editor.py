"""The mapping of a source as lines to fill in, with what is wrong at each line."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.i18n import Translator
from designer.problem_words import placed_words, problem_words
from designer.sources.terms import NAMES
from designer.sources.value_line import ValueLine
from designer.widgets import Words, block, card, words
from engine.errors import Problem
from engine.services.sources import IDENTITIES, WHOLE, Mapping, Value

_MOST_LINES: Final = 100


class MappingEditor:
    """`fields` are what a contact's fields are called, by key."""

    def __init__(self, t: Translator, mapping: Mapping, fields: ReadOnly[str, str]) -> None:
        self._t, self._fields = t, fields
        self._own: list[ValueLine] = []
        self._named: list[ValueLine] = []
        with card(t("What it means")):
            self._event_part(mapping)
            self._contact_part(mapping)
            self._fields_place = self._part(
                t("Fields of the contact"),
                t("What stands there is written into the contact. Nothing there: nothing changes."),
                t("Add a field"),
                lambda: self._add_field("", None),
                "field",
            )
            for key, value in mapping.fields.items():
                self._add_field(key, value)
            self._properties_place = self._part(
                t("Properties of the event"),
                t("Rules, segments and messages read them by these names."),
                t("Add a property"),
                lambda: self._add_property("", None),
                "property",
            )
            for key, value in mapping.properties.items():
                self._add_property(key, value)
            with block("cz-src__part"):
                self._keep = ui.checkbox(
                    t("Keep the whole document with the event"), value=mapping.keep_document
                )
                self._each = ui.input(
                    t("Place of a list, if each of its items is an event"), value=mapping.each or ""
                )
                self._each.props("outlined dense").classes("cz-field").mark("each")
                words(
                    t("A single dot where the document itself is the list."),
                    "cz-soft cz-small",
                    tag="p",
                )
                self._rest: Words = words("", "cz-bad").props("role=alert")

    def as_json(self) -> dict[str, Any]:
        """What is written now; empty lines are left out."""
        each = str(self._each.value or "").strip()
        said: dict[str, Any] = {
            "contact": {key: line.as_json() for key, line in self._who.items() if not line.empty},
            "fields": _lines(self._own),
            "properties": _lines(self._named),
            "keep_document": bool(self._keep.value),
            "each": WHOLE if each in (WHOLE, "$") else each or None,
        }
        for name, line in self._about.items():
            if not line.empty:
                said[name] = line.as_json()
        return said

    def tell(self, problems: Sequence[Problem]) -> None:
        """Each problem at its line; what has none, below."""
        rest: list[str] = []
        places = {f"/mapping/{name}": line for name, line in self._about.items()}
        places |= {f"/mapping/contact/{name}": line for name, line in self._who.items()}
        places |= {f"/mapping/fields/{line.key}"[:95]: line for line in self._own}
        places |= {f"/mapping/properties/{line.key}"[:99]: line for line in self._named}
        told: dict[int, list[str]] = {}
        for one in problems:
            line = places.get(one.place)
            if line is None:
                rest.append(placed_words("form", one, self._t))
            else:
                said = problem_words("form", one.code, one.message, self._t)
                told.setdefault(id(line), []).append(said)
        for line in (*self._about.values(), *self._who.values(), *self._own, *self._named):
            line.tell(told.get(id(line), ()))
        self._rest.set_text(" ".join(rest))

    def _event_part(self, mapping: Mapping) -> None:
        t = self._t
        with block("cz-src__part"):
            words(
                t(
                    "A value is a place in the document, such as data.customer.email or "
                    "items[0].sku, or a constant after an equals sign, such as =Order Placed."
                ),
                "cz-soft cz-small",
                tag="p",
            )
            self._about = {
                "event": ValueLine(t, "event", mapping.event, label=t("Event"), hint="type"),
                "occurred_at": ValueLine(
                    t, "occurred_at", mapping.occurred_at, label=t("When"), hint="created_at"
                ),
                "message_id": ValueLine(
                    t, "message_id", mapping.message_id, label=t("Its id"), hint="id"
                ),
            }

    def _contact_part(self, mapping: Mapping) -> None:
        t = self._t
        with block("cz-src__part"):
            words(t("Who it is about"), "cz-h2", tag="h3")
            self._who = {
                key: ValueLine(
                    t,
                    key,
                    mapping.contact.get(key),
                    label=t(NAMES[key]),
                    hint=f"data.customer.{key.removeprefix('user_')}",
                )
                for key in IDENTITIES
            }

    def _part(self, title: str, text: str, name: str, add: Any, mark: str) -> ui.element:
        with block("cz-src__part"):
            words(title, "cz-h2", tag="h3")
            words(text, "cz-soft cz-small", tag="p")
            place = block("cz-stack cz-tight")
            with block("cz-row"):
                plain_button(name, add, symbol="add").mark(f"add-{mark}")
        return place

    def _add_field(self, key: str, value: Value | None) -> None:
        if len(self._own) < _MOST_LINES:
            with self._fields_place:
                line = ValueLine(self._t, key, value, choices=self._fields, remove=self._drop_field)
            self._own.append(line)

    def _drop_field(self, line: ValueLine) -> None:
        self._own.remove(line)
        line.element.delete()

    def _add_property(self, key: str, value: Value | None) -> None:
        if len(self._named) < _MOST_LINES:
            with self._properties_place:
                line = ValueLine(self._t, key, value, remove=self._drop_property)
            self._named.append(line)

    def _drop_property(self, line: ValueLine) -> None:
        self._named.remove(line)
        line.element.delete()


def _lines(lines: Sequence[ValueLine]) -> dict[str, Any]:
    return {line.key: line.as_json() for line in lines if not line.empty}
