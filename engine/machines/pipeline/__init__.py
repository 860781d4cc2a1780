"""The pipeline machine: whether a deal may move, and what its clocks say while it stands."""

from engine.machines.pipeline.judging import (
    Judged,
    Mover,
    Wish,
    enter_problems,
    judge,
    may_begin,
    may_go,
)
from engine.machines.pipeline.standing import (
    Around,
    Deed,
    Looked,
    Stay,
    Trigger,
    begin,
    look,
    next_due,
    pause,
    refused,
    resume,
    stay_from_json,
    stay_to_json,
)

__all__ = [
    "Around",
    "Deed",
    "Judged",
    "Looked",
    "Mover",
    "Stay",
    "Trigger",
    "Wish",
    "begin",
    "enter_problems",
    "judge",
    "look",
    "may_begin",
    "may_go",
    "next_due",
    "pause",
    "refused",
    "resume",
    "stay_from_json",
    "stay_to_json",
]
