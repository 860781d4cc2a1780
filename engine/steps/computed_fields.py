"""Fields of a contact whose new values are worked out from facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.flows.problems import Code, SettingProblem, did_you_mean
from engine.rules import Catalogue, Fact, Facts, Reads, RuleRefused
from engine.rules.expressions import CannotCompute, Expression, Trouble, compile_expression
from engine.steps.contact_fields import complaint, writable_fields


@dataclass(frozen=True, slots=True)
class ComputedField:
    """An expression whose value must fit a field."""

    field: Fact
    expression: Expression

    @property
    def reads(self) -> Reads:
        return self.expression.reads

    def value(self, facts: Facts, now: datetime, zone: str) -> Any:
        """Raises CannotCompute, also for a value the field cannot take."""
        found = self.expression.value(facts, now, zone)
        trouble = complaint(self.field, found)
        if trouble is not None:
            raise CannotCompute(Trouble.DOES_NOT_FIT, f"it {trouble}")
        return found


def computed_fields(
    expressions: Mapping[str, Any], catalogue: Catalogue
) -> dict[str, ComputedField]:
    """Ready to be worked out. Raises RuleRefused, or KeyError for a field that is gone."""
    fields = writable_fields(catalogue)
    return {
        name: ComputedField(fields[name], compile_expression(document, catalogue))
        for name, document in expressions.items()
    }


def expression_problems(
    expressions: Mapping[str, Any], catalogue: Catalogue
) -> list[SettingProblem]:
    """What is wrong with expressions by field name; paths start at ("compute", <field>)."""
    fields = writable_fields(catalogue)
    problems = []
    for name, document in expressions.items():
        if name not in fields:
            message = f'a flow cannot write the field "{name}"; {did_you_mean(name, fields)}'
            problems.append(SettingProblem(("compute", name), Code.UNKNOWN_FIELD, message))
            continue
        try:
            compile_expression(document, catalogue)
        except RuleRefused as refused:
            problems += [
                SettingProblem(("compute", name, *_path(found.pointer)), Code.BAD_RULE, str(found))
                for found in refused.problems
            ]
    return problems


def _path(pointer: str) -> tuple[str | int, ...]:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isdecimal() else part for part in parts)
