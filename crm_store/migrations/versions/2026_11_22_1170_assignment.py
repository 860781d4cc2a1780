"""Who gets new work, and what becomes of somebody's work when they are away.

Rules give contacts, deals and tickets to people in turn: whose turn it is, why somebody was chosen
and what waits for somebody are kept. Work that is handed over is kept record by record, so that it
can be given back on a day, and so that a crash in the middle gives nothing twice. All tables are
new; no row that was there is read or written.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1170"
down_revision = "2026_11_22_1160"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_JSON = postgresql.JSONB()
_NOTHING = sa.text("'{}'::jsonb")
_UNDER_WAY = sa.text("state IN ('running', 'returning')")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=nullable)


def _person(table: str, column: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_user"
    return sa.ForeignKeyConstraint([column], ["user.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "assignment_round",
        sa.Column("rules", _TEXT, nullable=False),
        sa.Column("turns", _JSON, server_default=_NOTHING, nullable=False),
        sa.PrimaryKeyConstraint("rules", name="pk_assignment_round"),
    )
    _choices()
    _queue()
    _handovers()


def _choices() -> None:
    op.create_table(
        "assignment_choice",
        _id(),
        sa.Column("kind", _TEXT, nullable=False),
        _number("record_id"),
        sa.Column("rules", _TEXT, nullable=False),
        _number("version_id"),
        sa.Column("rule", _TEXT, nullable=False),
        _number("user_id"),
        sa.Column("kept", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("why", _JSON, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assignment_choice"),
        _person("assignment_choice", "user_id", "CASCADE"),
    )
    op.create_index("ix_assignment_choice_record", "assignment_choice", ["kind", "record_id", "id"])
    op.create_index("ix_assignment_choice_today", "assignment_choice", ["rules", "user_id", "at"])


def _queue() -> None:
    op.create_table(
        "assignment_queue",
        _id(),
        sa.Column("kind", _TEXT, nullable=False),
        _number("record_id"),
        sa.Column("rules", _TEXT, nullable=False),
        sa.Column("why", _JSON, nullable=False),
        sa.Column("team", _TEXT, nullable=True),
        _number("was_owner_id", nullable=True),
        sa.Column("queued_at", _INSTANT, nullable=False),
        sa.Column("look_again_at", _INSTANT, nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("told_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_assignment_queue"),
        _person("assignment_queue", "was_owner_id", "SET NULL"),
    )
    op.create_index(
        "uq_assignment_queue_record", "assignment_queue", ["kind", "record_id"], unique=True
    )
    op.create_index(
        "ix_assignment_queue_look_again_at", "assignment_queue", ["look_again_at", "id"]
    )
    op.create_index(
        "ix_assignment_queue_untold",
        "assignment_queue",
        ["id"],
        postgresql_where=sa.text("told_at IS NULL"),
    )


def _handovers() -> None:
    op.create_table(
        "handover",
        _id(),
        _number("from_user_id"),
        sa.Column("shares", _JSON, nullable=False),
        sa.Column("note", _TEXT, nullable=True),
        sa.Column("state", _TEXT, server_default="running", nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("given", _JSON, server_default=_NOTHING, nullable=False),
        sa.Column("returned", _JSON, server_default=_NOTHING, nullable=False),
        sa.Column("return_at", _INSTANT, nullable=True),
        _number("created_by", nullable=True),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
        _person("handover", "from_user_id", "CASCADE"),
        _person("handover", "created_by", "SET NULL"),
    )
    op.create_index(
        *("uq_handover_under_way", "handover", ["from_user_id"]),
        unique=True,
        postgresql_where=_UNDER_WAY,
    )
    op.create_index("ix_handover_under_way", "handover", ["id"], postgresql_where=_UNDER_WAY)
    op.create_index(
        *("ix_handover_return_at", "handover", ["return_at"]),
        postgresql_where=sa.text("state = 'done' AND return_at IS NOT NULL"),
    )
    op.create_table(
        "handover_item",
        _number("handover_id"),
        sa.Column("kind", _TEXT, nullable=False),
        _number("record_id"),
        _number("to_user_id"),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("back", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("handover_id", "kind", "record_id", name="pk_handover_item"),
        sa.ForeignKeyConstraint(
            ["handover_id"],
            ["handover.id"],
            name="fk_handover_item_handover_id_handover",
            ondelete="CASCADE",
        ),
        _person("handover_item", "to_user_id", "CASCADE"),
    )


def downgrade() -> None:
    for table in ("handover_item", "handover", "assignment_queue", "assignment_choice"):
        op.drop_table(table)
    op.drop_table("assignment_round")
