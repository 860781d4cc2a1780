"""API keys, with which programs act for a person, and remembered answers, so that a request that
is sent twice has one effect.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_0930"
down_revision = "2026_11_22_0920"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("prefix", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(_TEXT), nullable=False),
        sa.Column("secret_hash", _TEXT, nullable=False),
        sa.Column("previous_hash", _TEXT, nullable=True),
        sa.Column("previous_until", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("rotated_at", _INSTANT, nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.Column("previous_used_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("prefix", name="uq_api_key_prefix"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_api_key_user_id_user", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_api_key_user_id", "api_key", ["user_id"])
    op.create_table(
        "idempotency_key",
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("fingerprint", _TEXT, nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name="pk_idempotency_key"),
    )
    op.create_index("ix_idempotency_key_at", "idempotency_key", ["at"])


def downgrade() -> None:
    op.drop_table("idempotency_key")
    op.drop_table("api_key")
