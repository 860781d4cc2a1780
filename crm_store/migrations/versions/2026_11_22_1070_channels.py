"""Channels by name, senders by name, and how much may go.

One channel, chosen by the environment, served everything; a second mail account, an SMS provider or
a room of colleagues had no place. Channels and senders become rows that people add at any time. New
sender addresses must begin slowly, and providers count by recipient domain over all our processes
together: so what is left of a rate and of a day is counted here. All tables are new, so nothing is
locked for long.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1070"
down_revision = "2026_11_22_1060"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_EMPTY = sa.text("'{}'::jsonb")
_NOW = sa.text("now()")
_NEXT = sa.text("nextval('channel_revision')")


def upgrade() -> None:
    op.execute("CREATE SEQUENCE channel_revision AS bigint")
    op.create_table(
        "channel",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("settings", postgresql.JSONB(), server_default=_EMPTY, nullable=False),
        sa.Column("secret", _TEXT, nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("identity", _TEXT, nullable=True),
        sa.Column("per_second", sa.Double(), nullable=True),
        sa.Column("domain_rates", postgresql.JSONB(), server_default=_EMPTY, nullable=False),
        sa.Column("warm_up", postgresql.JSONB(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default=_NEXT, nullable=False),
        sa.Column("created_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("changed_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("changed_by", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_channel"),
    )
    op.create_table(
        "sender_identity",
        sa.Column("slug", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=True),
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("reply_to", _TEXT, nullable=True),
        sa.Column("domain", _TEXT, nullable=False),
        sa.Column("warm_up", postgresql.JSONB(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default=_NEXT, nullable=False),
        sa.Column("changed_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("changed_by", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_sender_identity"),
    )
    op.create_table(
        "channel_bucket",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("filled_at", _INSTANT, nullable=False),
        sa.Column("lined_up_until", _INSTANT, nullable=False),
        sa.Column("service_until", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_channel_bucket"),
    )
    op.create_table(
        "channel_day",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("key", "day", name="pk_channel_day"),
    )
    op.create_index("ix_channel_day_day", "channel_day", ["day"])


def downgrade() -> None:
    op.drop_table("channel_day")
    op.drop_table("channel_bucket")
    op.drop_table("sender_identity")
    op.drop_table("channel")
    op.execute("DROP SEQUENCE channel_revision")
