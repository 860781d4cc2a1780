"""Write fields and tags of the run's subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from engine.flows.problems import Code, SettingProblem
from engine.rules import Catalogue
from engine.rules.expressions import CannotCompute
from engine.steps.base import Place, Step, step
from engine.steps.computed_fields import computed_fields, expression_problems
from engine.steps.contact_fields import value_problems
from engine.steps.field_types import Line, refused
from engine.steps.form import hints
from engine.steps.formula import Formula
from engine.steps.moves import Change, Hold, Leave, Move, SetFields, SetOwnFields
from engine.steps.words import Words

Tags = Annotated[tuple[Line, ...], Field(max_length=50)]


@step(
    "update_record",
    label=Words("Update the contact", "更新联系人"),
    help=Words("Write fields, add and remove tags.", "写入字段，添加或移除标签。"),
    icon="edit",
    exits=("done",),
    exit_labels={"done": Words("done", "完成")},
)
class UpdateRecord(Step):
    """Fields are written together with the move to the next node: both happen or neither.

    Writing the same again changes nothing. `null` empties a field. Values of `compute` are worked
    out from the facts of that moment; a contact whose facts give none is held.
    """

    values: dict[str, Any] = Field(
        default_factory=dict,
        alias="set",
        max_length=50,
        title="Fields",
        description="Names of fields with their new values; null empties a field.",
        json_schema_extra=hints("字段", "字段名及其新值；null 表示清空。", "field_values"),
    )
    expressions: dict[str, Any] = Field(
        default_factory=dict,
        alias="compute",
        max_length=20,
        title="Computed fields",
        description="Names of fields with the expressions of their new values.",
        json_schema_extra=hints("计算字段", "字段名及其新值的表达式。", "field_formulas"),
    )
    add_tags: Tags = Field(
        default=(),
        title="Add tags",
        description="Tags the contact gets.",
        json_schema_extra=hints("添加标签", "为联系人添加的标签。", "tags"),
    )
    remove_tags: Tags = Field(
        default=(),
        title="Remove tags",
        description="Tags the contact loses.",
        json_schema_extra=hints("移除标签", "从联系人移除的标签。", "tags"),
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not (self.values or self.expressions or self.add_tags or self.remove_tags):
            wanted = '"set", "compute", "add_tags" or "remove_tags"'
            raise refused(Code.MISSING_KEY, f"nothing to change; give {wanted}.")
        if twice := sorted(self.values.keys() & self.expressions.keys()):
            raise refused(Code.BAD_VALUE, f"{', '.join(twice)} is both set and computed.")
        both = sorted(set(self.add_tags) & set(self.remove_tags))
        if both:
            raise refused(Code.BAD_VALUE, f"the tag {', '.join(both)} is both added and removed.")
        return self

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        values, expressions = settings.get("set"), settings.get("compute")
        found = value_problems(values, catalogue) if isinstance(values, dict) else []
        if isinstance(expressions, dict):
            found += expression_problems(expressions, catalogue)
        return found

    def formulas(self, catalogue: Catalogue) -> Mapping[str, Formula]:
        return computed_fields(self.expressions, catalogue)

    def writes(self) -> Mapping[str, Any]:
        tags = {f"tag {tag}": True for tag in self.add_tags}
        return {**self.values, **tags, **{f"tag {tag}": False for tag in self.remove_tags}}

    def computes(self) -> tuple[str, ...]:
        return tuple(self.expressions)

    def summary(self) -> Words:
        changed = [
            *self.values,
            *self.expressions,
            *(f"+{tag}" for tag in self.add_tags),
            *(f"−{tag}" for tag in self.remove_tags),
        ]
        return Words(", ".join(changed), "、".join(changed))

    def enter(self, here: Place) -> Move:
        computed: dict[str, Any] = {}
        for name, formula in here.formulas.items():
            try:
                computed[name] = formula.value(here.facts, here.now, here.zone)
            except CannotCompute as trouble:
                message = f'"{name}" cannot be computed: {trouble}'
                return Hold("cannot_compute", f"{message} Mend the expression or the facts, retry.")
        changes: list[Change] = []
        if self.values or self.add_tags or self.remove_tags:
            changes.append(SetFields(dict(self.values), self.add_tags, self.remove_tags))
        if computed:
            changes.append(SetOwnFields(computed))
        why = {
            "set": sorted({*self.values, *computed}),
            "add_tags": list(self.add_tags),
            "remove_tags": list(self.remove_tags),
        }
        return Leave("done", why, tuple(changes))
