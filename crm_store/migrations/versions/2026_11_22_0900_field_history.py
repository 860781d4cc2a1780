"""Field history

Rules ask what a value was ("was ever a customer") and what just changed ("changed to Singapore"),
and a backtest asks what was known on a day in the past. Triggers write every change down, so that
no door can forget it: not an import, not a flow, not a person with psql.

The triggers run once per statement and compare its rows before and after as two sets. Their
functions carry two settings. `enable_nestloop = off`: plpgsql keeps the plan of the first
statement, and the plan that is best for one changed contact would compare ten thousand with ten
thousand. `timezone = UTC`: instants in JSON read the same whoever wrote them.
"""

# ruff: noqa: S608 - the names in the statements are this file's own

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_0900"
down_revision = "2026_11_22_0500"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORDS = sa.Text(collation="C")

# The columns of each table whose field has the same name. Identity, bookkeeping (created_at,
# updated_at, last_seen_at) and shadows of other columns are no fields that change.
PLAIN: Mapping[str, Sequence[str]] = {
    "contact": (
        *("external_id", "email", "phone", "first_name", "last_name", "job_title", "language"),
        *("country", "city", "time_zone", "birthday", "birthday_calendar", "lifecycle_stage"),
        *("lead_status", "source", "score", "owner_id"),
    ),
    "account": (
        *("external_id", "name", "domain", "industry", "employee_count", "country", "city"),
        *("year_founded", "owner_id"),
    ),
    "deal": (
        *("external_id", "name", "stage_entered_at", "forecast_category", "expected_close_on"),
        *("opened_at", "closed_at", "lost_reason", "owner_id"),
    ),
    "ticket": (
        *("external_id", "subject", "status", "priority", "owner_id", "opened_at", "solved_at"),
    ),
    "order": ("external_id", "status", "item_count", "placed_at"),
}
# An amount is one field of two columns: {"minor": 1250, "currency": "EUR"}.
MONEY: Mapping[str, tuple[str, str]] = {
    "account": ("annual_revenue", "annual_revenue_minor"),
    "deal": ("amount", "amount_minor"),
    "order": ("total", "total_minor"),
}
CUSTOM = ("contact", "account", "deal")
OWNERS = {"contact": "n.id", "account": "NULL::bigint"}
# What a deal's stage and pipeline are to a rule.
STAGED = (
    ("pipeline", "p", "key"),
    ("stage", "s", "key"),
    ("stage_kind", "s", "kind"),
    ("probability_percent", "s", "probability_percent"),
)
CUSTOM_FIELDS = """
        SELECT 'custom.' || k.key, k.was, k.now FROM (
            SELECT key, NULLIF(o.custom -> key, 'null') was, NULLIF(n.custom -> key, 'null') now
            FROM jsonb_object_keys(o.custom || n.custom) key WHERE o.custom <> n.custom
        ) k WHERE k.was IS DISTINCT FROM k.now"""

HEAD = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off SET jit = off SET timezone = 'UTC' AS $$
DECLARE
    at CONSTANT timestamptz := clock_timestamp();
    me CONSTANT bigint := pg_current_xact_id()::text::bigint;
BEGIN
"""
TAIL = """
    RETURN NULL;
