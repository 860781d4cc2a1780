"""Dates and schedules that have fired

A date lets each person into a flow once a year, through outages and edits: what has fired is a row
that the database refuses to have twice. How far each flow has looked is kept beside it, so that a
look that was interrupted goes on where it stood.

Every few minutes those are asked whose birthday is near, so birthdays are found by the day of the
year, and lunar ones, whose days are worked out outside of the database, by birth date. Building
both indexes reads a million contacts in about a second, in which they can be read but not written.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_1030"
down_revision = "2026_11_22_1020"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_DAY_OF_THE_YEAR = "((extract(month from birthday) * 100 + extract(day from birthday))::integer)"


def upgrade() -> None:
    op.create_table(
        "date_watch",
        sa.Column("flow_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("looked_until", _INSTANT, nullable=False),
        sa.Column("since", _INSTANT, nullable=True),
        sa.Column("until", _INSTANT, nullable=True),
        sa.Column("part", _TEXT, nullable=True),
        sa.Column("contact_cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("record_cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("flow_id", name="pk_date_watch"),
        _refers("date_watch", "flow_id", "flow", "CASCADE"),
    )
    op.create_table(
        "date_fired",
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("flow_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("occasion", _TEXT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("fired_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint(
            "contact_id", "flow_id", "source", "occasion", name="pk_date_fired"
        ),
        _refers("date_fired", "contact_id", "contact", "CASCADE"),
        _refers("date_fired", "flow_id", "flow", "CASCADE"),
    )
    op.create_index("ix_date_fired_flow_id", "date_fired", ["flow_id"])
    op.create_table(
        "schedule_firing",
        sa.Column("flow_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fire_at", _INSTANT, nullable=False),
        sa.Column("enrolment_id", sa.BigInteger(), nullable=True),
        sa.Column("fired_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("flow_id", "fire_at", name="pk_schedule_firing"),
        _refers("schedule_firing", "flow_id", "flow", "CASCADE"),
        _refers("schedule_firing", "enrolment_id", "enrolment", "SET NULL"),
    )
    op.create_index(
        "ix_contact_birthday_day_of_year",
        "contact",
        [sa.text(_DAY_OF_THE_YEAR)],
        postgresql_where=sa.text("birthday IS NOT NULL"),
    )
    op.create_index(
        "ix_contact_birthday_lunar",
        "contact",
        ["birthday"],
        postgresql_where=sa.text("birthday_calendar = 'lunar'"),
    )


def downgrade() -> None:
    op.drop_index("ix_contact_birthday_lunar", "contact")
    op.drop_index("ix_contact_birthday_day_of_year", "contact")
    op.drop_table("schedule_firing")
    op.drop_table("date_fired")
    op.drop_table("date_watch")


def _refers(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)
