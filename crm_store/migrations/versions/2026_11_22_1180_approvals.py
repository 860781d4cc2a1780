"""Approvals by chains: several levels, many voices, any subject.

A request was of one level and of a run alone. It gets the machine's state as a document, the chain
it began with, and what it is about; voices, decisions and comments get tables of their own. Open
requests of runs become chains of one level, with the same approvers and the same deadline, and can
be answered on; their clocks are found by the sweep. Requests are few (what people decide), so they
are rewritten in one go. Going back keeps those of runs, and what was decided about them.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1180"
down_revision = "2026_11_22_1170"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_TABLE = "approval_request"
_OPEN = "status = ANY (ARRAY['open'::text, 'held'::text, 'returned'::text])"
# What a request without a chain is decided by from now on; admins, should all approvers leave.
_ONE_LEVEL = '{"calendar": "none", "levels": [{"key": "asked", "approvers": [{"role": "admin"}]}]}'


def upgrade() -> None:
    _voices()
    _new_columns()
    op.execute(_FILLED)
    op.execute(_SEATS)
    op.execute(_DECISIONS)
    op.execute(
        "INSERT INTO clock (kind, entity_id, due_at)"  # noqa: S608 - a constant
        f" SELECT 'approval', id, deadline FROM approval_request WHERE {_OPEN}"
    )
    for column in ("key", "subject_kind", "subject_id", "status", "state"):
        op.alter_column(_TABLE, column, nullable=False)
    for column in ("run_id", "contact_id", "deadline"):
        op.alter_column(_TABLE, column, nullable=True)
    op.drop_index("ix_approval_request_open", _TABLE)
    for column in (
        *("effect_id", "flow_id", "node", "visit", "approver_ids"),
        *("decision", "decided_by_id", "decided_at", "comment"),
    ):
        op.drop_column(_TABLE, column)
    _indexes()


def downgrade() -> None:
    op.execute("DELETE FROM clock WHERE kind = 'approval'")
    op.execute(
        "DELETE FROM approval_request WHERE subject_kind <> 'run' OR details->>'effect' IS NULL"
        " OR NOT EXISTS (SELECT FROM effect e WHERE e.id = (details->>'effect')::bigint)"
    )
    for index in ("key", "subject", "requester_id", "record", "open"):
        prefix = "uq" if index == "key" else "ix"
        op.drop_index(f"{prefix}_approval_request_{index}", _TABLE)
    for name, kind in _OLD_COLUMNS:
        op.add_column(_TABLE, sa.Column(name, kind))
    op.execute(_FILLED_BACK)
    for name in ("effect_id", "flow_id", "node", "visit", "approver_ids"):
        op.alter_column(_TABLE, name, nullable=False)
    for name in ("run_id", "contact_id", "deadline"):
        op.alter_column(_TABLE, name, nullable=False)
    op.drop_constraint("fk_approval_request_definition_version_id_definition_version", _TABLE)
    for name in _NEW_COLUMNS:
        op.drop_column(_TABLE, name)
    op.alter_column(_TABLE, "requester_id", new_column_name="asked_for_id")
    op.execute(_RENAME.format("requester_id", "asked_for_id"))
    op.alter_column(_TABLE, "opened_at", new_column_name="asked_at")
    for name, target, action in (
        ("effect_id", "effect", "CASCADE"),
        ("decided_by_id", "user", "SET NULL"),
    ):
        op.create_foreign_key(
            f"fk_approval_request_{name}_{target}", _TABLE, target, [name], ["id"], ondelete=action
        )
    op.create_index("uq_approval_request_effect_id", _TABLE, ["effect_id"], unique=True)
    op.create_index(
        "ix_approval_request_open", _TABLE, ["id"], postgresql_where=sa.text("decision IS NULL")
    )
    for table in ("approval_comment", "approval_decision", "approval_seat", "publish_rule"):
        op.drop_table(table)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _refers(table: str, column: str, target: str, on_delete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=on_delete)


def _voices() -> None:
    op.create_table(
        "approval_seat",
        _id(),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("seat", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("level", _TEXT, nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger()),
        sa.Column("vote", _TEXT),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("voted_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_approval_seat"),
        _refers("approval_seat", "request_id", _TABLE, "CASCADE"),
        _refers("approval_seat", "holder_id", "user", "CASCADE"),
        _refers("approval_seat", "by_id", "user", "SET NULL"),
    )
    op.create_index(
        "uq_approval_seat_request_id_seat", "approval_seat", ["request_id", "seat"], unique=True
    )
    op.create_index(
        "ix_approval_seat_holder_id",
        "approval_seat",
        ["holder_id"],
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "approval_decision",
        _id(),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("level", _TEXT, nullable=False),
        sa.Column("seat", sa.BigInteger()),
        sa.Column("by_id", sa.BigInteger()),
        sa.Column("verb", _TEXT, nullable=False),
        sa.Column("comment", _TEXT),
        sa.Column("door", _TEXT, nullable=False),
        sa.Column("answer_id", _TEXT),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval_decision"),
        _refers("approval_decision", "request_id", _TABLE, "CASCADE"),
        _refers("approval_decision", "by_id", "user", "SET NULL"),
    )
    op.create_index("ix_approval_decision_request_id", "approval_decision", ["request_id", "id"])
    op.create_index(
        "uq_approval_decision_answer_id", "approval_decision", ["answer_id"], unique=True
    )
    op.create_table(
        "approval_comment",
        _id(),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger()),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column(
            "file_ids",
            postgresql.ARRAY(sa.BigInteger()),
            server_default=sa.text("'{}'::bigint[]"),
            nullable=False,
        ),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval_comment"),
        _refers("approval_comment", "request_id", _TABLE, "CASCADE"),
        _refers("approval_comment", "by_id", "user", "SET NULL"),
    )
    op.create_index("ix_approval_comment_request_id", "approval_comment", ["request_id", "id"])
    op.create_table(
        "publish_rule",
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("chain", _TEXT, nullable=False),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_publish_rule"),
    )


def _new_columns() -> None:
    op.alter_column(_TABLE, "asked_for_id", new_column_name="requester_id")
    op.execute(_RENAME.format("asked_for_id", "requester_id"))
    op.alter_column(_TABLE, "asked_at", new_column_name="opened_at")
    empty = sa.text("''")
    document = postgresql.JSONB()
    columns: tuple[sa.Column[Any], ...] = (
        *(sa.Column(name, _TEXT) for name in ("key", "subject_kind", "record_kind", "chain")),
        *(sa.Column(name, sa.BigInteger()) for name in ("subject_id", "record_id", "owner_id")),
        sa.Column("definition_version_id", sa.BigInteger()),
        sa.Column("document", document),
        sa.Column("title_zh", _TEXT, server_default=empty, nullable=False),
        sa.Column("body_zh", _TEXT, server_default=empty, nullable=False),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.Column("currency", _TEXT),
        sa.Column("facts", document, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("details", document, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column(
            "editable_fields",
            postgresql.ARRAY(_TEXT),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column("status", _TEXT),
        sa.Column("state", document),
        sa.Column("ended_at", _INSTANT),
    )
    for column in columns:
        op.add_column(_TABLE, column)
    for name, target, action in (
        ("owner_id", "user", "SET NULL"),
        ("definition_version_id", "definition_version", "RESTRICT"),
    ):
        op.create_foreign_key(
            f"fk_approval_request_{name}_{target}", _TABLE, target, [name], ["id"], ondelete=action
        )


def _indexes() -> None:
    op.create_index("uq_approval_request_key", _TABLE, ["key"], unique=True)
    op.create_index("ix_approval_request_subject", _TABLE, ["subject_kind", "subject_id"])
    op.create_index("ix_approval_request_requester_id", _TABLE, ["requester_id"])
    op.create_index(
        "ix_approval_request_record",
        _TABLE,
        ["record_kind", "record_id"],
        postgresql_where=sa.text(_OPEN),
    )
    op.create_index("ix_approval_request_open", _TABLE, ["id"], postgresql_where=sa.text(_OPEN))


_RENAME = (
    "ALTER TABLE approval_request RENAME CONSTRAINT fk_approval_request_{}_user"
    " TO fk_approval_request_{}_user"
)
_NEW_COLUMNS = (
    *("key", "subject_kind", "subject_id", "record_kind", "record_id", "owner_id", "chain"),
    *("definition_version_id", "document", "title_zh", "body_zh", "amount_minor", "currency"),
    *("facts", "details", "editable_fields", "status", "state", "ended_at"),
)
_OLD_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("effect_id", sa.BigInteger()),
    ("flow_id", sa.BigInteger()),
    ("node", _TEXT),
    ("visit", sa.BigInteger()),
    ("approver_ids", postgresql.ARRAY(sa.BigInteger())),
    ("decision", _TEXT),
    ("decided_by_id", sa.BigInteger()),
    ("decided_at", _INSTANT),
    ("comment", _TEXT),
)
_FILLED = f"""
UPDATE approval_request q
SET key = 'effect:' || q.effect_id, subject_kind = 'run', subject_id = q.run_id,
    owner_id = q.requester_id,
    document = '{_ONE_LEVEL}'::jsonb,
    details = jsonb_build_object('effect', q.effect_id, 'flow', q.flow_id, 'node', q.node,
                                 'visit', q.visit),
    status = now.status,
    ended_at = CASE WHEN now.status = 'open' THEN NULL ELSE coalesce(q.decided_at, q.deadline) END,
    state = jsonb_build_object(
        'status', now.status, 'path', '["asked"]'::jsonb, 'at', 0, 'round', 1,
        'seats', CASE WHEN now.status = 'open' THEN seats.seats ELSE '[]'::jsonb END,
        'next_seat', coalesce(array_length(q.approver_ids, 1), 0) + 1,
        'watch', jsonb_build_object('spent_us', 0, 'running_since',
            to_char(q.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')),
        'reminded', 0, 'question', NULL, 'why', NULL, 'agreed', false,
        'deadline', to_char(q.deadline AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        'by', CASE WHEN q.decided_by_id IS NULL THEN '[]'::jsonb
                   ELSE jsonb_build_array(q.decided_by_id) END)
FROM (SELECT a.id,
             CASE WHEN a.decision IS NOT NULL THEN a.decision
                  WHEN r.state <> 'ended' AND r.node = a.node AND r.visit = a.visit THEN 'open'
                  ELSE 'cancelled' END AS status
      FROM approval_request a JOIN run r ON r.id = a.run_id) AS now,
     LATERAL (SELECT coalesce(jsonb_agg(jsonb_build_object(
                  'id', p.place, 'holder', p.person, 'weight', 1, 'veto', false, 'deputy', NULL,
                  'had', '[]'::jsonb, 'told', jsonb_build_array(p.person), 'vote', NULL,
                  'by', NULL) ORDER BY p.place), '[]'::jsonb) AS seats
              FROM approval_request b, unnest(b.approver_ids) WITH ORDINALITY p(person, place)
              WHERE b.id = now.id AND p.person IS DISTINCT FROM b.requester_id) AS seats
WHERE now.id = q.id
"""  # noqa: S608 - constants
_SEATS = """
INSERT INTO approval_seat (request_id, seat, round, level, holder_id, open, asked_at)
SELECT q.id, (s->>'id')::bigint, 1, 'asked', u.id, true, q.opened_at
FROM approval_request q, jsonb_array_elements(q.state->'seats') s
JOIN "user" u ON u.id = (s->>'holder')::bigint
"""
_DECISIONS = """
INSERT INTO approval_decision (request_id, round, level, by_id, verb, comment, door, at)
SELECT id, 1, 'asked', decided_by_id,
       CASE decision WHEN 'approved' THEN 'approve' ELSE 'reject' END, comment, 'earlier',
       coalesce(decided_at, opened_at)
FROM approval_request WHERE decision IS NOT NULL
"""
_FILLED_BACK = """
UPDATE approval_request q
SET effect_id = (details->>'effect')::bigint, flow_id = (details->>'flow')::bigint,
    node = details->>'node', visit = (details->>'visit')::bigint,
    approver_ids = ARRAY(SELECT holder_id FROM approval_seat s WHERE s.request_id = q.id
                         ORDER BY s.seat),
    deadline = coalesce(deadline, 'infinity'),
    decision = CASE WHEN status IN ('approved', 'rejected') THEN status END,
    decided_at = CASE WHEN status IN ('approved', 'rejected') THEN ended_at END,
    decided_by_id = (SELECT by_id FROM approval_decision d WHERE d.request_id = q.id
                     AND d.verb IN ('approve', 'reject') ORDER BY d.id DESC LIMIT 1),
    comment = (SELECT comment FROM approval_decision d WHERE d.request_id = q.id
               AND d.verb IN ('approve', 'reject') ORDER BY d.id DESC LIMIT 1)
"""
