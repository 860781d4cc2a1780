"""Where people work, what they can do, who leads a team, and who is away.

Approvals, escalations and assignment ask who is there now and who acts for whom, and none of that
was written anywhere. All new columns are empty or have a constant default, so the tables are not
rewritten. Triggers note each statement that changes people: a process keeps everybody in memory and
asks for nothing but a number, also after an import, which goes past the services. They insert and
never update, so that two transactions that change people do not wait for each other.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_1120"
down_revision = "2026_11_22_1110"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_WORDS = postgresql.ARRAY(sa.Text())
_WATCHED = {
    "user": "name, email, role, team_id, manager_id, active, language, zone, calendar, skills, "
    "territories",
    "team": "name, head_id, calendar",
    "absence": "user_id, starts_at, ends_at, deputy_id",
}


def upgrade() -> None:
    op.add_column("user", sa.Column("zone", _TEXT, nullable=True))
    op.add_column("user", sa.Column("calendar", _TEXT, nullable=True))
    for name in ("skills", "territories"):
        empty = sa.text("'{}'::text[]")
        op.add_column("user", sa.Column(name, _WORDS, server_default=empty, nullable=False))
    op.add_column("team", sa.Column("head_id", sa.BigInteger(), nullable=True))
    op.add_column("team", sa.Column("calendar", _TEXT, nullable=True))
    for table in ("user", "team"):
        op.create_foreign_key(
            f"fk_{table}_calendar_calendar",
            table,
            "calendar",
            ["calendar"],
            ["name"],
            ondelete="SET NULL",
        )
    op.create_foreign_key(
        "fk_team_head_id_user", "team", "user", ["head_id"], ["id"], ondelete="SET NULL"
    )
    _absences()
    _changes()


def _absences() -> None:
    def person(column: str, ondelete: str) -> sa.ForeignKeyConstraint:
        name = f"fk_absence_{column}_user"
        return sa.ForeignKeyConstraint([column], ["user.id"], name=name, ondelete=ondelete)

    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("deputy_id", sa.BigInteger(), nullable=True),
        sa.Column("note", _TEXT, nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
        sa.CheckConstraint("ends_at > starts_at", name="ck_absence_in_order"),
        person("user_id", "CASCADE"),
        person("deputy_id", "SET NULL"),
        person("created_by", "SET NULL"),
    )
    op.create_index("ix_absence_user_id", "absence", ["user_id", "starts_at"])


def _changes() -> None:
    op.create_table(
        "people_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people_change"),
    )
    op.execute(
        """
        CREATE FUNCTION note_people_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM people_change WHERE id IN (
                SELECT id FROM people_change WHERE at < now() - interval '1 day'
                ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED
            );
            INSERT INTO people_change DEFAULT VALUES;
            RETURN NULL;
        END $$
        """
    )
    for table, columns in _WATCHED.items():
        op.execute(
            f"CREATE TRIGGER people_change AFTER INSERT OR DELETE OR UPDATE OF {columns} "
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION note_people_change()'
        )


def downgrade() -> None:
    for table in ("user", "team"):
        op.execute(f'DROP TRIGGER people_change ON "{table}"')
    op.drop_table("absence")
    op.execute("DROP FUNCTION note_people_change()")
    op.drop_table("people_change")
    op.drop_constraint("fk_team_head_id_user", "team", type_="foreignkey")
    for table, columns in (
        ("team", ("calendar", "head_id")),
        ("user", ("territories", "skills", "calendar", "zone")),
    ):
        op.drop_constraint(f"fk_{table}_calendar_calendar", table, type_="foreignkey")
        for column in columns:
            op.drop_column(table, column)
