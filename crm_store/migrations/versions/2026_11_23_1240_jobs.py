"""Jobs: work that takes longer than a request may, and the minute of each key.

Whoever asked the API for an import had to keep the connection for as long as it took, so there were
none. `job` keeps what was asked for, by whom, how far it is and what came of it; `job_file` the
files beside it. `api_allowance` says how much of this minute a key has used in all web processes
together; it is not logged, because losing it costs nothing. They are new tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_23_1240"
down_revision = "2026_11_23_1230"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_DOCUMENT = JSONB(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("state", _TEXT, server_default="waiting", nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("given", _DOCUMENT, nullable=False),
        sa.Column("progress", _DOCUMENT, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("result", _DOCUMENT, nullable=True),
        sa.Column("problem", _DOCUMENT, nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_job_user_id_user", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_key.id"], name="fk_job_key_id_api_key", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_job_user_id", "job", ["user_id", "id"])
    op.create_index(
        "ix_job_open", "job", ["id"], postgresql_where=sa.text("state IN ('waiting', 'running')")
    )
    op.create_index("ix_job_ended_at", "job", ["ended_at"])
    op.create_table(
        "job_file",
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "name", name="pk_job_file"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name="fk_job_file_job_id_job", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "api_allowance",
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_allowance"),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("api_allowance")
    op.drop_table("job_file")
    op.drop_table("job")
