"""Part people by chance, in fixed shares."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from engine.flows.problems import Code, Path
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Count, Slug, refused
from engine.steps.form import hints
from engine.steps.moves import Leave, Move
from engine.steps.words import Words
from engine.steps.written import without_next


class Arm(BaseModel):
    """A named share and, in the file, where it leads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Slug = Field(
        title="Name",
        description="Names the arm in figures and is its exit.",
        json_schema_extra=hints("名称", "统计中使用的名称，同时也是出口名。", "text"),
    )
    weight: Count = Field(
        ge=0,
        le=1_000_000,
        title="Weight",
        description="The share of people relative to the other arms.",
        json_schema_extra=hints("权重", "相对于其他分支的人数比例。", "weight"),
    )


def _distinct(arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
    names = [arm.name for arm in arms]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise refused(
            Code.BAD_NAME, f"two arms are named {', '.join(twice)}; give each its own name."
        )
    if not any(arm.weight for arm in arms):
        raise refused(
            Code.BAD_VALUE, "all weights are 0, so nobody could go on; give one a weight."
        )
    return arms


@step(
    "split",
    label=Words("Split", "随机分流"),
    help=Words(
        "Part people by chance, to compare two ways.", "随机把人分到不同路径，用于对比效果。"
    ),
    icon="alt_route",
    exits=(),
    exit_labels={},
)
class Split(Step):
    """Each subject always falls into the same arm of the same node, however often it comes.

    Changing weights moves people between neighbouring arms only as far as it must.
    """

    arms: Annotated[tuple[Arm, ...], AfterValidator(_distinct)] = Field(
        min_length=2,
        max_length=20,
        title="Arms",
        description="Named shares; weights 50 and 50 part people evenly.",
        json_schema_extra=hints("分支", "命名的比例；权重 50 与 50 表示平均分配。", "arms"),
    )

    @classmethod
    def split_exits(cls, raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        settings = {key: value for key, value in raw.items() if key != "do"}
        exits: dict[str, Any] = {}
        arms = raw.get("arms")
        if isinstance(arms, list):
            settings["arms"] = [without_next(arm) for arm in arms]
            for arm in arms:
                if isinstance(arm, dict) and "next" in arm and isinstance(arm.get("name"), str):
                    exits[arm["name"]] = arm["next"]
        return settings, exits

    @classmethod
    def join_exits(cls, settings: Mapping[str, Any], exits: Mapping[str, str]) -> dict[str, Any]:
        arms = [
            {**arm, "next": exits[arm["name"]]} if arm["name"] in exits else arm
            for arm in settings["arms"]
        ]
        return {**settings, "arms": arms}

    @classmethod
    def exit_path(cls, raw: Mapping[str, Any], exit_name: str) -> Path:
        for index, arm in enumerate(raw["arms"]):
            if arm.get("name") == exit_name:
                return ("arms", index, "next")
        return ("arms",)

    def exit_names(self) -> tuple[str, ...]:
        return tuple(arm.name for arm in self.arms)

    def summary(self) -> Words:
        shares = " / ".join(f"{arm.name} {arm.weight}" for arm in self.arms)
        return Words(shares, shares)

    def enter(self, here: Place) -> Move:
        drawn = here.draw()
        # Whole numbers on the right, so that an arm of weight 0 is never taken.
        mark = drawn * sum(arm.weight for arm in self.arms)
        limits = accumulate(arm.weight for arm in self.arms)
        taken = next(arm for arm, limit in zip(self.arms, limits, strict=True) if mark < limit)
        return Leave(taken.name, {"drawn": round(drawn, 6), "arm": taken.name})
