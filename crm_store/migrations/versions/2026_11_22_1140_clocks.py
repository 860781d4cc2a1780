"""Clocks of open things, answers to them, and notices that no flow asked for.

An open deal, approval, escalation or ticket is looked at when its time comes, by a workflow that
knows nothing but that time: the row is what is true, so that no lost poke and no lost Temporal
database loses a promise. Answers are written before they are acted on, so that the same one given
twice counts once. Notices get a key (told once), what they are about, and deliveries of their own
with a lease; people say by which channel they hear of what is urgent. The new columns of `notice`
may be empty or have a constant default, so no row is rewritten.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1140"
down_revision = "2026_11_22_1130"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _clocks()
    _answers()
    _notices()


def _clocks() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("clock_revision", data_type=sa.BigInteger())))
    op.create_table(
        "clock",
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("entity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", _INSTANT),
        sa.Column("hosted_at", _INSTANT),
        sa.Column(
            "revision",
            sa.BigInteger(),
            server_default=sa.text("nextval('clock_revision')"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("kind", "entity_id", name="pk_clock"),
        # what changes is written anew again and again, and finds room for it on its page
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "ix_clock_due_at", "clock", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index(
        "ix_clock_unhosted", "clock", ["revision"], postgresql_where=sa.text("hosted_at IS NULL")
    )


def _answers() -> None:
    op.create_table(
        "given_answer",
        sa.Column("answer_id", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger()),
        sa.Column("verb", _TEXT, nullable=False),
        sa.Column("given", postgresql.JSONB(), nullable=False),
        sa.Column("door", _TEXT, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("code", _TEXT),
        sa.Column("message", _TEXT),
        sa.Column("details", postgresql.JSONB()),
        sa.Column("answered_at", _INSTANT),
        sa.PrimaryKeyConstraint("answer_id", name="pk_given_answer"),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name="fk_given_answer_by_id_user", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_given_answer_kind_entity_id", "given_answer", ["kind", "entity_id"])
    op.create_index("ix_given_answer_by_id", "given_answer", ["by_id"])


def _notices() -> None:
    op.add_column("notice", sa.Column("key", _TEXT))
    op.add_column("notice", sa.Column("subject_kind", _TEXT))
    op.add_column("notice", sa.Column("subject_id", sa.BigInteger()))
    for name, default in (("urgency", "normal"), ("path", ""), ("action_path", "")):
        op.add_column("notice", sa.Column(name, _TEXT, server_default=default, nullable=False))
    op.create_index("uq_notice_key_user_id", "notice", ["key", "user_id"], unique=True)
    op.create_index("ix_notice_subject", "notice", ["subject_kind", "subject_id"])
    op.create_table(
        "notice_way",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("urgency", _TEXT, nullable=False),
        sa.Column("channel", _TEXT, nullable=False),
        sa.Column("address", _TEXT),
        sa.PrimaryKeyConstraint("user_id", "urgency", "channel", name="pk_notice_way"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_notice_way_user_id_user", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "notice_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", _TEXT),
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("provider_key", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("reason", _TEXT),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("claimed_by", _TEXT),
        sa.Column("lease_until", _INSTANT),
        sa.Column("answered_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_notice_delivery"),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notice.id"],
            name="fk_notice_delivery_notice_id_notice",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_notice_delivery_notice_id", "notice_delivery", ["notice_id"])
    op.create_index(
        "ix_notice_delivery_waiting",
        "notice_delivery",
        ["due_at", "id"],
        postgresql_where=sa.text("state IN ('waiting', 'handing_over')"),
    )
    op.create_index(
        "uq_notice_delivery_provider_key", "notice_delivery", ["provider_key"], unique=True
    )


def downgrade() -> None:
    op.drop_table("notice_delivery")
    op.drop_table("notice_way")
    # a row of the time after would say to the release before that a flow asked for it
    op.execute("DELETE FROM notice WHERE key IS NOT NULL")
    op.drop_index("ix_notice_subject", table_name="notice")
    op.drop_index("uq_notice_key_user_id", table_name="notice")
    for name in ("action_path", "path", "urgency", "subject_id", "subject_kind", "key"):
        op.drop_column("notice", name)
    op.drop_table("given_answer")
    op.drop_table("clock")
    op.execute(sa.schema.DropSequence(sa.Sequence("clock_revision")))
