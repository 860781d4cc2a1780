"""Working hours, and whose turn it is in a team.

Waits could count days of the week but knew no working hours and no public holidays, so a task due
in eight hours fell due at night. A calendar holds the hours of a week, the place whose holidays
count, and single days that are otherwise; one is the default and is made here. Assigning to a team
in turn needs to remember who had the last one. Both tables are new, so nothing is locked for long.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1050"
down_revision = "2026_11_22_1040"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    calendar = op.create_table(
        "calendar",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("label", _TEXT, nullable=False),
        sa.Column("zone", _TEXT, nullable=True),
        sa.Column("country", _TEXT, nullable=True),
        sa.Column("subdivision", _TEXT, nullable=True),
        sa.Column("hours", postgresql.JSONB(), nullable=False),
        sa.Column(
            "exceptions", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calendar"),
        sa.UniqueConstraint("name", name="uq_calendar_name"),
    )
    op.create_index(
        "uq_calendar_default",
        "calendar",
        ["is_default"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "assignment_turn",
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_user_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("team_id", name="pk_assignment_turn"),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name="fk_assignment_turn_team_id_team", ondelete="CASCADE"
        ),
    )
    op.bulk_insert(
        calendar,
        [
            {
                "name": "default",
                "label": "Working hours",
                "hours": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
                "is_default": True,
            }
        ],
    )


def downgrade() -> None:
    op.drop_table("assignment_turn")
    op.drop_table("calendar")
