"""Outgoing webhooks, and an audit that can be checked.

Systems that subscribe to events get a delivery for each in the statement that writes the event, by
a trigger: no door can forget it, and nothing is lost between two rows. The audit learns through
which door a change came and in which request, refuses to be changed, and gets a chain: rows wait in
`audit_pending` and are sealed in batches, so that those who write them do not wait for each other.
Rows from before are sealed too. Columns are added without a default, so a large audit is not
rewritten. Going back forgets subscriptions, deliveries and seals; the audit's rows stay.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_1260"
down_revision = "2026_11_23_1250"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)

_DELIVER = """
CREATE FUNCTION event_delivered_to_webhooks() RETURNS trigger LANGUAGE plpgsql SET jit = off AS $$
BEGIN
    IF EXISTS (SELECT FROM webhook_subscription WHERE enabled) THEN
        INSERT INTO webhook_delivery
            (subscription_id, event_id, message_id, type, state, due_at, created_at)
        SELECT s.id, b.id, 'msg_' || replace(gen_random_uuid()::text, '-', ''), b.name,
               CASE WHEN s.rule IS NULL THEN 'waiting' ELSE 'unchecked' END,
               b.received_at, b.received_at
        FROM born b JOIN webhook_subscription s
            ON s.enabled AND s.event_types && ARRAY[b.name, '*']
        ORDER BY b.id, s.id;
    END IF;
    RETURN NULL;
END $$
"""

_WAIT_FOR_SEAL = """
CREATE FUNCTION audit_waits_for_seal() RETURNS trigger LANGUAGE plpgsql SET jit = off AS $$
BEGIN
    INSERT INTO audit_pending (audit_id) SELECT id FROM written;
    RETURN NULL;
END $$
"""

# `cadenza.audit` is set by retention and by erasing, for their own transaction.
_REFUSE = """
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF COALESCE(current_setting('cadenza.audit', true), '') <> lower(TG_OP) THEN
        RAISE EXCEPTION 'rows of the audit are only ever added'
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Retention removes old days as a whole; see docs/audit.md.';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    _subscriptions()
    _deliveries()
    op.execute(_DELIVER)
    op.execute(
        "CREATE TRIGGER event_delivered_to_webhooks AFTER INSERT ON event REFERENCING NEW TABLE AS"
        " born FOR EACH STATEMENT EXECUTE FUNCTION event_delivered_to_webhooks()"
    )
    _audit()


def downgrade() -> None:
    for function in (
        "audit_is_only_added_to",
        "audit_waits_for_seal",
        "event_delivered_to_webhooks",
    ):
        # the triggers of the function go with it
        op.execute(f"DROP FUNCTION {function}() CASCADE")
    for table in ("audit_pending", "audit_seal", "audit_day"):
        op.drop_table(table)
    for index in ("ix_audit_verb", "ix_audit_kind", "ix_audit_actor"):
        op.drop_index(index, "audit")
    for column in ("cleared_at", "request_id", "door"):
        op.drop_column("audit", column)
    for table in ("webhook_attempt", "webhook_delivery", "webhook_subscription"):
        op.drop_table(table)


def _subscriptions() -> None:
    op.create_table(
        "webhook_subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("url", _TEXT, nullable=False),
        sa.Column("event_types", postgresql.ARRAY(_TEXT), nullable=False),
        sa.Column("rule", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reason", _TEXT, server_default=sa.text("'new'"), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("secret", _TEXT, nullable=False),
        sa.Column("previous_secret", _TEXT, nullable=True),
        sa.Column("previous_until", _INSTANT, nullable=True),
        sa.Column("per_second", sa.BigInteger(), server_default=sa.text("50"), nullable=False),
        sa.Column("concurrency", sa.BigInteger(), server_default=sa.text("4"), nullable=False),
        sa.Column("tokens", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("tokens_at", _INSTANT, nullable=True),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failing_since", _INSTANT, nullable=True),
        sa.Column("resting_until", _INSTANT, nullable=True),
        sa.Column("delivered_at", _INSTANT, nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_subscription")),
        sa.UniqueConstraint("name", name=op.f("uq_webhook_subscription_name")),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user.id"],
            name=op.f("fk_webhook_subscription_owner_id_user"),
            ondelete="SET NULL",
        ),
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", _TEXT, nullable=False),
        sa.Column("type", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("claimed_by", _TEXT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("code", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["webhook_subscription.id"],
            name=op.f("fk_webhook_delivery_subscription_id_webhook_subscription"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_webhook_delivery_event_id_event"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "uq_webhook_delivery_event_id",
        "webhook_delivery",
        ["event_id", "subscription_id"],
        unique=True,
    )
    op.create_index(
        "ix_webhook_delivery_subscription_id", "webhook_delivery", ["subscription_id", "id"]
    )
    for name, columns, where in (
        ("waiting", ["subscription_id", "due_at", "id"], "state = 'waiting'"),
        ("unchecked", ["id"], "state = 'unchecked'"),
        ("handing_over", ["subscription_id", "lease_until"], "state = 'handing_over'"),
        ("failed", ["subscription_id", "id"], "state = 'failed'"),
        ("ended_at", ["ended_at"], "ended_at IS NOT NULL"),
    ):
        op.create_index(
            f"ix_webhook_delivery_{name}",
            "webhook_delivery",
            columns,
            postgresql_where=sa.text(where),
        )
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("code", _TEXT, nullable=False),
        sa.Column("answer", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempt")),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["webhook_delivery.id"],
            name=op.f("fk_webhook_attempt_delivery_id_webhook_delivery"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_webhook_attempt_delivery_id", "webhook_attempt", ["delivery_id", "id"])


def _audit() -> None:
    op.add_column("audit", sa.Column("door", _TEXT, nullable=True))
    op.add_column("audit", sa.Column("request_id", _TEXT, nullable=True))
    op.add_column("audit", sa.Column("cleared_at", _INSTANT, nullable=True))
    op.create_index("ix_audit_actor", "audit", ["actor_kind", "actor_id", "at", "id"])
    op.create_index("ix_audit_kind", "audit", ["subject_kind", "at", "id"])
    op.create_index("ix_audit_verb", "audit", ["verb", "at", "id"])
    op.create_table(
        "audit_pending",
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "audit_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins_with", _TEXT, nullable=False),
        sa.Column("head", _TEXT, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_day")),
    )
    op.create_table(
        "audit_seal",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("content", _TEXT, nullable=False),
        sa.Column("seal", _TEXT, nullable=False),
        sa.Column("sealed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", "number", name=op.f("pk_audit_seal")),
    )
    op.create_index("uq_audit_seal_audit_id", "audit_seal", ["audit_id"], unique=True)
    op.execute("INSERT INTO audit_pending (audit_id) SELECT id FROM audit")
    op.execute(_WAIT_FOR_SEAL)
    op.execute(
        "CREATE TRIGGER audit_waits_for_seal AFTER INSERT ON audit REFERENCING NEW TABLE AS"
        " written FOR EACH STATEMENT EXECUTE FUNCTION audit_waits_for_seal()"
    )
    op.execute(_REFUSE)
    op.execute(
        "CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
    )
