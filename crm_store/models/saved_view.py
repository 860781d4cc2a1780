"""How somebody likes to see a list: what it is narrowed to, its order and its columns."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base, CreatedAt, Document, Key


class SavedView(Base):
    """`record` is the list it belongs to. One that is `shared` is seen by everybody who may read
    that list, and changed by its owner and by admins. `name_key` is the folded name: nobody has two
    of one name. `revision` grows with each change."""

    __tablename__ = "saved_view"
    __table_args__ = (
        Index(
            "uq_saved_view_owner_id_record_name_key", "owner_id", "record", "name_key", unique=True
        ),
        Index("ix_saved_view_shared", "record", postgresql_where=text("shared")),
    )

    id: Mapped[Key]
    record: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    shared: Mapped[bool] = mapped_column(server_default=text("false"))
    document: Mapped[Document]
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
