"""Part people by chance, in fixed shares, until an arm has won."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from engine.flows.problems import Code, Path
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Count, Slug, refused
from engine.steps.form import hints
from engine.steps.moves import Leave, Move
from engine.steps.winner import WinnerRule
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
    holdout: StrictBool = Field(
        default=False,
        title="Holdout",
        description="For comparing only: the arm never wins, and keeps its share when another has.",
        json_schema_extra=hints(
            "对照组", "仅用于比较：不会胜出，他人胜出后仍保留其比例。", "switch"
        ),
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

    Changing weights moves people between neighbouring arms only as far as it must. Once an arm has
    won, everybody who comes goes by it, those of the holdout excepted.
    """

    arms: Annotated[tuple[Arm, ...], AfterValidator(_distinct)] = Field(
        min_length=2,
        max_length=20,
        title="Arms",
        description="Named shares; weights 50 and 50 part people evenly.",
        json_schema_extra=hints("分支", "命名的比例；权重 50 与 50 表示平均分配。", "arms"),
    )
    winner: WinnerRule | None = Field(
        default=None,
        title="Winner",
        description="How the arms are compared and when the better one takes everybody.",
        json_schema_extra=hints("胜者", "如何比较各分支，以及何时让更优者接收所有人。", "winner"),
    )

    @model_validator(mode="after")
    def _two_can_win(self) -> Self:
        if self.winner is not None and len(self.contestants()) < 2:
            raise refused(
                Code.BAD_VALUE,
                "fewer than two arms can win; give two arms a weight that are no holdout.",
            )
        return self

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

    @classmethod
    def written_exits(cls, settings: Mapping[str, Any]) -> tuple[str, ...]:
        arms = settings.get("arms")
        listed = arms if isinstance(arms, list | tuple) else ()
        names = [arm.get("name") for arm in listed if isinstance(arm, dict)]
        return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))

    def exit_names(self) -> tuple[str, ...]:
        return tuple(arm.name for arm in self.arms)

    def contestants(self) -> tuple[Arm, ...]:
        """The arms that chance gives people and that may win."""
        return tuple(arm for arm in self.arms if arm.weight and not arm.holdout)

    def summary(self) -> Words:
        shares = " / ".join(f"{arm.name} {arm.weight}" for arm in self.arms)
        return Words(shares, shares)

    def enter(self, here: Place) -> Move:
        drawn = here.draw()
        # Whole numbers on the right, so that an arm of weight 0 is never taken.
        mark = drawn * sum(arm.weight for arm in self.arms)
        limits = accumulate(arm.weight for arm in self.arms)
        taken = next(arm for arm, limit in zip(self.arms, limits, strict=True) if mark < limit)
        if here.winner in self.exit_names() and not taken.holdout:
            return Leave(here.winner, {"winner": here.winner})
        return Leave(taken.name, {"drawn": round(drawn, 6), "arm": taken.name})
