"""Tickets are answered within promised times.

A ticket was a subject with a status. It learns where it came from, by which version of the policy
it is kept, how much working time its two clocks have counted, what the customer thought of it, and
into which other one it was merged; what was said about it gets a table. All new columns may be
empty or have a constant default, so no ticket is rewritten, and those there were before have no
clocks.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1160"
down_revision = "2026_11_22_1150"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_COLUMNS = (
    ("source", _TEXT),
    ("category", _TEXT),
    ("subject_key", _TEXT),
    ("policy_id", sa.BigInteger()),
    ("clocks", postgresql.JSONB()),
    ("first_response_at", _INSTANT),
    ("closed_at", _INSTANT),
    ("satisfaction_asked_at", _INSTANT),
    ("satisfaction_score", sa.SmallInteger()),
    ("satisfaction_comment", _TEXT),
    ("satisfaction_given_at", _INSTANT),
    ("merged_into_id", sa.BigInteger()),
)
_POLICY = "fk_ticket_policy_id_ticket_policy"
_MERGED = "fk_ticket_merged_into_id_ticket"


def upgrade() -> None:
    op.create_table(
        "ticket_policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("saved_by", _TEXT, nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_policy"),
    )
    for name, type_ in _COLUMNS:
        op.add_column("ticket", sa.Column(name, type_, nullable=True))
    op.add_column(
        "ticket", sa.Column("reopened", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.create_foreign_key(_POLICY, "ticket", "ticket_policy", ["policy_id"], ["id"])
    op.create_foreign_key(
        _MERGED, "ticket", "ticket", ["merged_into_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index("ix_ticket_owner_id", "ticket", ["owner_id"])
    op.create_table(
        "ticket_comment",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("author_kind", _TEXT, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("internal", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("body", _TEXT, nullable=False),
        sa.Column("source", _TEXT, nullable=True),
        sa.Column("message_id", _TEXT, nullable=True),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_comment"),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name="fk_ticket_comment_ticket_id_ticket",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user.id"],
            name="fk_ticket_comment_author_id_user",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_ticket_comment_ticket_id", "ticket_comment", ["ticket_id", "id"])
    op.create_index(
        "uq_ticket_comment_message_id", "ticket_comment", ["source", "message_id"], unique=True
    )


def downgrade() -> None:
    op.drop_table("ticket_comment")
    op.drop_index("ix_ticket_owner_id", "ticket")
    op.drop_constraint(_MERGED, "ticket")
    op.drop_constraint(_POLICY, "ticket")
    op.drop_column("ticket", "reopened")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("ticket", name)
    op.drop_table("ticket_policy")
