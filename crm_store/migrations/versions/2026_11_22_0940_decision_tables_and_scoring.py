"""Decision tables and scoring models, which people edit, and the score of each contact in each
model, so that lists can be sorted by it and a border that is passed is noticed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_0940"
down_revision = "2026_11_22_0930"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "decision_table",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("label", _TEXT, nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision_table"),
        sa.UniqueConstraint("name", name="uq_decision_table_name"),
    )
    op.create_table(
        "scoring_model",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("label", _TEXT, nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("recount_after", sa.BigInteger(), server_default="0", nullable=True),
        sa.Column("recount_at", _INSTANT, nullable=True),
        sa.Column("counted_at", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scoring_model"),
        sa.UniqueConstraint("name", name="uq_scoring_model_name"),
    )
    op.create_index(
        "ix_scoring_model_is_default",
        "scoring_model",
        ["is_default"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "contact_score",
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("band", _TEXT, nullable=True),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("scored_at", _INSTANT, nullable=True),
        sa.Column("adjusted", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("model_id", "contact_id", name="pk_contact_score"),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["scoring_model.id"],
            name="fk_contact_score_model_id_scoring_model",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name="fk_contact_score_contact_id_contact",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_contact_score_contact_id", "contact_score", ["contact_id"])
    op.create_index(
        "ix_contact_score_due_at",
        "contact_score",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_contact_score_model_id_total", "contact_score", ["model_id", "total"])


def downgrade() -> None:
    op.drop_table("contact_score")
    op.drop_table("scoring_model")
    op.drop_table("decision_table")
