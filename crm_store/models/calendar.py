"""Working hours, and whose turn it is."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Key


class Calendar(Base):
    """Working hours of a week, the public holidays of a place, and days that are otherwise.

    `hours` is {"mon": [["09:00", "18:00"]], ...}; `exceptions` is {"2026-12-24": [["09:00",
    "12:00"]], "2026-12-31": []}, the hours of single days. `zone` None means: where the contact
    lives. One calendar is the default.
    """

    __tablename__ = "calendar"
    __table_args__ = (
        Index(
            "uq_calendar_default", "is_default", unique=True, postgresql_where=text("is_default")
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    zone: Mapped[str | None]
    country: Mapped[str | None]
    subdivision: Mapped[str | None]
    hours: Mapped[Document]
    exceptions: Mapped[Document] = mapped_column(server_default=text("'{}'::jsonb"))
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class AssignmentTurn(Base):
    """Who of a team was given work last. Whoever assigns to a team holds its row meanwhile, so that
    two at once do not choose the same person for the same reason.
    """

    __tablename__ = "assignment_turn"

    team_id: Mapped[int] = mapped_column(
        ForeignKey("team.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    last_user_id: Mapped[int | None]
