"""Bringing people in flight to another version of their flow."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class MoveState(StrEnum):
    """`running` moves page by page, then waits for those who cannot be moved yet; `cancelled` moves
    nobody any more and leaves those who were moved; `undone` brought back who could be.
    """

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class VersionMove(Base):
    """A plan being carried out. `cursor` is the last run looked at; a flow has one move at a time.

    `answers` says what becomes of people by node of the old version; `percent` of the subjects take
    part.
    """

    __tablename__ = "version_move"
    __table_args__ = (
        Index(
            "uq_version_move_under_way",
            "flow_id",
            unique=True,
            postgresql_where=text("state IN ('running', 'paused', 'undoing')"),
        ),
        Index("ix_version_move_flow_id", "flow_id", "id"),
    )

    id: Mapped[Key]
    flow_id: Mapped[int] = mapped_column(ForeignKey("flow.id", ondelete="CASCADE"))
    from_version_id: Mapped[int] = mapped_column(ForeignKey("flow_version.id", ondelete="CASCADE"))
    to_version_id: Mapped[int] = mapped_column(ForeignKey("flow_version.id", ondelete="CASCADE"))
    answers: Mapped[Document]
    percent: Mapped[int] = mapped_column(SmallInteger, server_default="100")
    state: Mapped[str] = mapped_column(server_default=MoveState.RUNNING)
    cursor: Mapped[int] = mapped_column(server_default="0")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    ended_at: Mapped[Instant | None]


class VersionMoveRun(Base):
    """What a move did with one run: where it stood (`was`), and a print of where it was put
    (`became`), so that it can be brought back exactly as long as it has not moved on.

    `state`: waiting (cannot be moved yet), moved, returned, moved_on (was not there any more when
    the move was undone).
    """

    __tablename__ = "version_move_run"
    __table_args__ = (
        Index("ix_version_move_run_run_id", "run_id"),
        Index(
            "ix_version_move_run_waiting",
            "move_id",
            "at",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    move_id: Mapped[int] = mapped_column(
        ForeignKey("version_move.id", ondelete="CASCADE"), primary_key=True
    )
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    node: Mapped[str]
    was: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    became: Mapped[str | None]
    at: Mapped[Instant]
