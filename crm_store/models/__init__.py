"""All mapped classes; importing this package fills `Base.metadata`."""

from crm_store.base import Base
from crm_store.models.account import Account
from crm_store.models.api_key import ApiKey, IdempotencyKey
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
    Suppression,
    Tag,
)
from crm_store.models.contact_summary import ContactSummary, RfmBorders
from crm_store.models.deal import Deal, ForecastCategory, Pipeline, Stage, StageKind
from crm_store.models.decision_table import DecisionTable
from crm_store.models.event import Event, EventPending, WriteKey
from crm_store.models.exchange_rate import BaseCurrency, BaseState, ExchangeRate
from crm_store.models.field_change import FieldChange
from crm_store.models.flow import Enrolment, Flow, FlowState, FlowVersion
from crm_store.models.message import Message, MessageState
from crm_store.models.order import Order, OrderStatus, Product
from crm_store.models.people import Audit, Role, SignIn, Team, User
from crm_store.models.run import Effect, EffectState, Journal, NodeCount, Run, RunState
from crm_store.models.scoring import ContactScore, ScoringModel
from crm_store.models.segment import (
    Segment,
    SegmentCount,
    SegmentKind,
    SegmentMember,
    SegmentSize,
    SegmentState,
)
from crm_store.models.ticket import Activity, ActivityKind, Ticket, TicketPriority, TicketStatus

__all__ = [
    "Account",
    "Activity",
    "ActivityKind",
    "ApiKey",
    "Audit",
    "Base",
    "BaseCurrency",
    "BaseState",
    "BirthdayCalendar",
    "Consent",
    "Contact",
    "ContactAlias",
    "ContactScore",
    "ContactSummary",
    "ContactTag",
    "CustomField",
    "Deal",
    "DecisionTable",
    "Effect",
    "EffectState",
    "Enrolment",
    "Event",
    "EventPending",
    "ExchangeRate",
    "FieldChange",
    "Flow",
    "FlowState",
    "FlowVersion",
    "ForecastCategory",
    "IdempotencyKey",
    "Journal",
    "LawfulBasis",
    "LeadStatus",
    "LifecycleStage",
    "Message",
    "MessageState",
    "NodeCount",
    "Order",
    "OrderStatus",
    "Pipeline",
    "Product",
    "RfmBorders",
    "Role",
    "Run",
    "RunState",
    "ScoringModel",
    "Segment",
    "SegmentCount",
    "SegmentKind",
    "SegmentMember",
    "SegmentSize",
    "SegmentState",
    "SignIn",
    "Stage",
    "StageKind",
    "Suppression",
    "Tag",
    "Team",
    "Ticket",
    "TicketPriority",
    "TicketStatus",
    "User",
    "WriteKey",
]
