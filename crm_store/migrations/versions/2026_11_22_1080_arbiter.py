"""When messages may go, how many somebody gets, and what waits for it.

Whether a message goes was decided by consent and suppression alone. The house's policy gets a table
of versions; a row for each contact lets counting and writing come one after another, so that a cap
holds however many workers there are; a message that waits leaves the reason. What is put together
into one mail is collected first. A message says what it was about and how it travelled, so that it
can be counted. The new columns may be empty, so no message is rewritten.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1080"
down_revision = "2026_11_22_1070"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("message", sa.Column("topic", _TEXT, nullable=True))
    op.add_column("message", sa.Column("medium", _TEXT, nullable=True))
    op.create_table(
        "sending_policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("saved_by", _TEXT, nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sending_policy"),
    )
    op.create_table(
        "sending_turn",
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_sending_turn"),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name="fk_sending_turn_contact_id_contact",
            ondelete="CASCADE",
        ),
        # each hand-over writes the row anew, and finds room for it on its page
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "deferral",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("effect_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.Column("until", _INSTANT, nullable=False),
        sa.Column("ruled_at", _INSTANT, nullable=False),
        sa.Column("read", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deferral"),
        sa.ForeignKeyConstraint(
            ["effect_id"], ["effect.id"], name="fk_deferral_effect_id_effect", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_deferral_effect_id", "deferral", ["effect_id", "id"])
    op.create_table(
        "digest_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("effect_id", sa.BigInteger(), nullable=False),
        sa.Column("template", _TEXT, nullable=False),
        sa.Column("topic", _TEXT, nullable=True),
        sa.Column("subject", _TEXT, nullable=False),
        sa.Column("preheader", _TEXT, nullable=False),
        sa.Column("collected_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_digest_item"),
        sa.UniqueConstraint("effect_id", name="uq_digest_item_effect_id"),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name="fk_digest_item_contact_id_contact",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_digest_item_contact_id", "digest_item", ["contact_id"])
    op.create_index(
        "ix_digest_item_due_at",
        "digest_item",
        ["due_at"],
        postgresql_where=sa.text("run_id IS NULL"),
    )
    op.create_index(
        "ix_digest_item_run_id",
        "digest_item",
        ["run_id"],
        postgresql_where=sa.text("run_id IS NOT NULL"),
    )


def downgrade() -> None:
    for table in ("digest_item", "deferral", "sending_turn", "sending_policy"):
        op.drop_table(table)
    op.drop_column("message", "medium")
    op.drop_column("message", "topic")
