"""Make an event of the contact happen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, model_validator

from engine.flows.problems import Code, SettingProblem
from engine.flows.triggers.own_events import KIND_OF_OURS
from engine.flows.triggers.record import RECORDS
from engine.rules import Catalogue, RuleRefused
from engine.rules.expressions import CannotCompute, compile_expression
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Line, refused
from engine.steps.form import hints
from engine.steps.formula import Formula
from engine.steps.moves import Hold, Leave, Move, TellEvent
from engine.steps.words import Words

# Names under which Cadenza tells of what it did itself; an event of that name would be believed.
OURS: Final = frozenset(
    KIND_OF_OURS.keys()
    | {f"{record.capitalize()} {deed}" for record in RECORDS for deed in ("Created", "Updated")}
)
# Where an event says what led to it.
RESERVED: Final = "caused_by"
_MOST: Final = 50


def _not_ours(name: str) -> str:
    if name in OURS:
        raise refused(Code.BAD_VALUE, f'"{name}" is what Cadenza says itself; choose another name.')
    if not name.isprintable():
        raise refused(Code.BAD_TEXT, "a name has no control characters.")
    return name


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    for name, value in properties.items():
        if not _is_plain(value):
            raise refused(Code.BAD_VALUE, f'"{name}" is a text, a number, true, false or null.')
    return properties


def _is_plain(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return "\0" not in value and len(value) <= 1000
    if isinstance(value, int):
        return abs(value) <= 2**53
    return value is None


@step(
    "record_event",
    label=Words("Record an event", "记录事件"),
    help=Words(
        "Make an event of the contact happen, for rules, segments and other flows.",
        "为联系人产生一个事件，供规则、客户群和其他流程使用。",
    ),
    icon="flag",
    exits=("done",),
    exit_labels={"done": Words("done", "完成")},
)
class RecordEvent(Step):
    """The event is written together with the move to the next node: both happen or neither, once a
    visit. Its source is "cadenza".
    """

    event: Annotated[Line, AfterValidator(_not_ours)] = Field(
        title="Event",
        description="The name of the event.",
        json_schema_extra=hints("事件", "事件名称。", "text"),
    )
    properties: Annotated[dict[Line, Any], AfterValidator(_plain)] = Field(
        default_factory=dict,
        max_length=_MOST,
        title="Properties",
        description="Names with values, the same for everybody.",
        json_schema_extra=hints("属性", "属性名与固定值。", "properties"),
    )
    compute: dict[Line, Any] = Field(
        default_factory=dict,
        max_length=20,
        title="Computed properties",
        description="Names with expressions over the contact's facts.",
        json_schema_extra=hints("计算属性", "属性名与基于联系人字段的表达式。", "field_formulas"),
    )

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        if twice := sorted(self.properties.keys() & self.compute.keys()):
            raise refused(Code.BAD_VALUE, f"{', '.join(twice)} is both given and computed.")
        if RESERVED in {*self.properties, *self.compute}:
            raise refused(Code.BAD_NAME, f'"{RESERVED}" is written by Cadenza; name it otherwise.')
        return self

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        found: list[SettingProblem] = []
        given = settings.get("compute")
        for name, document in (given if isinstance(given, dict) else {}).items():
            try:
                compile_expression(document, catalogue)
            except RuleRefused as troubles:
                for one in troubles.problems:
                    path = ("compute", name, *one.pointer.split("/")[1:])
                    found.append(SettingProblem(path, Code.BAD_RULE, str(one)))
        return found

    def formulas(self, catalogue: Catalogue) -> Mapping[str, Formula]:
        return {name: compile_expression(one, catalogue) for name, one in self.compute.items()}

    def records_events(self) -> tuple[str, ...]:
        return (self.event,)

    def summary(self) -> Words:
        return Words(self.event, self.event)

    def enter(self, here: Place) -> Move:
        told = dict(self.properties)
        for name, formula in here.formulas.items():
            try:
                told[name] = formula.value(here.facts, here.now, here.zone)
            except CannotCompute as trouble:
                message = f'"{name}" cannot be computed: {trouble}'
                return Hold("cannot_compute", f"{message} Mend the expression or the facts, retry.")
        why = {"event": self.event, "properties": sorted(told)}
        return Leave("done", why, (TellEvent(self.event, told),))
