"""All mapped classes; importing this package fills `Base.metadata`."""

from crm_store.base import Base
from crm_store.models.account import Account
from crm_store.models.api_key import ApiKey, IdempotencyKey
from crm_store.models.approval import (
    ApprovalComment,
    ApprovalDecision,
    ApprovalRequest,
    ApprovalSeat,
    PublishRule,
)
from crm_store.models.asked import Notice
from crm_store.models.assigning import (
    AssignmentChoice,
    AssignmentQueue,
    AssignmentRound,
    Handover,
    HandoverItem,
    HandoverState,
)
from crm_store.models.audit_chain import AuditDay, AuditPending, AuditSeal
from crm_store.models.calendar import AssignmentTurn, Calendar
from crm_store.models.channel import Channel, ChannelBucket, ChannelDay, SenderIdentity
from crm_store.models.clock import Clock, GivenAnswer, NoticeDelivery, NoticeWay
from crm_store.models.contact import (
    BirthdayCalendar,
    Consent,
    Contact,
    ContactAlias,
    ContactTag,
    CustomField,
    LawfulBasis,
    LeadStatus,
    LifecycleStage,
    MergedContact,
    Suppression,
    Tag,
)
from crm_store.models.contact_summary import ContactSummary, RfmBorders
from crm_store.models.deal import Deal, ForecastCategory, Pipeline, Stage, StageKind
from crm_store.models.decision_table import DecisionTable
from crm_store.models.definition import Definition, DefinitionState, DefinitionVersion
from crm_store.models.due_date import DateFired, DateWatch, ScheduleFiring
from crm_store.models.escalation import (
    DutyOverride,
    EscalationAsk,
    EscalationCase,
    EscalationStep,
)
from crm_store.models.event import DeadLetter, Event, EventPending, WriteKey
from crm_store.models.exchange_rate import BaseCurrency, BaseState, ExchangeRate
from crm_store.models.field_change import FieldChange
from crm_store.models.file import SeedAddress, StoredFile
from crm_store.models.flow import Enrolment, Flow, FlowState, FlowVersion
from crm_store.models.flow_draft import FlowDraft, FlowDraftStep
from crm_store.models.goal import GoalReached, SplitTaken, SplitWinner
from crm_store.models.hook import HookSource, KeptSecret, PublicForm
from crm_store.models.insight import ForecastDay, ForecastLine, Target, TargetUnit
from crm_store.models.job import ApiAllowance, Job, JobFile
from crm_store.models.link import Link
from crm_store.models.message import Message, MessageState
from crm_store.models.message_result import (
    BounceFile,
    MessageClick,
    SenderDay,
    SenderHealth,
    SenderState,
)
from crm_store.models.message_template import (
    MessageTemplate,
    MessageTemplateVersion,
    TemplateState,
)
from crm_store.models.order import Order, OrderStatus, Product
from crm_store.models.people import (
    Absence,
    Audit,
    OneTimeLink,
    PeopleChange,
    RecoveryCode,
    Role,
    SignIn,
    SingleSignOnAttempt,
    Team,
    User,
)
from crm_store.models.preference import (
    ConsentRequest,
    ContactPreference,
    Frequency,
    Topic,
)
from crm_store.models.privacy import BackupMade, PrivacyRequest, RestoreHold, RetentionRule
from crm_store.models.run import Effect, EffectState, Journal, NodeCount, Run, RunState
from crm_store.models.saved_view import SavedView
from crm_store.models.scoring import ContactScore, ScoringModel
from crm_store.models.segment import (
    Segment,
    SegmentCount,
    SegmentKind,
    SegmentMember,
    SegmentSize,
    SegmentState,
)
from crm_store.models.sending import Deferral, DigestItem, SendingPolicy, SendingTurn
from crm_store.models.stage_visit import DealStay, StageVisit
from crm_store.models.ticket import Activity, ActivityKind, Ticket, TicketPriority, TicketStatus
from crm_store.models.ticket_care import AuthorKind, TicketComment, TicketPolicy
from crm_store.models.version_move import MoveState, VersionMove, VersionMoveRun
from crm_store.models.webhook import WebhookAttempt, WebhookDelivery, WebhookSubscription

