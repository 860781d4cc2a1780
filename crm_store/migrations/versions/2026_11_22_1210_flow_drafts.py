"""Drafts of flows that are drawn: the drawing, its line of undo, and who changed what.

A draft was a text and nothing else, which somebody saved whole. Whoever draws changes a little at a
time, others look on, and a restart must lose nothing. The text stays in `flow.draft_source`, so
that files and drawings are one draft; both tables are new and begin empty. Steps have an order,
which `jsonb` does not keep and `json` does.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1210"
down_revision = "2026_11_22_1200"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "flow_draft",
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("base_source", _TEXT, nullable=False),
        sa.Column("base_hash", _TEXT, nullable=False),
        sa.Column("base_version", sa.BigInteger(), nullable=True),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("flow_id", name="pk_flow_draft"),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["flow.id"], name="fk_flow_draft_flow_id_flow", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["user.id"], name="fk_flow_draft_updated_by_user", ondelete="SET NULL"
        ),
    )
    op.create_table(
        "flow_draft_step",
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=True),
        sa.Column(
            "touched",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column("batch", _TEXT, nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("flow_id", "revision", name="pk_flow_draft_step"),
        sa.ForeignKeyConstraint(
            ["flow_id"],
            ["flow_draft.flow_id"],
            name="fk_flow_draft_step_flow_id_flow_draft",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"],
            ["user.id"],
            name="fk_flow_draft_step_changed_by_user",
            ondelete="SET NULL",
        ),
    )
    op.create_index(
        "uq_flow_draft_step_flow_id_position",
        "flow_draft_step",
        ["flow_id", "position"],
        unique=True,
        postgresql_where=sa.text("position IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("flow_draft_step")
    op.drop_table("flow_draft")
