"""Go round again, so many times at most."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pydantic import Field

from engine.steps import moves
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Count
from engine.steps.form import hints
from engine.steps.words import Words

# A round counts as a quarter of an hour for the busiest week: its length is not known here.
_ROUND: Final = timedelta(minutes=15)


@step(
    "jump",
    label=Words("Go round again", "循环"),
    help=Words(
        "Lead back to an earlier node, so many times at most.", "返回前面的节点，最多若干次。"
    ),
    icon="replay",
    exits=("again", "enough"),
    exit_labels={
        "again": Words("once more", "再来一次"),
        "enough": Words("often enough", "次数已满"),
    },
)
class Jump(Step):
    """The n-th time somebody stands here they leave by `again` as long as n is at most the limit.

    Each round is a pass of its own, so that a round without a wait cannot spin.
    """

    at_most: Count = Field(
        ge=1,
        le=1_000,
        title="At most",
        description="How many times a person goes round.",
        json_schema_extra=hints("最多", "一个人最多循环多少次。", "node_limit"),
    )

    def summary(self) -> Words:
        times = "time" if self.at_most == 1 else "times"
        return Words(f"at most {self.at_most} {times}", f"最多 {self.at_most} 次")

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        return _ROUND if exit_name == "again" else None

    def most_rounds(self, exit_name: str) -> int | None:
        return self.at_most if exit_name == "again" else None

    def enter(self, here: Place) -> moves.Move:
        why = {"round": here.visit, "at_most": self.at_most}
        if here.visit > self.at_most:
            return moves.Leave("enough", why)
        return moves.Wait(here.now, why=why)

    def time_came(self, here: Place) -> moves.Move:
        return moves.Leave("again")
