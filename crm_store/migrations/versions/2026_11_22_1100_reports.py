"""What became of messages, and how the domains they come from are doing.

Opens, clicks and bounces were events of the contact alone, so a figure such as "opened, of those
sent last month" meant reading every event. A message now carries the first moment of each thing
that became of it, links have their clicks, and each sender domain has counters per day, so that too
many bounces or complaints are seen when they are reported. Addresses that bounced for a while are
suppressed for a while, and a file of bounces that is read in parts remembers how far it was read.

New columns of `message` are empty and need no rewrite. The index over its times is a summary of
blocks (BRIN): half a second for a million messages, and next to nothing for each new one. While it
is made messages can be read, and are not written.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_1100"
down_revision = "2026_11_22_1090"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
# What a notice has that a flow asked for; one about a sender domain has none of it.
_OF_A_FLOW = ("effect_id", "run_id", "contact_id")
_MOMENTS = (
    "delivered_at",
    "bounced_at",
    "soft_bounced_at",
    "blocked_at",
    "opened_at",
    "machine_opened_at",
    "clicked_at",
    "complained_at",
    "unsubscribed_at",
)


def upgrade() -> None:
    # first, while who only reads the table need not wait; the columns after it take a moment
    op.create_index(
        "ix_message_handed_over_at",
        "message",
        ["handed_over_at"],
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 32},
    )
    op.add_column("message", sa.Column("sender_domain", _TEXT, nullable=True))
    for name in _MOMENTS:
        op.add_column("message", sa.Column(name, _INSTANT, nullable=True))
    for name in _OF_A_FLOW:
        op.alter_column("notice", name, nullable=True)
    op.add_column("suppression", sa.Column("expires_at", _INSTANT, nullable=True))
    _make_tables()


def _make_tables() -> None:
    op.create_table(
        "message_click",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("link", _TEXT, nullable=False),
        sa.Column("by_machine", sa.Boolean(), nullable=False),
        sa.Column("first_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "link", "by_machine", name="pk_message_click"),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name="fk_message_click_message_id_message",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "sender_day",
        sa.Column("domain", _TEXT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bounced", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("complained", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("domain", "day", "slot", name="pk_sender_day"),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "sender_health",
        sa.Column("domain", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("reason", _TEXT, nullable=True),
        sa.Column("sent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bounced", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("complained", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("counted_from", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("domain", name="pk_sender_health"),
    )
    op.create_table(
        "bounce_file",
        sa.Column("path", _TEXT, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("before", _TEXT, nullable=False),
        sa.Column("read_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_bounce_file"),
    )


def downgrade() -> None:
    for table in ("bounce_file", "sender_health", "sender_day", "message_click"):
        op.drop_table(table)
    op.drop_column("suppression", "expires_at")
    op.execute("DELETE FROM notice WHERE effect_id IS NULL")
    for name in _OF_A_FLOW:
        op.alter_column("notice", name, nullable=False)
    op.drop_index("ix_message_handed_over_at", "message")
    for name in reversed(_MOMENTS):
        op.drop_column("message", name)
    op.drop_column("message", "sender_domain")
