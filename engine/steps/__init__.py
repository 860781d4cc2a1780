"""Every kind of step. A kind is one file; its import here puts it in the registry."""

from engine.steps.adjust_score import AdjustScore
from engine.steps.assign import Assign
from engine.steps.base import STEP_KINDS, Place, Step
from engine.steps.branch import Branch
from engine.steps.call_webhook import CallWebhook
from engine.steps.create_record import CreateRecord
from engine.steps.create_task import CreateTask
from engine.steps.escalate import Escalate
from engine.steps.exit import Exit
from engine.steps.jump import Jump
from engine.steps.move_stage import MoveStage
from engine.steps.notify import Notify
from engine.steps.record_event import RecordEvent
from engine.steps.request_approval import RequestApproval
from engine.steps.send_message import SendMessage
from engine.steps.split import Split
from engine.steps.start_flow import StartFlow
from engine.steps.update_record import UpdateRecord
from engine.steps.wait import Wait
from engine.steps.wait_for import WaitFor
from engine.steps.wait_until import WaitUntil
from engine.steps.words import Words

__all__ = [
    "STEP_KINDS",
    "AdjustScore",
    "Assign",
    "Branch",
    "CallWebhook",
    "CreateRecord",
    "CreateTask",
    "Escalate",
    "Exit",
    "Jump",
    "MoveStage",
    "Notify",
    "Place",
    "RecordEvent",
    "RequestApproval",
    "SendMessage",
    "Split",
    "StartFlow",
    "Step",
    "UpdateRecord",
    "Wait",
    "WaitFor",
    "WaitUntil",
    "Words",
]
