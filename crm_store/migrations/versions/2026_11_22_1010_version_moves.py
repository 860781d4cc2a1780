"""Plans that bring people in flight to another version

Runs keep the version they entered with. A mistake in a published version must be mendable for those
who are inside all the same, so a plan says what becomes of them by node, and what it did to each
run is kept: it can be taken back exactly. Two new tables, nothing that runs is touched.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1010"
down_revision = "2026_11_22_1000"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_UNDER_WAY = "state IN ('running', 'paused', 'undoing')"


def upgrade() -> None:
    op.create_table(
        "version_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("from_version_id", sa.BigInteger(), nullable=False),
        sa.Column("to_version_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), server_default="100", nullable=False),
        sa.Column("state", _TEXT, server_default="running", nullable=False),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_version_move"),
        _refers("version_move", "flow_id", "flow"),
        _refers("version_move", "from_version_id", "flow_version"),
        _refers("version_move", "to_version_id", "flow_version"),
        _refers("version_move", "created_by", "user", ondelete="SET NULL"),
    )
    op.create_index(
        "uq_version_move_under_way",
        "version_move",
        ["flow_id"],
        unique=True,
        postgresql_where=sa.text(_UNDER_WAY),
    )
    op.create_index("ix_version_move_flow_id", "version_move", ["flow_id", "id"])
    op.create_table(
        "version_move_run",
        sa.Column("move_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("node", _TEXT, nullable=False),
        sa.Column("was", postgresql.JSONB(), nullable=True),
        sa.Column("became", _TEXT, nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("move_id", "run_id", name="pk_version_move_run"),
        _refers("version_move_run", "move_id", "version_move"),
        _refers("version_move_run", "run_id", "run"),
    )
    op.create_index("ix_version_move_run_run_id", "version_move_run", ["run_id"])
    op.create_index(
        "ix_version_move_run_waiting",
        "version_move_run",
        ["move_id", "at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("version_move_run")
    op.drop_table("version_move")


def _refers(table: str, column: str, to: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete=ondelete
    )
