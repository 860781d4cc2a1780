"""Sources with a mapping and other signatures, public forms, and what could not be taken.

A source's documents were read by three places and nothing else; `hook_source.mapping` says what
each becomes, and `signature` how its sender signs. `public_form` holds the forms that anybody may
send. `dead_letter` keeps what was refused, so that it can be mended and taken after all, where
before it was only told to a sender who had often stopped listening. A write key that is kept on
servers may be allowed to make two contacts one (`may_merge`).

New columns have constant defaults, so no row is rewritten.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_23_1250"
down_revision = "2026_11_23_1240"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_NOW = sa.text("now()")


def upgrade() -> None:
    op.add_column(
        "hook_source", sa.Column("signature", _TEXT, server_default="standard", nullable=False)
    )
    op.add_column("hook_source", sa.Column("signature_header", _TEXT, nullable=True))
    op.add_column("hook_source", sa.Column("mapping", JSONB(none_as_null=True), nullable=True))
    op.add_column(
        "write_key",
        sa.Column("may_merge", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    _public_form()
    _dead_letter()


def _public_form() -> None:
    op.create_table(
        "public_form",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("document", JSONB(none_as_null=True), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_public_form"),
        sa.UniqueConstraint("name", name="uq_public_form_name"),
    )


def _dead_letter() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("door", _TEXT, nullable=False),
        sa.Column("code", _TEXT, nullable=False),
        sa.Column("message", _TEXT, nullable=False),
        sa.Column("problems", JSONB(none_as_null=True), nullable=False),
        sa.Column("message_id", _TEXT, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", _TEXT, nullable=False),
        sa.Column("cut", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("seen", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("state", _TEXT, server_default="waiting", nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("settled_by", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letter"),
        sa.CheckConstraint(
            "state IN ('waiting', 'replayed', 'dropped')", name="ck_dead_letter_state"
        ),
    )
    op.create_index(
        "uq_dead_letter_source_digest", "dead_letter", ["source", "digest"], unique=True
    )
    op.create_index("ix_dead_letter_state", "dead_letter", ["state", "id"])
    op.create_index(
        "ix_dead_letter_source",
        "dead_letter",
        ["source", "code", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("dead_letter")
    op.drop_table("public_form")
    op.drop_column("write_key", "may_merge")
    for column in ("mapping", "signature_header", "signature"):
        op.drop_column("hook_source", column)
