"""Saved views of lists, and indexes for the lists of contacts.

Whoever narrowed a list to the people they care for had to do it again the next day. `saved_view`
keeps what a list is narrowed to, its order and its columns, for one person or shared with all.
It is a new table.

Over a million contacts the list of one's own by name took seconds where few belong to somebody: it
went through all names. The index of owners has the names in it now. Lists in the order of scores
and of stages get an index each. `last_seen_at` gets none on purpose: it changes with every event,
and what an index holds cannot change in place. While the indexes are built (two seconds for a
million) contacts can be read and not written to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_22_1220"
down_revision = "2026_11_22_1210"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("record", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("name_key", _TEXT, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("document", JSONB(none_as_null=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name="fk_saved_view_owner_id_user", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "uq_saved_view_owner_id_record_name_key",
        "saved_view",
        ["owner_id", "record", "name_key"],
        unique=True,
    )
    op.create_index(
        "ix_saved_view_shared", "saved_view", ["record"], postgresql_where=sa.text("shared")
    )
    op.drop_index("ix_contact_owner_id", "contact")
    op.create_index("ix_contact_owner_id", "contact", ["owner_id", "name_key", "id"])
    op.create_index("ix_contact_score", "contact", ["score", "id"])
    op.create_index("ix_contact_lifecycle_stage", "contact", ["lifecycle_stage", "id"])


def downgrade() -> None:
    op.drop_index("ix_contact_lifecycle_stage", "contact")
    op.drop_index("ix_contact_score", "contact")
    op.drop_index("ix_contact_owner_id", "contact")
    op.create_index("ix_contact_owner_id", "contact", ["owner_id"])
    op.drop_table("saved_view")
