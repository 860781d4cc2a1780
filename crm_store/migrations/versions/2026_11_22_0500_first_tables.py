"""First tables

Cadenza begins here: CRM records, events and their queue, flows with their runs, effects and
messages, people who sign in, and the audit.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_0500"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
# Code-point order: what SQL compares, Python compares the same.
WORDS = sa.Text(collation="C")

# `run` and `effect` rows change several times in a short life and `event_pending` is a queue whose
# rows vanish: left to the default (a fifth of the table dead) a driver would read past a million
# dead rows to find ten due ones. So they are cleaned early and without pauses. Room on the page
# (fillfactor) lets a change of unindexed columns stay on its page and spare the indexes.
QUICKLY_CLEANED = {
    "run": "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0",
    "effect": "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0",
    "node_count": "fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05,"
    " autovacuum_vacuum_cost_delay = 0",
    "event_pending": "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,"
    " autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.5",
}

NEWEST_FIRST = (
    "message",
    "event_pending",
    "activity",
    "ticket",
    "order",
    "journal",
    "event",
    "effect",
    "deal",
    "contact_tag",
    "contact_alias",
    "consent",
    "run",
    "node_count",
    "enrolment",
    "contact",
    "sign_in",
    "flow_version",
    "account",
    "user",
    "stage",
    "write_key",
    "team",
    "tag",
    "suppression",
    "segment",
    "role",
    "product",
    "pipeline",
    "flow",
    "custom_field",
    "audit",
)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_kind", WORDS, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", WORDS, nullable=False),
        sa.Column("verb", WORDS, nullable=False),
        sa.Column("subject_kind", WORDS, nullable=False),
        sa.Column("subject_id", WORDS, nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("why", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at", "id"])
    op.create_index("ix_audit_subject", "audit", ["subject_kind", "subject_id", "at"])
    op.create_table(
        "custom_field",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column("label_zh", WORDS, nullable=True),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("options", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
    )
    op.create_index("uq_custom_field_record_key", "custom_field", ["record", "key"], unique=True)
    op.create_table(
        "flow",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column("purpose", WORDS, nullable=False),
        sa.Column("state", WORDS, server_default="draft", nullable=False),
        sa.Column("draft_source", WORDS, nullable=False),
        sa.Column("draft_revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("published_version_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow")),
        sa.UniqueConstraint("name", name=op.f("uq_flow_name")),
    )
    op.create_table(
        "pipeline",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline")),
        sa.UniqueConstraint("key", name=op.f("uq_pipeline_key")),
    )
    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("sku", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("name_key", WORDS, nullable=False),
        sa.Column("family", WORDS, nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", WORDS, nullable=True),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("sku", name=op.f("uq_product_sku")),
    )
    op.create_index("ix_product_name_key", "product", ["name_key"])
    op.create_table(
        "role",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column(
            "permissions", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_role")),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("name", name=op.f("uq_segment_name")),
    )
    op.create_table(
        "suppression",
        sa.Column("channel", WORDS, nullable=False),
        sa.Column("address_key", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address_key", name=op.f("pk_suppression")),
    )
    op.create_table(
        "tag",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("color", WORDS, nullable=True),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tag")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "write_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("prefix", WORDS, nullable=False),
        sa.Column("key_hash", WORDS, nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_write_key_key_hash")),
        sa.UniqueConstraint("source", name=op.f("uq_write_key_source")),
    )
    op.create_table(
        "stage",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("pipeline_id", sa.BigInteger(), nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("probability_percent", sa.BigInteger(), nullable=False),
        sa.Column("forecast_category", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["pipeline.id"],
            name=op.f("fk_stage_pipeline_id_pipeline"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
    )
    op.create_index("uq_stage_pipeline_id_key", "stage", ["pipeline_id", "key"], unique=True)
    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("external_id", WORDS, nullable=True),
        sa.Column("email", WORDS, nullable=True),
        sa.Column("email_key", WORDS, nullable=True),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("name_key", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("manager_id", sa.BigInteger(), nullable=True),
        sa.Column("password_hash", WORDS, nullable=True),
        sa.Column(
            "password_is_one_time", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("credential_epoch", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("language", WORDS, server_default="en", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["manager_id"], ["user.id"], name=op.f("fk_user_manager_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_user_role_role")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_user_team_id_team"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
    )
    op.create_index("ix_user_name_key", "user", ["name_key"])
    op.create_index("uq_user_email_key", "user", ["email_key"], unique=True)
    op.create_index("uq_user_external_id", "user", ["external_id"], unique=True)
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("external_id", WORDS, nullable=True),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("name_key", WORDS, nullable=False),
        sa.Column("domain", WORDS, nullable=True),
        sa.Column("industry", WORDS, nullable=True),
        sa.Column("employee_count", sa.BigInteger(), nullable=True),
        sa.Column("annual_revenue_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", WORDS, nullable=True),
        sa.Column("country", WORDS, nullable=True),
        sa.Column("city", WORDS, nullable=True),
        sa.Column("year_founded", sa.BigInteger(), nullable=True),
        sa.Column("parent_account_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "custom", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_account_owner_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["parent_account_id"],
            ["account.id"],
            name=op.f("fk_account_parent_account_id_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_domain", "account", ["domain"])
    op.create_index("ix_account_name_key", "account", ["name_key"])
    op.create_index("uq_account_external_id", "account", ["external_id"], unique=True)
    op.create_table(
        "flow_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("published_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["flow.id"], name=op.f("fk_flow_version_flow_id_flow"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["user.id"],
            name=op.f("fk_flow_version_published_by_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_version")),
    )
    op.create_index(
        "uq_flow_version_flow_id_hash", "flow_version", ["flow_id", "hash"], unique=True
    )
    op.create_index(
        "uq_flow_version_flow_id_number", "flow_version", ["flow_id", "number"], unique=True
    )
    op.create_table(
        "sign_in",
        sa.Column("token_hash", WORDS, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("credential_epoch", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_sign_in_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
    )
    op.create_index("ix_sign_in_user_id", "sign_in", ["user_id"])
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("external_id", WORDS, nullable=True),
        sa.Column("email", WORDS, nullable=True),
        sa.Column("email_key", WORDS, nullable=True),
        sa.Column("phone", WORDS, nullable=True),
        sa.Column("first_name", WORDS, nullable=True),
        sa.Column("last_name", WORDS, nullable=True),
        sa.Column("name_key", WORDS, server_default="", nullable=False),
        sa.Column("job_title", WORDS, nullable=True),
        sa.Column("language", WORDS, nullable=True),
        sa.Column("country", WORDS, nullable=True),
        sa.Column("city", WORDS, nullable=True),
        sa.Column("time_zone", WORDS, nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("birthday_calendar", WORDS, server_default="gregorian", nullable=False),
        sa.Column("lifecycle_stage", WORDS, server_default="lead", nullable=False),
        sa.Column("lead_status", WORDS, nullable=True),
        sa.Column("source", WORDS, nullable=True),
        sa.Column("score", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "custom", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("last_seen_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_contact_account_id_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_contact_owner_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_account_id", "contact", ["account_id"])
    op.create_index("ix_contact_created_at", "contact", ["created_at", "id"])
    op.create_index("ix_contact_name_key", "contact", ["name_key", "id"])
    op.create_index("ix_contact_owner_id", "contact", ["owner_id"])
    op.create_index(
        "ix_contact_search",
        "contact",
        ["name_key", "email_key"],
        postgresql_using="gin",
        postgresql_ops={"name_key": "gin_trgm_ops", "email_key": "gin_trgm_ops"},
    )
    op.create_index("uq_contact_email_key", "contact", ["email_key"], unique=True)
    op.create_index("uq_contact_external_id", "contact", ["external_id"], unique=True)
    op.create_table(
        "enrolment",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("flow_version_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=True),
        sa.Column("entry_key", WORDS, nullable=False),
        sa.Column("state", WORDS, server_default="running", nullable=False),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("looked_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("entered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["flow.id"], name=op.f("fk_enrolment_flow_id_flow"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["flow_version_id"],
            ["flow_version.id"],
            name=op.f("fk_enrolment_flow_version_id_flow_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_index("ix_enrolment_flow_id", "enrolment", ["flow_id"])
    op.create_table(
        "node_count",
        sa.Column("flow_version_id", sa.BigInteger(), nullable=False),
        sa.Column("node", WORDS, nullable=False),
        sa.Column("exit", WORDS, nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_version_id"],
            ["flow_version.id"],
            name=op.f("fk_node_count_flow_version_id_flow_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "flow_version_id", "node", "exit", "slot", name=op.f("pk_node_count")
        ),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("flow_version_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", WORDS, server_default="contact", nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_key", WORDS, nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("state", WORDS, server_default="active", nullable=False),
        sa.Column("node", WORDS, nullable=False),
        sa.Column("visit", sa.BigInteger(), nullable=False),
        sa.Column(
            "memo", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column(
            "listens",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column("happening", postgresql.JSONB(), nullable=True),
        sa.Column("entry_event_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", WORDS, nullable=True),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["flow.id"], name=op.f("fk_run_flow_id_flow"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["flow_version_id"],
            ["flow_version.id"],
            name=op.f("fk_run_flow_version_id_flow_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_run_due",
        "run",
        ["flow_id", "shard", "due_at"],
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index("ix_run_flow_id", "run", ["flow_id", "id"])
    op.create_index(
        "ix_run_held", "run", ["flow_id", "id"], postgresql_where=sa.text("state = 'held'")
    )
    op.create_index(
        "ix_run_subject_active",
        "run",
        ["subject_id", "subject_kind"],
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_index(
        "uq_run_flow_subject_entry", "run", ["flow_id", "subject_id", "entry_key"], unique=True
    )
    op.create_table(
        "consent",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", WORDS, nullable=False),
        sa.Column("purpose", WORDS, nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("lawful_basis", WORDS, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("recorded_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_consent_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", "channel", "purpose", name=op.f("pk_consent")),
    )
    op.create_table(
        "contact_alias",
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_contact_alias_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_contact_alias")),
    )
    op.create_index("ix_contact_alias_contact_id", "contact_alias", ["contact_id"])
    op.create_table(
        "contact_tag",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_contact_tag_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag"], ["tag.name"], name=op.f("fk_contact_tag_tag_tag"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "tag", name=op.f("pk_contact_tag")),
    )
    op.create_index("ix_contact_tag_tag", "contact_tag", ["tag", "contact_id"])
    op.create_table(
        "deal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("external_id", WORDS, nullable=True),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("pipeline_id", sa.BigInteger(), nullable=False),
        sa.Column("stage_id", sa.BigInteger(), nullable=False),
        sa.Column("stage_entered_at", INSTANT, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", WORDS, nullable=True),
        sa.Column("forecast_category", WORDS, nullable=False),
        sa.Column("expected_close_on", sa.Date(), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("lost_reason", WORDS, nullable=True),
        sa.Column(
            "custom", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_deal_account_id_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_deal_contact_id_contact"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_deal_owner_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipeline.id"], name=op.f("fk_deal_pipeline_id_pipeline")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_deal_product_id_product"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_deal_stage_id_stage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
    )
    op.create_index("ix_deal_account_id", "deal", ["account_id"])
    op.create_index("ix_deal_contact_id", "deal", ["contact_id"])
    op.create_index("ix_deal_owner_id", "deal", ["owner_id"])
    op.create_index("ix_deal_stage_id", "deal", ["stage_id"])
    op.create_index("uq_deal_external_id", "deal", ["external_id"], unique=True)
    op.create_table(
        "effect",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("node", WORDS, nullable=False),
        sa.Column("visit", sa.BigInteger(), nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("purpose", WORDS, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("ask", postgresql.JSONB(), nullable=False),
        sa.Column("state", WORDS, server_default="pending", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("claimed_by", WORDS, nullable=True),
        sa.Column("receipt", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_effect_run_id_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effect")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_effect_maybe", "effect", ["id"], postgresql_where=sa.text("state = 'maybe_done'")
    )
    op.create_index(
        "ix_effect_open",
        "effect",
        ["shard", "not_before"],
        postgresql_where=sa.text("state in ('pending', 'handing_over')"),
    )
    op.create_index("uq_effect_run_node_visit", "effect", ["run_id", "node", "visit"], unique=True)
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("message_id", WORDS, nullable=False),
        sa.Column("kind", WORDS, server_default="track", nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "properties", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_event_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(
        "ix_event_contact_id_name_occurred_at", "event", ["contact_id", "name", "occurred_at"]
    )
    op.create_index("ix_event_received_at", "event", ["received_at", "id"])
    op.create_index("uq_event_source_message_id", "event", ["source", "message_id"], unique=True)
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("entries", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_journal_run_id_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_run_id", "journal", ["run_id", "id"])
    op.create_table(
        "order",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("external_id", WORDS, nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("status", WORDS, server_default="completed", nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", WORDS, nullable=False),
        sa.Column("item_count", sa.BigInteger(), nullable=True),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_order_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
    )
    op.create_index("ix_order_contact_id_placed_at", "order", ["contact_id", "placed_at"])
    op.create_index("uq_order_external_id", "order", ["external_id"], unique=True)
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("external_id", WORDS, nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("status", WORDS, server_default="new", nullable=False),
        sa.Column("priority", WORDS, server_default="normal", nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("solved_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_ticket_account_id_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_ticket_contact_id_contact"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_ticket_owner_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    op.create_index("ix_ticket_contact_id", "ticket", ["contact_id"])
    op.create_index("uq_ticket_external_id", "ticket", ["external_id"], unique=True)
    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("body", WORDS, nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_activity_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_activity_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deal.id"], name=op.f("fk_activity_deal_id_deal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_activity_owner_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_activity_ticket_id_ticket"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_contact_id", "activity", ["contact_id", "created_at"])
    op.create_index("ix_activity_deal_id", "activity", ["deal_id"])
    op.create_index("ix_activity_owner_id_due_at", "activity", ["owner_id", "due_at"])
    op.create_table(
        "event_pending",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_event_pending_event_id_event"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_pending")),
    )
    op.create_index(
        "ix_event_pending_partition_event_id", "event_pending", ["partition", "event_id"]
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("effect_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("node", WORDS, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", WORDS, nullable=False),
        sa.Column("purpose", WORDS, nullable=False),
        sa.Column("template", WORDS, nullable=False),
        sa.Column("language", WORDS, nullable=True),
        sa.Column("address", WORDS, nullable=True),
        sa.Column("subject", WORDS, nullable=True),
        sa.Column("provider_key", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=True),
        sa.Column("handed_over_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_message_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["effect_id"],
            ["effect.id"],
            name=op.f("fk_message_effect_id_effect"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_contact_id", "message", ["contact_id", "handed_over_at"])
    op.create_index("ix_message_effect_id", "message", ["effect_id"])
    op.create_index("ix_message_flow_id", "message", ["flow_id", "state"])
    op.create_index(
        "ix_message_maybe", "message", ["id"], postgresql_where=sa.text("state = 'maybe_sent'")
    )
    op.create_index("uq_message_provider_key", "message", ["provider_key"], unique=True)
    for table, settings in QUICKLY_CLEANED.items():
        op.execute(f"ALTER TABLE {table} SET ({settings})")


def downgrade() -> None:
    """The extension stays: others may use it, and it holds no rows."""
    for table in NEWEST_FIRST:
        op.drop_table(table)
