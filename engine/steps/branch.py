"""Go on by the first rule that holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from engine.flows.problems import Path
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Line
from engine.steps.form import hints
from engine.steps.moves import Leave, Move
from engine.steps.words import Words
from engine.steps.written import without_next

OTHERWISE = "else"


def exit_of_case(index: int) -> str:
    """The exit of the case at this index: "case_1" is the first."""
    return f"case_{index + 1}"


def rule_key(index: int) -> str:
    """Where the rule of the case at this index stands below the node."""
    return f"cases/{index}/when"


class Case(BaseModel):
    """A rule and, in the file, where it leads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: Any = Field(
        title="When",
        description="The rule that leads this way.",
        json_schema_extra=hints("当", "符合此规则时走这条路。", "rule"),
    )
    label: Line | None = Field(
        default=None,
        title="Label",
        description="A short name for the drawing.",
        json_schema_extra=hints("标签", "画布上显示的简短名称。", "text"),
    )


@step(
    "branch",
    label=Words("Branch", "分支"),
    help=Words("Go on by the first rule that holds.", "按第一条成立的规则继续。"),
    icon="call_split",
    exits=(OTHERWISE,),
    exit_labels={OTHERWISE: Words("otherwise", "否则")},
)
class Branch(Step):
    """Cases are tried in order, on the facts of this moment; `else` is for everybody left.

    The exits are "case_1", "case_2", ... and "else". In a file each case carries its own `next`.
    """

    cases: tuple[Case, ...] = Field(
        min_length=1,
        max_length=20,
        title="Cases",
        description="Rules in the order in which they are tried.",
        json_schema_extra=hints("情形", "按顺序逐条判断的规则。", "cases"),
    )

    @classmethod
    def split_exits(cls, raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        settings = {key: value for key, value in raw.items() if key not in ("do", OTHERWISE)}
        exits: dict[str, Any] = {}
        cases = raw.get("cases")
        if isinstance(cases, list):
            settings["cases"] = [without_next(case) for case in cases]
            for index, case in enumerate(cases):
                if isinstance(case, dict) and "next" in case:
                    exits[exit_of_case(index)] = case["next"]
        if OTHERWISE in raw:
            exits[OTHERWISE] = raw[OTHERWISE]
        return settings, exits

    @classmethod
    def join_exits(cls, settings: Mapping[str, Any], exits: Mapping[str, str]) -> dict[str, Any]:
        cases = [
            {**case, "next": exits[exit_of_case(index)]} if exit_of_case(index) in exits else case
            for index, case in enumerate(settings["cases"])
        ]
        rest = {OTHERWISE: exits[OTHERWISE]} if OTHERWISE in exits else {}
        return {**settings, "cases": cases, **rest}

    @classmethod
    def exit_path(cls, raw: Mapping[str, Any], exit_name: str) -> Path:
        if exit_name == OTHERWISE:
            return (OTHERWISE,)
        number = exit_name.removeprefix("case_")
        return ("cases", int(number) - 1, "next") if number.isdecimal() else ()

    @classmethod
    def written_exits(cls, settings: Mapping[str, Any]) -> tuple[str, ...]:
        cases = settings.get("cases")
        count = len(cases) if isinstance(cases, list | tuple) else 0
        return (*(exit_of_case(index) for index in range(count)), OTHERWISE)

    def exit_names(self) -> tuple[str, ...]:
        return (*(exit_of_case(index) for index in range(len(self.cases))), OTHERWISE)

    def exit_label(self, exit_name: str) -> Words:
        if exit_name == OTHERWISE:
            return super().exit_label(exit_name)
        number = int(exit_name.removeprefix("case_"))
        named = self.cases[number - 1].label
        return Words(named, named) if named else Words(f"case {number}", f"情形 {number}")

    def summary(self) -> Words:
        labels = [self.exit_label(exit_of_case(index)) for index in range(len(self.cases))]
        return Words(", ".join(w.en for w in labels), "、".join(w.zh for w in labels))

    def rules(self) -> Mapping[str, Any]:
        return {rule_key(index): case.when for index, case in enumerate(self.cases)}

    @classmethod
    def written_rules(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        cases = settings.get("cases")
        return {
            rule_key(index): case["when"]
            for index, case in enumerate(cases if isinstance(cases, list) else ())
            if isinstance(case, dict) and "when" in case
        }

    def enter(self, here: Place) -> Move:
        looked_at: list[Mapping[str, Any]] = []
        for index, case in enumerate(self.cases):
            held = here.holds(rule_key(index))
            rule = here.because(rule_key(index))
            looked_at.append({"label": case.label, "held": held, "rule": rule})
            if held:
                return Leave(exit_of_case(index), {"cases": looked_at})
        return Leave(OTHERWISE, {"cases": looked_at})
