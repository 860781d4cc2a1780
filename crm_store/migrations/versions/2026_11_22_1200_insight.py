"""Targets, and what the forecast said day by day.

What a person or a team is to win was written nowhere, so nothing could be held against it; and a
forecast that is worked out anew each time cannot be held against what came of it. `target` has the
one, `forecast_day` and `forecast_line` the other. All are new tables. How long deals stayed is
asked of stays that ended within some time: `stage_visit`, as new as they are, gets an index for it.
What was won within some time is asked of deals, which get one too: while it is built (a second for
a million) deals can be read and not written to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_1200"
down_revision = "2026_11_22_1190"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "target",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("unit", _TEXT, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_target"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name="fk_target_owner_id_user", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name="fk_target_team_id_team", ondelete="CASCADE"
        ),
        sa.CheckConstraint(
            "owner_id IS NULL OR team_id IS NULL", name=op.f("ck_target_one_holder")
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_target_not_negative")),
    )
    op.create_index(
        "uq_target_unit_starts_on_owner_id_team_id_currency",
        "target",
        ["unit", "starts_on", "owner_id", "team_id", "currency"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_target_owner_id", "target", ["owner_id"])
    op.create_index("ix_target_team_id", "target", ["team_id"])
    op.create_table(
        "forecast_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_forecast_day"),
    )
    op.create_table(
        "forecast_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pipeline_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("category", _TEXT, nullable=False),
        sa.Column("currency", _TEXT, nullable=True),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in (
                *("deals", "amount_minor", "weighted_minor", "base_minor"),
                *("weighted_base_minor", "without_rate"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_forecast_line"),
        sa.ForeignKeyConstraint(
            ["day"],
            ["forecast_day.day"],
            name="fk_forecast_line_day_forecast_day",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["pipeline.id"],
            name="fk_forecast_line_pipeline_id_pipeline",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_forecast_line_month_day", "forecast_line", ["month", "day"])
    op.create_index(
        "ix_deal_closed_at",
        "deal",
        ["closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_stage_visit_pipeline_id_left_at",
        "stage_visit",
        ["pipeline_id", "left_at"],
        postgresql_where=sa.text("left_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_stage_visit_pipeline_id_left_at", "stage_visit")
    op.drop_index("ix_deal_closed_at", "deal")
    op.drop_table("forecast_line")
    op.drop_table("forecast_day")
    op.drop_table("target")
