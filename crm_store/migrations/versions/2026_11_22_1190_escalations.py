"""Cases of anything, not of runs alone, with a policy, a state, a log, and duty that is swapped.

A case was told about by a step of a flow, level for level. Now the case itself has a policy and a
clock, whoever asked; what runs wait for moves to `escalation_ask`. Cases that somebody may still
take up get the levels of their flow's version as their policy and go on where they were; their runs
wait for them without a clock of their own. The table is small (what people were asked, not what was
sent), so it is rewritten at once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1190"
down_revision = "2026_11_22_1180"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)

_OPEN = """
    e.acknowledged_at IS NULL AND r.state <> 'ended' AND r.node = e.node
    AND (r.memo -> 'step' ->> 'case')::bigint = e.visit
"""


# What was asked of the world for the place a run is at, and has no answer yet.
_UNDER_WAY = """
    SELECT 1 FROM effect f WHERE f.run_id = r.id AND f.node = r.node AND f.visit = r.visit
    AND f.kind = 'escalate' AND f.state <> 'done'
"""
# More than any level waits for: its time has come.
_OVERDUE_US = 10 * 366 * 86_400 * 1_000_000


def upgrade() -> None:
    _new_columns()
    _new_tables()
    op.execute(
        """
        INSERT INTO escalation_ask (case_id, key, run_id, node, visit, asked_at, answered_at)
        SELECT e.id, 'flow/' || e.run_id || '/' || e.node || '/' || e.visit, e.run_id, e.node,
               coalesce(r.visit, e.visit), e.opened_at, e.acknowledged_at
        FROM escalation_case e JOIN run r ON r.id = e.run_id
        """
    )
    _open_cases_go_on()
    _asks_get_all_levels()
    _cases_that_are_over()
    for column in (
        "subject_kind",
        "subject_id",
        "policy",
        "title_zh",
        "body_zh",
        "status",
        "state",
    ):
        op.alter_column("escalation_case", column, nullable=False)
    op.drop_index("uq_escalation_case_run_node_visit", "escalation_case")
    op.drop_index("ix_escalation_case_open", "escalation_case")
    for column in ("run_id", "flow_id", "node", "visit"):
        op.drop_column("escalation_case", column)
    op.alter_column("escalation_case", "contact_id", nullable=True)
    _new_indexes()


def _new_columns() -> None:
    for column in (
        sa.Column("subject_kind", _TEXT),
        sa.Column("subject_id", sa.BigInteger()),
        sa.Column("policy", _TEXT),
        sa.Column("fold_key", _TEXT),
        sa.Column(
            "policy_version_id",
            sa.BigInteger(),
            sa.ForeignKey(
                "definition_version.id",
                name="fk_escalation_case_policy_version_id_definition_version",
            ),
        ),
        sa.Column("policy_document", postgresql.JSONB(none_as_null=True)),
        sa.Column("title_zh", _TEXT),
        sa.Column("body_zh", _TEXT),
        sa.Column("path", _TEXT, server_default="", nullable=False),
        sa.Column("urgency", _TEXT, server_default="normal", nullable=False),
        _person("escalation_case", "owner_id"),
        sa.Column("team", _TEXT),
        sa.Column("status", _TEXT),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("held_for", _TEXT),
        sa.Column("state", postgresql.JSONB(none_as_null=True)),
        sa.Column("ended_at", _INSTANT),
        _person("escalation_case", "ended_by_id"),
        sa.Column("comment", _TEXT),
    ):
        op.add_column("escalation_case", column)


def _new_tables() -> None:
    op.create_table(
        "escalation_ask",
        _id(),
        _case("escalation_ask"),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column(
            "run_id",
            sa.BigInteger(),
            sa.ForeignKey("run.id", name="fk_escalation_ask_run_id_run", ondelete="SET NULL"),
        ),
        sa.Column("node", _TEXT),
        sa.Column("visit", sa.BigInteger()),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("answered_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_escalation_ask"),
    )
    op.create_index("uq_escalation_ask_key", "escalation_ask", ["key"], unique=True)
    op.create_index("ix_escalation_ask_case_id", "escalation_ask", ["case_id"])
    op.create_index(
        "ix_escalation_ask_run_id",
        "escalation_ask",
        ["run_id"],
        postgresql_where=sa.text("run_id IS NOT NULL"),
    )
    op.create_table(
        "escalation_step",
        _id(),
        _case("escalation_step"),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("round", sa.BigInteger()),
        sa.Column("level", sa.BigInteger()),
        _person("escalation_step", "user_id"),
        sa.Column("why", _TEXT),
        sa.Column("urgency", _TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_escalation_step"),
    )
    op.create_index("ix_escalation_step_case_id", "escalation_step", ["case_id", "id"])
    op.create_table(
        "duty_override",
        _id(),
        sa.Column("policy", _TEXT, nullable=False),
        sa.Column("rotation", _TEXT, nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column(
            "user_id",
            sa.BigInteger(),
            sa.ForeignKey("user.id", name="fk_duty_override_user_id_user", ondelete="CASCADE"),
            nullable=False,
        ),
        _person("duty_override", "created_by_id"),
        sa.Column("created_at", _INSTANT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_override"),
    )
    op.create_index("ix_duty_override_rotation", "duty_override", ["policy", "rotation", "ends_at"])


def _open_cases_go_on() -> None:
    """The levels come from the version the run is on; the next one's time began with the last. One
    that was asked for and not told yet is told by the case, at once."""
    op.execute(
        f"""
        UPDATE escalation_case e SET
            subject_kind = 'contact', subject_id = e.contact_id,
            policy = 'flow/' || e.flow_id || '/' || e.node,
            policy_document = jsonb_build_object(
                'time', 'clock', 'at_the_end', 'resolve', 'once_taken_up', 'resolve',
                'if_nobody', 'end',
                'wait', coalesce(n.node -> 'settings' ->> 'timeout', '1d'),
                'levels', n.node -> 'settings' -> 'levels'),
            title_zh = e.title, body_zh = e.body, owner_id = c.owner_id, status = 'open',
            state = jsonb_build_object(
                'status', 'open', 'reached', true,
                'next_level', (r.memo -> 'step' ->> 'next')::int
                    - CASE WHEN EXISTS ({_UNDER_WAY}) THEN 1 ELSE 0 END,
                'watch', jsonb_build_object(
                    'spent_us', CASE WHEN EXISTS ({_UNDER_WAY}) THEN {_OVERDUE_US} ELSE 0 END,
                    'running_since', r.memo -> 'step' ->> 'since'))
        FROM run r
        JOIN contact c ON c.id = r.subject_id
        JOIN flow_version v ON v.id = r.flow_version_id
        CROSS JOIN LATERAL (
            SELECT node FROM jsonb_array_elements(v.definition -> 'nodes') AS one(node)
            WHERE node ->> 'id' = r.node LIMIT 1) n
        WHERE r.id = e.run_id AND {_OPEN}
        """  # noqa: S608 - the condition is a constant
    )
    op.execute(
        """
        UPDATE run r SET due_at = NULL FROM escalation_case e
        WHERE r.id = e.run_id AND e.status = 'open' AND r.due_at IS NOT NULL
        """
    )
    # looked at once at the start: the case itself knows when it is due
    op.execute(
        """
        INSERT INTO clock (kind, entity_id, due_at)
        SELECT 'escalation', id, opened_at FROM escalation_case WHERE status = 'open'
        ON CONFLICT DO NOTHING
        """
    )


def _asks_get_all_levels() -> None:
    """One level was asked for at a time, and the run kept the time of the next. The case that is
    opened now has this level, at once, and all after it."""
    op.execute(
        """
        UPDATE effect f SET ask = f.ask || jsonb_build_object(
            'timeout', coalesce(n.node -> 'settings' ->> 'timeout', '1d'),
            'levels', (
                SELECT jsonb_agg(CASE WHEN number = (f.ask ->> 'level')::int
                                      THEN one - 'after' ELSE one END ORDER BY number)
                FROM jsonb_array_elements(n.node -> 'settings' -> 'levels')
                     WITH ORDINALITY AS all_of_them(one, number)
                WHERE number >= (f.ask ->> 'level')::int))
        FROM run r
        JOIN flow_version v ON v.id = r.flow_version_id
        CROSS JOIN LATERAL (
            SELECT node FROM jsonb_array_elements(v.definition -> 'nodes') AS one(node)
            WHERE node ->> 'id' = r.node LIMIT 1) n
        WHERE r.id = f.run_id AND r.node = f.node AND f.kind = 'escalate' AND f.state <> 'done'
          AND f.ask ? 'level' AND n.node -> 'settings' ? 'levels'
        """
    )


def _cases_that_are_over() -> None:
    op.execute(
        """
        UPDATE escalation_case SET
            subject_kind = 'contact', subject_id = contact_id,
            policy = 'flow/' || flow_id || '/' || node, policy_document = '{}'::jsonb,
            title_zh = title, body_zh = body,
            status = CASE WHEN acknowledged_at IS NULL THEN 'unanswered' ELSE 'resolved' END,
            ended_at = coalesce(acknowledged_at, opened_at), ended_by_id = acknowledged_by_id,
            state = jsonb_build_object('status',
                CASE WHEN acknowledged_at IS NULL THEN 'unanswered' ELSE 'resolved' END)
        WHERE status IS NULL
        """
    )


def _new_indexes() -> None:
    over = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_escalation_case_fold",
        "escalation_case",
        ["subject_kind", "subject_id", "fold_key"],
        unique=True,
        postgresql_where=over,
    )
    op.create_index("ix_escalation_case_open", "escalation_case", ["id"], postgresql_where=over)
    op.create_index("ix_escalation_case_subject", "escalation_case", ["subject_kind", "subject_id"])


def downgrade() -> None:
    """Cases that no run of a contact waits for cannot be said in the old form and go. Runs that
    wait for others keep the time of the next level themselves again, and look at it at once."""
    op.drop_table("duty_override")
    op.drop_table("escalation_step")
    for name in ("fold", "open", "subject"):
        prefix = "uq" if name == "fold" else "ix"
        op.drop_index(f"{prefix}_escalation_case_{name}", "escalation_case")
    for column in ("run_id", "flow_id", "visit"):
        op.add_column("escalation_case", sa.Column(column, sa.BigInteger()))
    op.add_column("escalation_case", sa.Column("node", _TEXT))
    op.execute(
        """
        UPDATE escalation_case e SET run_id = a.run_id, flow_id = r.flow_id, node = a.node,
               visit = coalesce((r.memo -> 'step' ->> 'case')::bigint, a.visit)
        FROM escalation_ask a JOIN run r ON r.id = a.run_id
        WHERE a.case_id = e.id AND e.contact_id IS NOT NULL
          AND a.id = (SELECT min(id) FROM escalation_ask WHERE case_id = e.id)
        """
    )
    _runs_look_themselves()
    op.execute("DELETE FROM clock WHERE kind = 'escalation'")
    op.drop_table("escalation_ask")
    op.execute("DELETE FROM escalation_case WHERE run_id IS NULL")
    for column in (
        *("subject_kind", "subject_id", "policy", "fold_key", "policy_version_id"),
        *("policy_document", "title_zh", "body_zh", "path", "urgency", "owner_id", "team"),
        *("status", "paused", "held_for", "state", "ended_at", "ended_by_id", "comment"),
    ):
        op.drop_column("escalation_case", column)
    for column in ("run_id", "flow_id", "node", "visit", "contact_id"):
        op.alter_column("escalation_case", column, nullable=False)
    op.create_foreign_key(
        "fk_escalation_case_run_id_run",
        "escalation_case",
        "run",
        ["run_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_index(
        "uq_escalation_case_run_node_visit",
        "escalation_case",
        ["run_id", "node", "visit"],
        unique=True,
    )
    op.create_index(
        "ix_escalation_case_open",
        "escalation_case",
        ["id"],
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )


def _runs_look_themselves() -> None:
    """The old step reads from the memo which level is next and since when it waits for it. A level
    that the version does not have (a policy's) is past the last one."""
    op.execute(
        """
        UPDATE run r SET due_at = now(), memo = jsonb_build_object('step', jsonb_build_object(
            'case', CASE WHEN e.run_id = r.id THEN e.visit ELSE a.visit END,
            'next', coalesce((e.state ->> 'next_level')::int, e.level),
            'since', coalesce(to_jsonb(e.state -> 'watch' ->> 'running_since'), to_jsonb(now())),
            'asked', true, 'told', true))
        FROM escalation_ask a JOIN escalation_case e ON e.id = a.case_id
        WHERE a.run_id = r.id AND a.node = r.node AND a.visit = r.visit AND r.state <> 'ended'
          AND a.answered_at IS NULL AND r.memo -> 'step' ? 'case'
          AND NOT (r.memo -> 'step' ? 'since')
        """
    )
    # what was asked in the new form and not done is asked again in the old one
    op.execute(
        """
        WITH gone AS (
            DELETE FROM effect WHERE kind = 'escalate' AND state <> 'done' AND NOT ask ? 'level'
            RETURNING run_id, node, visit)
        UPDATE run r SET due_at = now(), memo = jsonb_build_object('step', jsonb_build_object(
            'case', r.visit, 'next', 0, 'since', to_jsonb(now()), 'asked', true))
        FROM gone WHERE r.id = gone.run_id AND r.node = gone.node AND r.visit = gone.visit
          AND r.state <> 'ended'
        """
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _case(table: str) -> sa.Column[int]:
    name = f"fk_{table}_case_id_escalation_case"
    refers = sa.ForeignKey("escalation_case.id", name=name, ondelete="CASCADE")
    return sa.Column("case_id", sa.BigInteger(), refers, nullable=False)


def _person(table: str, column: str) -> sa.Column[int]:
    refers = sa.ForeignKey("user.id", name=f"fk_{table}_{column}_user", ondelete="SET NULL")
    return sa.Column(column, sa.BigInteger(), refers)
