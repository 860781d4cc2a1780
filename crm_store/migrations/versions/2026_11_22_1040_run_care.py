"""Paused nodes, merged contacts, erased ones

A paused node holds the people who stand on it: the flow names it, and a run that fell due there
keeps its time apart (`paused_due`), so that nobody looks at it again and again while it waits.

Two contacts that were one leave a row behind: links in letters name a contact by number for years.

An erased contact leaves figures behind and nothing personal: messages stay without a contact, and
of the address only a salted hash, by which it is known again and not written to. The salt is this
installation's own. All of it is added beside what is there; no row is rewritten.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1040"
down_revision = "2026_11_22_1030"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NOBODYS_MESSAGE = "fk_message_contact_id_contact"

# The salt is drawn once, from two random UUIDs: 244 bits.
SALT = """
INSERT INTO erasure_salt (salt)
SELECT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
"""
# In plpgsql, because a function in SQL that is not folded into its query costs several times more.
ERASED_KEY = """
CREATE FUNCTION erased_key(address text) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    secret text;
BEGIN
    SELECT salt INTO secret FROM erasure_salt;
    RETURN 'erased:' || encode(sha256(convert_to(secret || address, 'UTF8')), 'hex');
END $$
"""


def upgrade() -> None:
    op.add_column(
        "flow",
        sa.Column(
            "paused_nodes",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
    )
    op.add_column("run", sa.Column("paused_due", INSTANT, nullable=True))
    op.create_index(
        "ix_run_paused",
        "run",
        ["flow_id", "node"],
        postgresql_where=sa.text("paused_due IS NOT NULL"),
    )
    op.create_table(
        "merged_contact",
        sa.Column("lost_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("merged_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["kept_id"],
            ["contact.id"],
            name=op.f("fk_merged_contact_kept_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("lost_id", name=op.f("pk_merged_contact")),
    )
    op.create_index("ix_merged_contact_kept_id", "merged_contact", ["kept_id"])
    op.create_table(
        "erasure_salt",
        sa.Column("salt", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("salt", name=op.f("pk_erasure_salt")),
    )
    op.execute(SALT)
    op.execute(ERASED_KEY)
    op.alter_column("message", "contact_id", nullable=True)
    _message_outlives_contact("SET NULL")


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE contact_id IS NULL")
    op.alter_column("message", "contact_id", nullable=False)
    _message_outlives_contact("CASCADE")
    op.execute("DROP FUNCTION erased_key(text)")
    op.drop_table("erasure_salt")
    op.drop_table("merged_contact")
    # whoever waited at a paused node is due again
    op.execute(
        "UPDATE run SET due_at = coalesce(due_at, paused_due) "
        "WHERE paused_due IS NOT NULL AND state = 'active'"
    )
    op.drop_index("ix_run_paused", "run")
    op.drop_column("run", "paused_due")
    op.drop_column("flow", "paused_nodes")


def _message_outlives_contact(on_delete: str) -> None:
    """Rows were checked when they were written, so they are not all read again."""
    op.drop_constraint(NOBODYS_MESSAGE, "message", type_="foreignkey")
    op.create_foreign_key(
        NOBODYS_MESSAGE,
        "message",
        "contact",
        ["contact_id"],
        ["id"],
        ondelete=on_delete,
        postgresql_not_valid=True,
    )
