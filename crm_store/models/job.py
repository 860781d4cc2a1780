"""Long work that was asked for through the API, and what a key may still ask in its minute."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class Job(Base):
    """`state` is waiting, running, done, failed or cancelled. Whoever carries it out holds it until
    `lease_until` and moves that on; a job whose holder died is taken up by another. `progress` says
    how far it is and where to go on, `problem` why it failed. `key_id` is the key that asked for
    it, whose permissions it has.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_user_id", "user_id", "id"),
        Index("ix_job_open", "id", postgresql_where=text("state IN ('waiting', 'running')")),
        Index("ix_job_ended_at", "ended_at"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id", ondelete="CASCADE"))
    given: Mapped[Document]
    progress: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    result: Mapped[dict[str, Any] | None]
    problem: Mapped[dict[str, Any] | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[CreatedAt]
    started_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    lease_until: Mapped[Instant | None]


class JobFile(Base):
    """A file that a job works on (`given`), or made (`rejected`). What was given goes when the job
    ends."""

    __tablename__ = "job_file"

    job_id: Mapped[int] = mapped_column(
        ForeignKey("job.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ApiAllowance(Base):
    """How much of its minute a key's processes have taken, `granted` what the last one got. Not
    logged: after a crash of the database every key has a fresh minute."""

    __tablename__ = "api_allowance"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    key_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    minute: Mapped[int]
    taken: Mapped[int]
    granted: Mapped[int]
