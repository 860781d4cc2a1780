"""Where deals stood, and for how long

A deal knew the stage it stands on and since when, and nothing of the stages before: nobody could
say how long deals wait where. `stage_visit` keeps every stay. Deals that are there get the stay
that is known, the present one: a read of `deal` that holds no lock a writer waits for.

`deal_stay` is what the clocks of an open deal know. A pipeline names the version of the definition
that is in force, and a stage that a newer version left out is retired: its past stays readable.
The columns are added without a value, so no row of a pipeline or stage is rewritten.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1150"
down_revision = "2026_11_22_1140"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)

_PRESENT_STAYS = """
INSERT INTO stage_visit (deal_id, pipeline_id, stage_id, entered_at, via)
SELECT id, pipeline_id, stage_id, stage_entered_at, 'import' FROM deal ORDER BY id
"""


def upgrade() -> None:
    op.add_column("pipeline", sa.Column("label_zh", _TEXT, nullable=True))
    op.add_column("pipeline", sa.Column("definition_version_id", sa.BigInteger(), nullable=True))
    op.add_column("stage", sa.Column("label_zh", _TEXT, nullable=True))
    op.add_column("stage", sa.Column("retired_at", _INSTANT, nullable=True))
    _stage_visit()
    _deal_stay()
    op.execute(_PRESENT_STAYS)


def downgrade() -> None:
    op.drop_table("deal_stay")
    op.drop_table("stage_visit")
    op.drop_column("stage", "retired_at")
    op.drop_column("stage", "label_zh")
    op.drop_column("pipeline", "definition_version_id")
    op.drop_column("pipeline", "label_zh")


def _stage_visit() -> None:
    op.create_table(
        "stage_visit",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("pipeline_id", sa.BigInteger(), nullable=False),
        sa.Column("stage_id", sa.BigInteger(), nullable=False),
        sa.Column("from_stage_id", sa.BigInteger(), nullable=True),
        sa.Column("entered_at", _INSTANT, nullable=False),
        sa.Column("left_at", _INSTANT, nullable=True),
        sa.Column("working_seconds", sa.BigInteger(), nullable=True),
        sa.Column("moved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("via", _TEXT, nullable=False),
        sa.Column("definition_version_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_visit")),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"],
                [f"{table}.id"],
                name=op.f(f"fk_stage_visit_{table}_id_{table}"),
                ondelete="CASCADE",
            )
            for table in ("deal", "pipeline", "stage")
        ),
        sa.ForeignKeyConstraint(
            ["moved_by_id"],
            ["user.id"],
            name=op.f("fk_stage_visit_moved_by_id_user"),
            ondelete="SET NULL",
        ),
    )
    for owner in ("deal", "pipeline", "stage"):
        op.create_index(f"ix_stage_visit_{owner}_id", "stage_visit", [f"{owner}_id", "entered_at"])
    op.create_index(
        "uq_stage_visit_open",
        "stage_visit",
        ["deal_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )


def _deal_stay() -> None:
    op.create_table(
        "deal_stay",
        sa.Column("deal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("pending", postgresql.JSONB(), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("deal_id", name=op.f("pk_deal_stay")),
        sa.ForeignKeyConstraint(
            ["deal_id"],
            ["deal.id"],
            name=op.f("fk_deal_stay_deal_id_deal"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_deal_stay_version_id", "deal_stay", ["version_id"])
    op.create_index(
        "uq_deal_stay_request_id",
        "deal_stay",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )
