"""A form drawn from the properties of a schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from designer.forms.context import (
    NOTHING,
    Change,
    FormContext,
    Place,
    Problems,
    ShowProblems,
    below,
    in_language,
    told,
)
from designer.forms.editors import draw
from designer.widgets import Words, block, words


class SchemaForm:
    """`value` is what the form says now; `on_change` gets all of it after each change that a
    person made, once a field is left or chosen. What no field is drawn for is kept.

    `fields` are the properties by key (`engine.flows.form.fields_of`), `required` and `definitions`
    the schema's `required` and `$defs`.
    """

    def __init__(
        self,
        fields: Mapping[str, Mapping[str, Any]],
        value: Mapping[str, Any],
        *,
        context: FormContext,
        problems: Problems | None = None,
        on_change: Change | None = None,
        required: Collection[str] = (),
        definitions: Mapping[str, Any] | None = None,
        path: str = "",
    ) -> None:
        self.value: dict[str, Any] = dict(value)
        self._fields, self._context, self._on_change = fields, context, on_change
        self._required, self._definitions = required, definitions or {}
        self._path = path
        self._shown: dict[str, tuple[ShowProblems | None, Words]] = {}
        with block("fm-form"):
            for key, prop in fields.items():
                self._field(key, prop)
        self.show_problems(problems or {})

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._fields)

    def show_problems(self, problems: Problems) -> None:
        """Each at its field; those of an inner form go there."""
        for key, (inner, told_here) in self._shown.items():
            mine = below(problems, key)
            if inner is not None:
                inner(mine)
                mine = {path: texts for path, texts in mine.items() if not path}
            text = " ".join(dict.fromkeys(text for texts in mine.values() for text in texts))
            told_here.set_text(text)
            told_here.set_visibility(bool(text))

    def _field(self, key: str, prop: Mapping[str, Any]) -> None:
        title = in_language(prop, "title", self._context.t) or key

        async def change(value: Any) -> None:
            await self._change(key, value)

        place = Place(
            self._context,
            f"{self._path}{key}",
            title,
            prop,
            self._definitions,
            self.value.get(key),
            change,
            key in self._required,
            self._inner,
        )
        with block("fm-field") as field:
            field.mark(f"field-{place.path}")
            inner = draw(place)
            help_text = in_language(prop, "description", self._context.t)
            if help_text:
                words(help_text, "fm-help", tag="p")
            told_here = words("", "fm-problem", tag="p")
            told_here.props["role"] = "alert"
        self._shown[key] = (inner, told_here)

    def _inner(
        self, schema: Mapping[str, Any], value: Any, change: Change, path: str
    ) -> SchemaForm:
        return SchemaForm(
            schema.get("properties", {}),
            value if isinstance(value, Mapping) else {},
            context=self._context,
            on_change=change,
            required=schema.get("required", ()),
            definitions=self._definitions,
            path=f"{path}/",
        )

    async def _change(self, key: str, value: Any) -> None:
        given = {**self.value}
        if value is NOTHING:
            given.pop(key, None)
        else:
            given[key] = value
        if given == self.value and key in self.value:
            return
        order = [*self._fields, *(name for name in given if name not in self._fields)]
        self.value = {name: given[name] for name in order if name in given}
        await told(self._on_change, self.value)
