"""Flows, their published versions, and audiences that enter."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class FlowState(StrEnum):
    """`paused` holds people where they are; `retired` lets them finish but nobody enters."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    RETIRED = "retired"


class Flow(Base):
    """`paused_nodes` are nodes, in whatever version, on which nobody moves."""

    __tablename__ = "flow"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    purpose: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=FlowState.DRAFT)
    draft_source: Mapped[str]
    draft_revision: Mapped[int] = mapped_column(server_default="1")
    published_version_id: Mapped[int | None]
    paused_nodes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'::text[]")
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class FlowVersion(Base):
    """A published version: never changed, named by number and by the hash of its definition."""

    __tablename__ = "flow_version"
    __table_args__ = (
        Index("uq_flow_version_flow_id_number", "flow_id", "number", unique=True),
        Index("uq_flow_version_flow_id_hash", "flow_id", "hash", unique=True),
    )

    id: Mapped[Key]
    flow_id: Mapped[int] = mapped_column(ForeignKey("flow.id", ondelete="CASCADE"))
    number: Mapped[int]
    hash: Mapped[str]
    definition: Mapped[Document]
    source: Mapped[str]
    published_at: Mapped[CreatedAt]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class Enrolment(Base):
    """A whole audience entering a flow, page by page; `cursor` is the last contact looked at.

    `state` is "running", "paused", "done" or "cancelled". Of those looked at, `entered` came in and
    `refused` were not let in; `total` is how many there will be, as counted when it began. It goes
    on since `going_since`, when `went_from` had been looked at: the pace is the rest by the time
    since then. `per_minute` slows it down.
    """

    __tablename__ = "enrolment"
    __table_args__ = (Index("ix_enrolment_flow_id", "flow_id"),)

    id: Mapped[Key]
    flow_id: Mapped[int] = mapped_column(ForeignKey("flow.id", ondelete="CASCADE"))
    flow_version_id: Mapped[int] = mapped_column(ForeignKey("flow_version.id"))
    rule: Mapped[Document | None]
    entry_key: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="running")
    cursor: Mapped[int] = mapped_column(server_default="0")
    looked_at: Mapped[int] = mapped_column(server_default="0")
    entered: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int | None]
    per_minute: Mapped[int | None]
    going_since: Mapped[Instant | None]
    went_from: Mapped[int] = mapped_column(server_default="0")
    looked_last_at: Mapped[Instant | None]
    asked_by: Mapped[str | None]
    as_of: Mapped[Instant]
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[Instant | None]
