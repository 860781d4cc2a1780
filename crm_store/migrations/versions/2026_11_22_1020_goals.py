"""Goals reached, winners of splits, and audiences that can be paused

A goal was written in a flow and counted nowhere. Each run that reached it now has a row, with what
the event was worth, so that a flow can be compared with its holdout. Splits remember whom chance
gave which arm, and which arm won. An enrolment knows how far it is and how fast it goes, so that it
can be shown, slowed down, paused and cancelled. A run that counts against a limit in parallel holds
a slot, and an index refuses a slot that is taken.

On a live table: the new columns of `run` and `enrolment` are empty and rewrite nothing; the index
on slots is empty, and to find that out `run` is read once, a third of a second per million rows,
in which nobody can write to it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1020"
down_revision = "2026_11_22_1010"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORDS = sa.Text(collation="C")


def upgrade() -> None:
    op.add_column("run", sa.Column("slot", sa.SmallInteger()))
    op.create_index(
        "uq_run_slot",
        "run",
        ["flow_id", "subject_id", "slot"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended' AND slot IS NOT NULL"),
    )
    for column in _more_of_an_enrolment():
        op.add_column("enrolment", column)
    op.create_table(
        "goal_reached",
        _number("run_id"),
        _number("flow_id"),
        _number("subject_id"),
        _number("event_id", nullable=True),
        sa.Column("reached_at", INSTANT, nullable=False),
        _number("amount_minor", nullable=True),
        sa.Column("currency", WORDS),
        _number("base_minor", nullable=True),
        _goes_with("goal_reached", "flow"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_goal_reached")),
    )
    op.create_index("ix_goal_reached_flow_id", "goal_reached", ["flow_id", "reached_at"])
    op.create_table(
        "split_taken",
        _number("flow_id"),
        sa.Column("node", WORDS, nullable=False),
        _number("subject_id"),
        _number("flow_version_id"),
        sa.Column("arm", WORDS, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("reached_at", INSTANT),
        _goes_with("split_taken", "flow"),
        sa.PrimaryKeyConstraint("flow_id", "node", "subject_id", name=op.f("pk_split_taken")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_table(
        "split_winner",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        _number("flow_id"),
        sa.Column("node", WORDS, nullable=False),
        sa.Column("arm", WORDS, nullable=False),
        sa.Column("arms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("method", WORDS, nullable=False),
        sa.Column("decided_by", WORDS, nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        _goes_with("split_winner", "flow"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split_winner")),
    )
    op.create_index(
        "uq_split_winner_standing",
        "split_winner",
        ["flow_id", "node"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("split_winner", "split_taken", "goal_reached"):
        op.drop_table(table)
    # A paused enrolment is nothing that the release before could go on with.
    op.execute("UPDATE enrolment SET state = 'cancelled' WHERE state = 'paused'")
    for column in reversed(_more_of_an_enrolment()):
        op.drop_column("enrolment", column.name)
    op.drop_index("uq_run_slot", table_name="run")
    op.drop_column("run", "slot")


def _more_of_an_enrolment() -> list[sa.Column[object]]:
    return [
        sa.Column("refused", sa.BigInteger(), server_default="0", nullable=False),
        _number("total", nullable=True),
        _number("per_minute", nullable=True),
        sa.Column("going_since", INSTANT),
        sa.Column("went_from", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("looked_last_at", INSTANT),
        sa.Column("asked_by", WORDS),
    ]


def _number(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _goes_with(table: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{other}_id"],
        [f"{other}.id"],
        name=op.f(f"fk_{table}_{other}_id_{other}"),
        ondelete="CASCADE",
    )
