"""One subject going through one flow version: where it stands, what it asked for, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class RunState(StrEnum):
    """`active` stands on a node; `held` waits for a person; `ended` is over."""

    ACTIVE = "active"
    HELD = "held"
    ENDED = "ended"


class Run(Base):
    """Unique by flow, subject and entry key: entering twice is refused by the database.

    A run waits until `due_at`, for one of the events it `listens` to, or for the answer of its
    effect (`due_at` empty). `memo` is what the step on `node` wrote down for itself. One that fell
    due on a paused node has its time in `paused_due` instead, and no other has. `slot` counts a
    run that is not over against the flow's limit in parallel: one contact has each of them once.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("uq_run_flow_subject_entry", "flow_id", "subject_id", "entry_key", unique=True),
        Index(
            "ix_run_due", "flow_id", "shard", "due_at", postgresql_where=text("state = 'active'")
        ),
        Index(
            "ix_run_subject_active",
            "subject_id",
            "subject_kind",
            postgresql_where=text("state <> 'ended'"),
        ),
        Index("ix_run_flow_id", "flow_id", "id"),
        Index("ix_run_held", "flow_id", "id", postgresql_where=text("state = 'held'")),
        Index("ix_run_paused", "flow_id", "node", postgresql_where=text("paused_due IS NOT NULL")),
        Index(
            "uq_run_slot",
            *("flow_id", "subject_id", "slot"),
            unique=True,
            postgresql_where=text("state <> 'ended' AND slot IS NOT NULL"),
        ),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    id: Mapped[Key]
    flow_id: Mapped[int] = mapped_column(ForeignKey("flow.id", ondelete="CASCADE"))
    flow_version_id: Mapped[int] = mapped_column(ForeignKey("flow_version.id"))
    subject_kind: Mapped[str] = mapped_column(server_default="contact")
    subject_id: Mapped[int]
    entry_key: Mapped[str]
    slot: Mapped[int | None] = mapped_column(SmallInteger)
    shard: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(server_default=RunState.ACTIVE)
    node: Mapped[str]
    visit: Mapped[int]
    memo: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    due_at: Mapped[Instant | None]
    paused_due: Mapped[Instant | None]
    listens: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    happening: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    entry_event_id: Mapped[int | None]
    outcome: Mapped[str | None]
    entered_at: Mapped[Instant]
    moved_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class EffectState(StrEnum):
    """`handing_over` is the only state in which a crash leaves the outcome unclear."""

    PENDING = "pending"
    HANDING_OVER = "handing_over"
    DONE = "done"
    MAYBE_DONE = "maybe_done"


class Effect(Base):
    """An ask of the world and the claim on doing it: one row per run, node and visit.

    It is claimed (`handing_over`, with a lease) in a transaction of its own before the world is
    asked, so whoever finds an expired lease knows the deed may have been done.
    """

    __tablename__ = "effect"
    __table_args__ = (
        Index("uq_effect_run_node_visit", "run_id", "node", "visit", unique=True),
        Index(
            "ix_effect_open",
            "shard",
            "not_before",
            postgresql_where=text("state in ('pending', 'handing_over')"),
        ),
        Index("ix_effect_maybe", "id", postgresql_where=text("state = 'maybe_done'")),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    flow_id: Mapped[int]
    node: Mapped[str]
    visit: Mapped[int]
    kind: Mapped[str]
    purpose: Mapped[str]
    subject_id: Mapped[int]
    shard: Mapped[int] = mapped_column(SmallInteger)
    ask: Mapped[Document]
    state: Mapped[str] = mapped_column(server_default=EffectState.PENDING)
    attempts: Mapped[int] = mapped_column(server_default="0")
    not_before: Mapped[Instant]
    claimed_by: Mapped[str | None]
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[CreatedAt]
    answered_at: Mapped[Instant | None]


class Journal(Base):
    """What a run did and why: one row per pass, its entries in order."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_run_id", "run_id", "id"),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    at: Mapped[Instant]
    entries: Mapped[list[dict[str, Any]]] = mapped_column(JSONB(none_as_null=True))


class NodeCount(Base):
    """How often a node of a version was entered (`exit` empty) and left, by exit; in deltas.

    Entered less left is how many stand there now. Counters live apart from `run` so that the canvas
    never counts millions of rows, and no index follows a run from node to node. `slot` spreads one
    busy node over several rows, so that shards do not wait for each other.
    """

    __tablename__ = "node_count"

    flow_version_id: Mapped[int] = mapped_column(
        ForeignKey("flow_version.id", ondelete="CASCADE"), primary_key=True
    )
    node: Mapped[str] = mapped_column(primary_key=True)
    exit: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    count: Mapped[int] = mapped_column(server_default="0")


__all__ = ["Effect", "EffectState", "Journal", "NodeCount", "Run", "RunState"]
