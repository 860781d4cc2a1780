"""Segments keep their members: memberships, sizes and daily counts beside the saved rule.

Until now a segment was a rule that somebody had to ask. Flows shall start and stop as people enter
and leave, so the members are rows. Segments that exist become due at once and are counted by their
driver; nothing here reads contacts, so the upgrade takes no time on a live table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_0920"
down_revision = "2026_11_22_0910"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORDS = sa.Text(collation="C")


def upgrade() -> None:
    for column in _more_of_a_segment():
        op.add_column("segment", column)
    op.alter_column("segment", "rule", nullable=True)
    op.create_index(
        "ix_segment_due_at", "segment", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_table(
        "segment_member",
        *_whose("segment", "contact"),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "contact_id", name=op.f("pk_segment_member")),
    )
    op.create_index("ix_segment_member_contact_id", "segment_member", ["contact_id", "segment_id"])
    op.create_table(
        "segment_size",
        *_whose("segment", table="segment_size"),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("members", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "slot", name=op.f("pk_segment_size")),
    )
    op.create_table(
        "segment_count",
        *_whose("segment", table="segment_count"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("entered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("left_", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "day", "slot", name=op.f("pk_segment_count")),
    )
    # Two small rows that every batch of events rewrites: room beside them, and early cleaning.
    for counters in ("segment_size", "segment_count"):
        op.execute(
            f"ALTER TABLE {counters} SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02)"
        )


def downgrade() -> None:
    for table in ("segment_count", "segment_size", "segment_member"):
        op.drop_table(table)
    op.drop_index("ix_segment_due_at", table_name="segment")
    # A static list is nothing without its members.
    op.execute("DELETE FROM segment WHERE rule IS NULL")
    op.alter_column("segment", "rule", nullable=False)
    for column in reversed(_more_of_a_segment()):
        op.drop_column("segment", column.name)


def _more_of_a_segment() -> list[sa.Column[object]]:
    def number(name: str, first: str) -> sa.Column[object]:
        return sa.Column(name, sa.BigInteger(), server_default=first, nullable=False)

    return [
        sa.Column("label_zh", WORDS),
        sa.Column("kind", WORDS, server_default="rule", nullable=False),
        sa.Column("fill", postgresql.JSONB()),
        sa.Column("state", WORDS, server_default="counting", nullable=False),
        number("revision", "1"),
        number("asked", "1"),
        number("answered", "0"),
        sa.Column("due_at", INSTANT, server_default=sa.text("now()")),
        sa.Column("counted_at", INSTANT),
        sa.Column("recounted_at", INSTANT),
        sa.Column("flips_at", INSTANT),
        sa.Column("rests_until", INSTANT),
        number("took_ms", "0"),
    ]


def _whose(*others: str, table: str = "segment_member") -> list[sa.schema.SchemaItem]:
    """A column for each other table, going with its row."""
    columns = [sa.Column(f"{other}_id", sa.BigInteger(), nullable=False) for other in others]
    keys = [
        sa.ForeignKeyConstraint(
            [f"{other}_id"],
            [f"{other}.id"],
            name=op.f(f"fk_{table}_{other}_id_{other}"),
            ondelete="CASCADE",
        )
        for other in others
    ]
    return [*columns, *keys]
