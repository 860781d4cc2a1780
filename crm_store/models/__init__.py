"""All mapped classes; importing this package fills `Base.metadata`."""

from crm_store.base import Base
from crm_store.models.account import Account
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
from crm_store.models.deal import Deal, ForecastCategory, Pipeline, Stage, StageKind
from crm_store.models.event import Event, EventPending, WriteKey
from crm_store.models.flow import Enrolment, Flow, FlowState, FlowVersion, Segment
from crm_store.models.message import Message, MessageState
from crm_store.models.order import Order, OrderStatus, Product
from crm_store.models.people import Audit, Role, SignIn, Team, User
from crm_store.models.run import Effect, EffectState, Journal, NodeCount, Run, RunState
from crm_store.models.ticket import Activity, ActivityKind, Ticket, TicketPriority, TicketStatus

__all__ = [
    "Account",
    "Activity",
    "ActivityKind",
    "Audit",
    "Base",
    "BirthdayCalendar",
    "Consent",
    "Contact",
    "ContactAlias",
    "ContactTag",
    "CustomField",
    "Deal",
    "Effect",
    "EffectState",
    "Enrolment",
    "Event",
    "EventPending",
    "Flow",
    "FlowState",
    "FlowVersion",
    "ForecastCategory",
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
    "Role",
    "Run",
    "RunState",
    "Segment",
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
