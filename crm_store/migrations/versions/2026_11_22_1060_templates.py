"""Message templates that people write in the program.

Templates were files and nothing else, so a changed word needed a release and nobody could say later
which text a letter was written from. Drafts and their published versions get tables of their own,
and a message remembers the version it was written from. The new column may be null and has no
default, so a large `message` table is neither rewritten nor locked for long.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1060"
down_revision = "2026_11_22_1050"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_NOW = sa.text("now()")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "message_template",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("state", _TEXT, server_default="draft", nullable=False),
        sa.Column("draft", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("published_version_id", sa.BigInteger(), nullable=True),
        sa.Column("change_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_template"),
        sa.UniqueConstraint("name", name="uq_message_template_name"),
    )
    op.create_index("ix_message_template_change_number", "message_template", ["change_number"])
    op.create_table(
        "message_template_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", _TEXT, nullable=False),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.Column(
            "frames", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("checked_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("published_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_message_template_version"),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["message_template.id"],
            name="fk_message_template_version_template_id_message_template",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["user.id"],
            name="fk_message_template_version_published_by_user",
            ondelete="SET NULL",
        ),
    )
    for column in ("number", "hash"):
        op.create_index(
            f"uq_message_template_version_{column}",
            "message_template_version",
            ["template_id", column],
            unique=True,
        )
    op.add_column("message", sa.Column("template_version", _TEXT, nullable=True))


def downgrade() -> None:
    op.drop_column("message", "template_version")
    op.drop_table("message_template_version")
    op.drop_table("message_template")
