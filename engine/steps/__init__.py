"""Every kind of step. A kind is one file; its import here puts it in the registry."""

from engine.steps.adjust_score import AdjustScore
from engine.steps.base import STEP_KINDS, Place, Step
from engine.steps.branch import Branch
from engine.steps.create_task import CreateTask
from engine.steps.exit import Exit
from engine.steps.jump import Jump
from engine.steps.send_message import SendMessage
from engine.steps.split import Split
from engine.steps.update_record import UpdateRecord
from engine.steps.wait import Wait
from engine.steps.wait_for import WaitFor
from engine.steps.wait_until import WaitUntil
from engine.steps.words import Words

__all__ = [
    "STEP_KINDS",
    "AdjustScore",
    "Branch",
    "CreateTask",
    "Exit",
    "Jump",
    "Place",
    "SendMessage",
    "Split",
    "Step",
    "UpdateRecord",
    "Wait",
    "WaitFor",
    "WaitUntil",
    "Words",
]
