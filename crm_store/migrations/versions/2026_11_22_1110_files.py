"""Files that travel with letters, so that a letter and what belongs to it are kept, backed up and
changed together; and the addresses that get proofs. The tables are new, so nothing waits. Contacts
are found by their telephone number, for which an index is built; meanwhile (seconds among millions)
contacts can be read and written to, and not changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_1110"
down_revision = "2026_11_22_1100"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("file_name", _TEXT, nullable=False),
        sa.Column("content_type", _TEXT, nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", _TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stored_file"),
    )
    # Pictures and documents are packed already; packing them again costs time and saves nothing.
    op.execute("ALTER TABLE stored_file ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_index("uq_stored_file_name_version", "stored_file", ["name", "version"], unique=True)
    op.create_index("ix_stored_file_sha256", "stored_file", ["sha256"])
    op.create_table(
        "seed_address",
        sa.Column("address_key", _TEXT, nullable=False),
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("note", _TEXT, nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("added_by", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("address_key", name="pk_seed_address"),
    )
    op.create_index(
        "ix_contact_phone", "contact", ["phone"], postgresql_where=sa.text("phone IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_contact_phone", "contact")
    op.drop_table("seed_address")
    op.drop_table("stored_file")
