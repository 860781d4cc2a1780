"""Places where other systems send what happened, and what is asked of other systems and of our own
people: shared secrets, notices, decisions, acknowledgements. New tables only, so nothing waits.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1000"
down_revision = "2026_11_22_0950"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _hook_source()
    _kept_secret()
    _notice()
    _approval_request()
    _escalation_case()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _refers(table: str, column: str, target: str, on_delete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=on_delete)


def _hook_source() -> None:
    op.create_table(
        "hook_source",
        _id(),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("secret", _TEXT, nullable=False),
        sa.Column("previous_secret", _TEXT, nullable=True),
        sa.Column("previous_until", _INSTANT, nullable=True),
        sa.Column("contact_paths", postgresql.JSONB(), nullable=False),
        sa.Column("event_name", _TEXT, nullable=True),
        sa.Column("event_path", _TEXT, nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hook_source"),
        sa.UniqueConstraint("name", name="uq_hook_source_name"),
    )


def _kept_secret() -> None:
    op.create_table(
        "kept_secret",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("sealed", _TEXT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_kept_secret"),
    )


def _notice() -> None:
    op.create_table(
        "notice",
        _id(),
        sa.Column("effect_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("title", _TEXT, nullable=False),
        sa.Column("body", _TEXT, nullable=False),
        sa.Column("provider_key", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("reason", _TEXT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("read_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        _refers("notice", "effect_id", "effect", "CASCADE"),
        _refers("notice", "contact_id", "contact", "CASCADE"),
        _refers("notice", "user_id", "user", "CASCADE"),
    )
    op.create_index("uq_notice_effect_id_user_id", "notice", ["effect_id", "user_id"], unique=True)
    op.create_index("uq_notice_provider_key", "notice", ["provider_key"], unique=True)
    op.create_index("ix_notice_user_id", "notice", ["user_id", "id"])
    op.create_index("ix_notice_contact_id", "notice", ["contact_id"])


def _approval_request() -> None:
    op.create_table(
        "approval_request",
        _id(),
        sa.Column("effect_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("node", _TEXT, nullable=False),
        sa.Column("visit", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_for_id", sa.BigInteger(), nullable=True),
        sa.Column("approver_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("title", _TEXT, nullable=False),
        sa.Column("body", _TEXT, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("deadline", _INSTANT, nullable=False),
        sa.Column("decision", _TEXT, nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("comment", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_approval_request"),
        _refers("approval_request", "effect_id", "effect", "CASCADE"),
        _refers("approval_request", "run_id", "run", "CASCADE"),
        _refers("approval_request", "contact_id", "contact", "CASCADE"),
        _refers("approval_request", "asked_for_id", "user", "SET NULL"),
        _refers("approval_request", "decided_by_id", "user", "SET NULL"),
    )
    op.create_index("uq_approval_request_effect_id", "approval_request", ["effect_id"], unique=True)
    op.create_index("ix_approval_request_run_id", "approval_request", ["run_id"])
    op.create_index("ix_approval_request_contact_id", "approval_request", ["contact_id"])
    op.create_index(
        "ix_approval_request_open",
        "approval_request",
        ["id"],
        postgresql_where=sa.text("decision IS NULL"),
    )


def _escalation_case() -> None:
    op.create_table(
        "escalation_case",
        _id(),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("node", _TEXT, nullable=False),
        sa.Column("visit", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("told_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("title", _TEXT, nullable=False),
        sa.Column("body", _TEXT, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("acknowledged_by_id", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_escalation_case"),
        _refers("escalation_case", "run_id", "run", "CASCADE"),
        _refers("escalation_case", "contact_id", "contact", "CASCADE"),
        _refers("escalation_case", "acknowledged_by_id", "user", "SET NULL"),
    )
    op.create_index(
        "uq_escalation_case_run_node_visit",
        "escalation_case",
        ["run_id", "node", "visit"],
        unique=True,
    )
    op.create_index("ix_escalation_case_contact_id", "escalation_case", ["contact_id"])
    op.create_index(
        "ix_escalation_case_open",
        "escalation_case",
        ["id"],
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("escalation_case", "approval_request", "notice", "kept_secret", "hook_source"):
        op.drop_table(table)
