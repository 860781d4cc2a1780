"""Temporal workflows: thin loops around batches, and the client that starts and pokes them."""

from engine.workflows.approval import Approval
from engine.workflows.assignments import Assignments
from engine.workflows.audience import Audience
from engine.workflows.audit_seals import AuditSeals
from engine.workflows.birthday_care import BirthdayCare
from engine.workflows.bounces import Bounces
from engine.workflows.clocks import Clocks
from engine.workflows.dispatch import Dispatch
from engine.workflows.escalation import Escalation
from engine.workflows.facts_care import FactsCare
from engine.workflows.forecasts import Forecasts
from engine.workflows.jobs import Jobs
from engine.workflows.notices import Notices
from engine.workflows.nurture import Nurture
from engine.workflows.perform import PerformEffects
from engine.workflows.retention import Retention
from engine.workflows.sales_stage import SalesStage
from engine.workflows.scores import Scores
from engine.workflows.segments import Segments
from engine.workflows.ticket import Ticket
from engine.workflows.version_move import VersionMove
from engine.workflows.webhooks import Webhooks
from engine.workflows.winners import Winners

ALL_WORKFLOWS: tuple[type, ...] = (
    Approval,
    Assignments,
    Audience,
    AuditSeals,
    BirthdayCare,
    Bounces,
    Clocks,
    Dispatch,
    Escalation,
    FactsCare,
    Forecasts,
    Jobs,
    Notices,
    Nurture,
    PerformEffects,
    Retention,
    SalesStage,
    Scores,
    Segments,
    Ticket,
    VersionMove,
    Webhooks,
    Winners,
)
