"""Definitions: pipelines, approval chains, escalation policies and assignment rules, by version.

How work is done was partly written in flows and partly nowhere. A definition is a document with a
name; each publishing adds a version, and whatever began under a version stays with it, so the
database refuses to change one. Both tables are new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1130"
down_revision = "2026_11_22_1120"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "definition",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("label", _TEXT, nullable=False),
        sa.Column("state", _TEXT, server_default="active", nullable=False),
        sa.Column("current_version_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("updated_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_definition"),
    )
    op.create_index("uq_definition_kind_name", "definition", ["kind", "name"], unique=True)
    op.create_table(
        "definition_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", _TEXT, nullable=False),
        sa.Column("label", _TEXT, nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("note", _TEXT, nullable=True),
        sa.Column("published_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_definition_version"),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["definition.id"],
            name="fk_definition_version_definition_id_definition",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["user.id"],
            name="fk_definition_version_published_by_user",
            ondelete="SET NULL",
        ),
    )
    for column in ("number", "hash"):
        op.create_index(
            f"uq_definition_version_{column}",
            "definition_version",
            ["definition_id", column],
            unique=True,
        )
    op.execute(
        """
        CREATE FUNCTION refuse_definition_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a published version of a definition is never changed';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER never_changed BEFORE UPDATE OF definition_id, number, hash, label, "
        "document, source ON definition_version "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_definition_change()"
    )


def downgrade() -> None:
    op.drop_table("definition_version")
    op.execute("DROP FUNCTION refuse_definition_change()")
    op.drop_table("definition")
