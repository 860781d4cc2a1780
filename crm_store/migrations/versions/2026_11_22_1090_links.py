"""Where links of letters lead, and what people choose for themselves.

Opens and clicks were known only where a provider told of them, a contact could stop all marketing
or nothing, and a yes could not be confirmed by the address it was given for. `link` holds the
targets that click links may lead to; one that only a single contact ever got goes with the contact.
`topic` and `contact_preference` hold what can be chosen and what was, `consent_request` a yes that
waits for its confirmation. All are new; `consent` gets a column without a default, so no row of it
is written.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1090"
down_revision = "2026_11_22_1080"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "link",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_link_contact_id_contact", ondelete="CASCADE"
        ),
    )
    op.create_index("uq_link_digest", "link", ["digest"], unique=True)
    op.create_index(
        "ix_link_contact_id",
        "link",
        ["contact_id"],
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_table(
        "topic",
        sa.Column("slug", _TEXT, nullable=False),
        sa.Column("label", _TEXT, nullable=False),
        sa.Column("label_zh", _TEXT, nullable=True),
        sa.Column("help", _TEXT, nullable=True),
        sa.Column("help_zh", _TEXT, nullable=True),
        sa.Column("purpose", _TEXT, server_default="marketing", nullable=False),
        sa.Column("medium", _TEXT, nullable=True),
        sa.Column("default_on", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "frequencies", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_topic"),
    )
    op.create_table(
        "contact_preference",
        sa.Column("contact_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("frequency", _TEXT, server_default="every", nullable=False),
        sa.Column("unmeasured", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "topics", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("updated_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_contact_preference"),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name="fk_contact_preference_contact_id_contact",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "consent_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", _TEXT, nullable=False),
        sa.Column("purpose", _TEXT, nullable=False),
        sa.Column(
            "topics", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("text_version", _TEXT, nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_consent_request"),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name="fk_consent_request_contact_id_contact",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_consent_request_contact_id", "consent_request", ["contact_id", "id"])
    op.add_column("consent", sa.Column("evidence", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("consent", "evidence")
    op.drop_table("consent_request")
    op.drop_table("contact_preference")
    op.drop_table("topic")
    op.drop_table("link")