__all__ = [
    "Absence",
    "Account",
    "Activity",
    "ActivityKind",
    "ApiAllowance",
    "ApiKey",
    "ApprovalComment",
    "ApprovalDecision",
    "ApprovalRequest",
    "ApprovalSeat",
    "AssignmentChoice",
    "AssignmentQueue",
    "AssignmentRound",
    "AssignmentTurn",
    "Audit",
    "AuditDay",
    "AuditPending",
    "AuditSeal",
    "AuthorKind",
    "BackupMade",
    "Base",
    "BaseCurrency",
    "BaseState",
    "BirthdayCalendar",
    "BounceFile",
    "Calendar",
    "Channel",
    "ChannelBucket",
    "ChannelDay",
    "Clock",
    "Consent",
    "ConsentRequest",
    "Contact",
    "ContactAlias",
    "ContactPreference",
    "ContactScore",
    "ContactSummary",
    "ContactTag",
    "CustomField",
    "DateFired",
    "DateWatch",
    "DeadLetter",
    "Deal",
    "DealStay",
    "DecisionTable",
    "Deferral",
    "Definition",
    "DefinitionState",
    "DefinitionVersion",
    "DigestItem",
    "DutyOverride",
    "Effect",
    "EffectState",
    "Enrolment",
    "EscalationAsk",
    "EscalationCase",
    "EscalationStep",
    "Event",
    "EventPending",
    "ExchangeRate",
    "FieldChange",
    "Flow",
    "FlowDraft",
    "FlowDraftStep",
    "FlowState",
    "FlowVersion",
    "ForecastCategory",
    "ForecastDay",
    "ForecastLine",
    "Frequency",
    "GivenAnswer",
    "GoalReached",
    "Handover",
    "HandoverItem",
    "HandoverState",
    "HookSource",
    "IdempotencyKey",
    "Job",
    "JobFile",
    "Journal",
    "KeptSecret",
    "LawfulBasis",
    "LeadStatus",
    "LifecycleStage",
    "Link",
    "MergedContact",
    "Message",
    "MessageClick",
    "MessageState",
    "MessageTemplate",
    "MessageTemplateVersion",
    "MoveState",
    "NodeCount",
    "Notice",
    "NoticeDelivery",
    "NoticeWay",
    "OneTimeLink",
    "Order",
    "OrderStatus",
    "PeopleChange",
    "Pipeline",
    "PrivacyRequest",
    "Product",
    "PublicForm",
    "PublishRule",
    "RecoveryCode",
    "RestoreHold",
    "RetentionRule",
    "RfmBorders",
    "Role",
    "Run",
    "RunState",
    "SavedView",
    "ScheduleFiring",
    "ScoringModel",
    "SeedAddress",
    "Segment",
    "SegmentCount",
    "SegmentKind",
    "SegmentMember",
    "SegmentSize",
    "SegmentState",
    "SenderDay",
    "SenderHealth",
    "SenderIdentity",
    "SenderState",
    "SendingPolicy",
    "SendingTurn",
    "SignIn",
    "SingleSignOnAttempt",
    "SplitTaken",
    "SplitWinner",
    "Stage",
    "StageKind",
    "StageVisit",
    "StoredFile",
    "Suppression",
    "Tag",
    "Target",
    "TargetUnit",
    "Team",
    "TemplateState",
    "Ticket",
    "TicketComment",
    "TicketPolicy",
    "TicketPriority",
    "TicketStatus",
    "Topic",
    "User",
    "VersionMove",
    "VersionMoveRun",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookSubscription",
    "WriteKey",
]