END $$
"""
COLUMNS = "(record, record_id, contact_id, field, old, new, changed_at, transaction_id)"


def upgrade() -> None:
    op.create_table(
        "field_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("field", WORDS, nullable=False),
        sa.Column("old", postgresql.JSONB(), nullable=True),
        sa.Column("new", postgresql.JSONB(), nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_change")),
    )
    op.create_index(
        "ix_field_change_contact_id", "field_change", ["contact_id", "field", "changed_at"]
    )
    op.create_index(
        "ix_field_change_field",
        "field_change",
        ["field", "changed_at"],
        postgresql_where=sa.text("record = 'contact'"),
    )
    op.create_index(
        "ix_field_change_record",
        "field_change",
        ["record", "record_id"],
        postgresql_where=sa.text("record <> 'contact'"),
    )
    op.create_index("ix_field_change_transaction_id", "field_change", ["transaction_id"])
    for table in PLAIN:
        op.execute(changes_of(table))
        op.execute(going_of(table))
        watch(table, "UPDATE", f"{table}_changed", "OLD TABLE AS before NEW TABLE AS after")
        watch(table, "DELETE", f"{table}_gone", "OLD TABLE AS gone")
    for function in (CONTACT_BORN, TAGS_ADDED, TAGS_REMOVED, TAGS_RENAMED):
        op.execute(function)
    watch("contact", "INSERT", "contact_born", "NEW TABLE AS born")
    watch("contact_tag", "INSERT", "contact_tags_added", "NEW TABLE AS added")
    watch("contact_tag", "DELETE", "contact_tags_removed", "OLD TABLE AS removed")
    watch(
        "contact_tag",
        "UPDATE",
        "contact_tags_renamed",
        "OLD TABLE AS removed NEW TABLE AS added",
    )


def downgrade() -> None:
    functions = [f"{table}_{what}" for table in PLAIN for what in ("changed", "gone")]
    tags = ("contact_tags_added", "contact_tags_removed", "contact_tags_renamed")
    for function in (*functions, "contact_born", *tags):
        # the trigger of the function goes with it
        op.execute(f"DROP FUNCTION {function}() CASCADE")
    op.drop_table("field_change")


def watch(table: str, deed: str, function: str, sets: str) -> None:
    op.execute(
        f'CREATE TRIGGER {function} AFTER {deed} ON "{table}" REFERENCING {sets} '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def changes_of(table: str) -> str:
    """The function that compares the rows of an UPDATE before and after, field by field."""
    compared = [*PLAIN[table]]
    fields = [field_of(name, f"o.{name}", f"n.{name}") for name in PLAIN[table]]
    joined = ""
    if table in MONEY:
        name, column = MONEY[table]
        compared += [column, "currency"]
        fields.append(field_of(name, amount("o", column), amount("n", column)))
    if table == "deal":
        compared += ["stage_id", "pipeline_id"]
        fields += [
            field_of(name, f"{of}o.{column}", f"{of}n.{column}") for name, of, column in STAGED
        ]
        joined = "".join(
            f" LEFT JOIN {name} {name[0]}{side} ON {name[0]}{side}.id = {side}.{name}_id"
            for name in ("stage", "pipeline")
            for side in ("o", "n")
        )
    if table in CUSTOM:
        compared.append("custom")
        fields.append(CUSTOM_FIELDS)
    before = ", ".join(f"o.{name}" for name in compared)
    after = ", ".join(f"n.{name}" for name in compared)
    return (
        HEAD.format(name=f"{table}_changed")
        + f"""
    INSERT INTO field_change {COLUMNS}
    SELECT '{table}', n.id, {OWNERS.get(table, "n.contact_id")}, f.field, f.old, f.new, at, me
    FROM before o JOIN after n ON n.id = o.id{joined}
    CROSS JOIN LATERAL ({" UNION ALL ".join(fields)}) f(field, old, new)
    WHERE ({before}) IS DISTINCT FROM ({after});"""
        + TAIL
    )


def field_of(name: str, old: str, new: str) -> str:
    """A row where the field differs. One SELECT for each is faster than one VALUES for all, which
    would make JSON of every field first."""
    return f"""
        SELECT '{name}'::text, to_jsonb({old}), to_jsonb({new})
        WHERE {old} IS DISTINCT FROM {new}"""


def amount(row: str, column: str) -> str:
    """An amount as JSON; NULL when there is none, whatever the currency."""
    built = f"jsonb_build_object('minor', {row}.{column}, 'currency', {row}.currency)"
    return f"CASE WHEN {row}.{column} IS NOT NULL THEN {built} END"


def going_of(table: str) -> str:
    """The history of a record goes with the record; that of an erased contact's deals stays with
    the deals, and names the contact no more."""
    if table == "contact":
        forget = """
    DELETE FROM field_change WHERE record = 'contact' AND contact_id = ANY(ids);
    UPDATE field_change SET contact_id = NULL WHERE contact_id = ANY(ids);"""
    else:
        forget = f"""
    DELETE FROM field_change WHERE record = '{table}' AND record_id = ANY(ids);"""
    return (
        f"""
CREATE FUNCTION {table}_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids CONSTANT bigint[] := ARRAY(SELECT id FROM gone);
BEGIN"""
        + forget
        + TAIL
    )


# The tags that a contact is made with are its first ones and no change. They come in statements of
# their own, so the transaction remembers from which number on its contacts are new.
CONTACT_BORN = """
CREATE FUNCTION contact_born() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first CONSTANT bigint := (SELECT min(id) FROM born);
    known CONSTANT bigint := NULLIF(current_setting('cadenza.first_new_contact', true), '');
BEGIN
    IF first < known OR known IS NULL THEN
        PERFORM set_config('cadenza.first_new_contact', first::text, true);
    END IF;
    RETURN NULL;
END $$
"""
TAGS_ADDED = (
    HEAD.format(name="contact_tags_added")
    + f"""
    INSERT INTO field_change {COLUMNS}
    SELECT 'contact', contact_id, contact_id, 'tags', NULL, to_jsonb(tag), at, me FROM added
    WHERE contact_id < coalesce(
        NULLIF(current_setting('cadenza.first_new_contact', true), '')::bigint,
        9223372036854775807);"""
    + TAIL
)
# Tags that go because their contact goes are not written down for it.
TAGS_REMOVED = (
    HEAD.format(name="contact_tags_removed")
    + f"""
    INSERT INTO field_change {COLUMNS}
    SELECT 'contact', r.contact_id, r.contact_id, 'tags', to_jsonb(r.tag), NULL, at, me
    FROM removed r JOIN contact c ON c.id = r.contact_id;"""
    + TAIL
)
TAGS_RENAMED = (
    HEAD.format(name="contact_tags_renamed")
    + f"""
    INSERT INTO field_change {COLUMNS}
    SELECT 'contact', contact_id, contact_id, 'tags', to_jsonb(tag), NULL, at, me
    FROM (SELECT contact_id, tag FROM removed EXCEPT SELECT contact_id, tag FROM added) gone;
    INSERT INTO field_change {COLUMNS}
    SELECT 'contact', contact_id, contact_id, 'tags', NULL, to_jsonb(tag), at, me
    FROM (SELECT contact_id, tag FROM added EXCEPT SELECT contact_id, tag FROM removed) come;"""
    + TAIL
)
