"""Keys with which programs act for a person, and the answers that repeated requests get again."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Instant, Key


class ApiKey(Base):
    """`prefix` names the key in lists, logs and the key itself; only hashes of secrets are kept.

    After a rotation the secret before is accepted until `previous_until`.
    """

    __tablename__ = "api_key"
    __table_args__ = (Index("ix_api_key_user_id", "user_id"),)

    id: Mapped[Key]
    prefix: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text(collation="C")))
    secret_hash: Mapped[str]
    previous_hash: Mapped[str | None]
    previous_until: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
    rotated_at: Mapped[Instant | None]
    expires_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]
    last_used_at: Mapped[Instant | None]
    previous_used_at: Mapped[Instant | None]


class IdempotencyKey(Base):
    """What a request that carried this key was answered. `fingerprint` tells another request from
    the same one again; the row is written in the transaction of the request's effect.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_at", "at"),)

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    answer: Mapped[Document]
    at: Mapped[Instant]
