"""Derived facts

Rules ask how often somebody bought, for how much, and how they compare with all other customers.
Adding that up from the orders for each question costs a second per million contacts, so it is kept
ready, one row per contact, and amounts are kept in one currency beside the one they were paid in.

Triggers keep both, so that no door can forget them. They add up the touched contacts anew instead
of adding differences: a refund, a deletion, an order that moves to another contact and a first
order that goes away are then all the same case, and a row that was wrong mends itself. Contacts are
locked first, in the order of ids that everybody keeps; the second of two writers for one contact
waits, and then sees what the first one wrote.

What is there already is converted by rewriting the two tables, which takes a third of the time that
updating each row would and leaves no dead rows behind, and is then added up in batches of contacts.
Until this migration is through, orders and deals can neither be read nor written: about a
minute for three million orders of a million contacts on two cores.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_0910"
down_revision = "2026_11_22_0900"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORDS = sa.Text(collation="C")
BATCH = 50_000

# Until a setting says otherwise; the same as the default of BASE_CURRENCY.
FIRST_BASE = "USD"

# 2^53: beyond it rules cannot compute, so such an amount is absent rather than an error.
LARGEST = 9_007_199_254_740_992

# (band, least and most recency, least and most frequency, least spending or 1); the first that fits
BANDS = (
    ("champion", 4, 5, 4, 5, 4),
    ("loyal", 3, 5, 4, 5, 1),
    ("potential_loyal", 4, 5, 2, 3, 1),
    ("new", 5, 5, 1, 1, 1),
    ("promising", 4, 4, 1, 1, 1),
    ("need_attention", 3, 3, 2, 3, 1),
    ("about_to_sleep", 3, 3, 1, 1, 1),
    ("cannot_lose", 1, 2, 4, 5, 4),
    ("at_risk", 1, 2, 3, 5, 1),
    ("hibernating", 2, 2, 1, 2, 1),
    ("lost", 1, 1, 1, 2, 1),
)

# Whoever changes what amounts or scores are worked out with takes this lock alone; writers of
# orders and deals share it, so that none of them works with what is just being replaced.
LOCK = """
CREATE FUNCTION share_fact_borders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(439720572019);
    RETURN NULL;
END $$
"""

# In plpgsql, because a function in SQL that is not folded into its query costs several times more.
DIVIDE = """
CREATE FUNCTION divide_half_even(total numeric, parts numeric) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    whole numeric := div(abs(total), parts);
    rest numeric := abs(total) - whole * parts;
BEGIN
    IF 2 * rest > parts OR (2 * rest = parts AND mod(whole, 2) = 1) THEN
        whole := whole + 1;
    END IF;
    RETURN sign(total) * whole;
END $$
"""

AMOUNT = f"""
CREATE FUNCTION holdable(amount numeric) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN CASE WHEN abs(amount) < {LARGEST} THEN amount::bigint END;
END $$
"""

BASE_MINOR = """
CREATE FUNCTION base_minor(amount bigint, of_currency text, on_day date) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    base text;
    exact numeric;
BEGIN
    IF amount IS NULL OR of_currency IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT currency INTO base FROM base_currency;
    IF base = of_currency THEN
        RETURN holdable(amount);
    END IF;
    SELECT amount * r.minor_rate INTO exact FROM exchange_rate r
    WHERE r.base_currency = base AND r.currency = of_currency AND r.day <= on_day
    ORDER BY r.day DESC LIMIT 1;
    RETURN holdable(divide_half_even(exact, 1));
END $$
"""

CONVERT_ORDER = """
CREATE FUNCTION order_in_base() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.total_base_minor := base_minor(
        NEW.total_minor, NEW.currency, (NEW.placed_at AT TIME ZONE 'UTC')::date);
    RETURN NEW;
END $$
"""
CONVERT_DEAL = """
CREATE FUNCTION deal_in_base() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.amount_base_minor := base_minor(
        NEW.amount_minor, NEW.currency,
        (coalesce(NEW.closed_at, NEW.opened_at) AT TIME ZONE 'UTC')::date);
    RETURN NEW;
END $$
"""

SCORE = """
CREATE FUNCTION rfm_score(value anyelement, borders anyarray) RETURNS smallint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN 1 + (borders[1] < value)::int + (borders[2] < value)::int
             + (borders[3] < value)::int + (borders[4] < value)::int;
END $$
"""

SUMMARISE_ORDERS = """
CREATE FUNCTION summarise_orders(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contact WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO contact_summary (
        contact_id, order_count, first_order_at, last_order_at, days_between_orders,
        total_spent_minor, average_order_minor, lifetime_value_minor, order_currency,
        recency_score, frequency_score, monetary_score, rfm_band)
    SELECT c.id, t.bought, t.first_at, t.last_at,
           (extract(epoch FROM t.last_at - t.first_at) / 86400 / nullif(t.bought - 1, 0))::float8,
           a.spent, holdable(divide_half_even(a.spent, t.bought)), a.lifetime, b.currency,
           s.r, s.f, s.m, rfm_band(s.r, s.f, s.m)
    FROM contact c
    CROSS JOIN base_currency b
    LEFT JOIN (SELECT * FROM rfm_borders ORDER BY day DESC LIMIT 1) f ON true
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE is_bought) AS bought,
               min(placed_at) FILTER (WHERE is_bought) AS first_at,
               max(placed_at) FILTER (WHERE is_bought) AS last_at,
               sum(total_base_minor) FILTER (WHERE is_bought) AS spent,
               count(*) FILTER (WHERE is_bought AND total_base_minor IS NULL) AS unknown,
               sum(CASE status WHEN 'completed' THEN total_base_minor ELSE 0 END)
                   FILTER (WHERE status IN ('completed', 'refunded')) AS kept,
               count(*) FILTER (WHERE status = 'completed' AND total_base_minor IS NULL)
                   AS unknown_kept
        FROM (SELECT *, status IN ('paid', 'shipped', 'completed') AS is_bought
              FROM "order" WHERE contact_id = c.id) o
    ) t
    CROSS JOIN LATERAL (
        SELECT CASE WHEN t.unknown = 0 AND b.state <> 'rewriting' THEN holdable(t.spent) END
                   AS spent,
               CASE WHEN t.unknown_kept = 0 AND b.state <> 'rewriting' THEN holdable(t.kept) END
                   AS lifetime
    ) a
    CROSS JOIN LATERAL (
        SELECT rfm_score(t.last_at, f.recency) AS r,
               rfm_score(nullif(t.bought, 0), f.frequency) AS f,
               CASE WHEN f.currency = b.currency THEN rfm_score(a.spent, f.monetary) END AS m
    ) s
    WHERE c.id = ANY(ids)
    ORDER BY c.id
    ON CONFLICT (contact_id) DO UPDATE SET
        order_count = excluded.order_count,
        first_order_at = excluded.first_order_at,
        last_order_at = excluded.last_order_at,
        days_between_orders = excluded.days_between_orders,
        total_spent_minor = excluded.total_spent_minor,
        average_order_minor = excluded.average_order_minor,
        lifetime_value_minor = excluded.lifetime_value_minor,
        order_currency = excluded.order_currency,
        recency_score = excluded.recency_score,
        frequency_score = excluded.frequency_score,
        monetary_score = excluded.monetary_score,
        rfm_band = excluded.rfm_band;
END $$
"""

SUMMARISE_DEALS = """
CREATE FUNCTION summarise_deals(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contact WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO contact_summary (contact_id, open_deal_count, open_deal_minor, deal_currency)
    SELECT c.id, t.deals,
           CASE WHEN t.unknown = 0 AND b.state <> 'rewriting' THEN holdable(t.amount) END,
           b.currency
    FROM contact c
    CROSS JOIN base_currency b
    CROSS JOIN LATERAL (
        SELECT count(*) AS deals, sum(d.amount_base_minor) AS amount,
               count(*) FILTER (WHERE d.amount_minor IS NOT NULL AND d.amount_base_minor IS NULL)
                   AS unknown
        FROM deal d JOIN stage s ON s.id = d.stage_id
        WHERE d.contact_id = c.id AND s.kind = 'open'
    ) t
    WHERE c.id = ANY(ids)
    ORDER BY c.id
    ON CONFLICT (contact_id) DO UPDATE SET
        open_deal_count = excluded.open_deal_count,
        open_deal_minor = excluded.open_deal_minor,
        deal_currency = excluded.deal_currency;
END $$
"""

SUMMARISE_TICKETS = """
CREATE FUNCTION summarise_tickets(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM contact WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO contact_summary (contact_id, open_ticket_count)
    SELECT c.id, t.open_tickets
    FROM contact c
    CROSS JOIN LATERAL (
        SELECT count(*) AS open_tickets FROM ticket
        WHERE contact_id = c.id AND status NOT IN ('solved', 'closed')
    ) t
    WHERE c.id = ANY(ids)
    ORDER BY c.id
    ON CONFLICT (contact_id) DO UPDATE SET open_ticket_count = excluded.open_ticket_count;
END $$
"""

# The columns whose change makes another summary, by table; the contact is always among them.
SUMMARISED = {
    "order": ("status", "placed_at", "total_base_minor"),
    "deal": ("stage_id", "amount_minor", "amount_base_minor"),
    "ticket": ("status",),
}

STAGE_KIND = """
CREATE FUNCTION stage_kinds_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT array_agg(DISTINCT d.contact_id) INTO ids
    FROM before o JOIN after n ON n.id = o.id JOIN deal d ON d.stage_id = n.id
    WHERE o.kind <> n.kind AND d.contact_id IS NOT NULL;
    IF ids IS NOT NULL THEN
        PERFORM summarise_deals(ids);
    END IF;
    RETURN NULL;
END $$
"""

FUNCTIONS = (
    "share_fact_borders()",
    "divide_half_even(numeric, numeric)",
    "holdable(numeric)",
    "base_minor(bigint, text, date)",
    "order_in_base()",
    "deal_in_base()",
    "rfm_score(anyelement, anyarray)",
    "rfm_band(smallint, smallint, smallint)",
    *(f"summarise_{table}s(bigint[])" for table in SUMMARISED),
    *(
        f"{table}_summary_{deed}()"
        for table in SUMMARISED
        for deed in ("insert", "update", "delete")
    ),
    "stage_kinds_changed()",
)


def upgrade() -> None:
    make_tables()
    for function in (LOCK, DIVIDE, AMOUNT, BASE_MINOR, CONVERT_ORDER, CONVERT_DEAL, SCORE):
        op.execute(function)
    op.execute(band_function())
    for function in (SUMMARISE_ORDERS, SUMMARISE_DEALS, SUMMARISE_TICKETS, STAGE_KIND):
        op.execute(function)
    op.add_column("order", sa.Column("total_base_minor", sa.BigInteger(), nullable=True))
    op.add_column("deal", sa.Column("amount_base_minor", sa.BigInteger(), nullable=True))
    fill()
    # after the filling, so that it does not add everything up row by row
    make_triggers()


def downgrade() -> None:
    for function in FUNCTIONS:
        # the triggers of a function go with it
        op.execute(f"DROP FUNCTION {function} CASCADE")
    op.drop_column("deal", "amount_base_minor")
    op.drop_column("order", "total_base_minor")
    for table in ("rfm_borders", "contact_summary", "exchange_rate", "base_currency"):
        op.drop_table(table)


def make_tables() -> None:
    op.create_table(
        "base_currency",
        sa.Column("is_only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("currency", WORDS, nullable=False),
        sa.Column("state", WORDS, server_default="settled", nullable=False),
        sa.CheckConstraint("is_only", name=op.f("ck_base_currency_one_row")),
        sa.PrimaryKeyConstraint("is_only", name=op.f("pk_base_currency")),
    )
    op.execute(sa.text("INSERT INTO base_currency (currency) VALUES (:c)").bindparams(c=FIRST_BASE))
    op.create_table(
        "exchange_rate",
        sa.Column("base_currency", WORDS, nullable=False),
        sa.Column("currency", WORDS, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(), nullable=False),
        sa.Column("minor_rate", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("base_currency", "currency", "day", name=op.f("pk_exchange_rate")),
    )
    op.create_table(
        "contact_summary",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("order_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_order_at", INSTANT, nullable=True),
        sa.Column("last_order_at", INSTANT, nullable=True),
        sa.Column("days_between_orders", sa.Double(), nullable=True),
        sa.Column("total_spent_minor", sa.BigInteger(), nullable=True),
        sa.Column("average_order_minor", sa.BigInteger(), nullable=True),
        sa.Column("lifetime_value_minor", sa.BigInteger(), nullable=True),
        sa.Column("order_currency", WORDS, nullable=True),
        sa.Column("recency_score", sa.SmallInteger(), nullable=True),
        sa.Column("frequency_score", sa.SmallInteger(), nullable=True),
        sa.Column("monetary_score", sa.SmallInteger(), nullable=True),
        sa.Column("rfm_band", WORDS, nullable=True),
        sa.Column("open_deal_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("open_deal_minor", sa.BigInteger(), nullable=True),
        sa.Column("deal_currency", WORDS, nullable=True),
        sa.Column("open_ticket_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_contact_summary_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_contact_summary")),
    )
    # room for a row's next version on its page: one is written with every order
    op.execute("ALTER TABLE contact_summary SET (fillfactor = 80)")
    op.create_table(
        "rfm_borders",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("computed_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("currency", WORDS, nullable=False),
        sa.Column("recency", sa.ARRAY(INSTANT), nullable=True),
        sa.Column("frequency", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("monetary", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_rfm_borders")),
    )


def band_function() -> str:
    cases = "\n".join(
        f"        WHEN r BETWEEN {r_low} AND {r_high} AND f BETWEEN {f_low} AND {f_high} "
        f"AND coalesce(m, 1) >= {m_low} THEN '{band}'"
        for band, r_low, r_high, f_low, f_high, m_low in BANDS
    )
    return f"""
CREATE FUNCTION rfm_band(r smallint, f smallint, m smallint) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE
{cases}
    END;
END $$
"""


def fill() -> None:
    """There are no rates yet, so only amounts in the base currency are known in it."""
    for table, amount in (("order", "total"), ("deal", "amount")):
        op.execute(
            f'ALTER TABLE "{table}" ALTER COLUMN {amount}_base_minor TYPE bigint USING CASE '
            f"WHEN currency = '{FIRST_BASE}' AND abs({amount}_minor) < {LARGEST} "
            f"THEN {amount}_minor END"
        )
    last = op.get_bind().execute(sa.text("SELECT max(id) FROM contact")).scalar() or 0
    for first in range(1, last + 1, BATCH):
        for table in SUMMARISED:
            op.execute(
                sa.text(
                    f"SELECT summarise_{table}s(array(SELECT DISTINCT contact_id "  # noqa: S608
                    f'FROM "{table}" WHERE contact_id BETWEEN :first AND :last))'
                ).bindparams(first=first, last=first + BATCH - 1)
            )


def make_triggers() -> None:
    for table, columns, function in (
        ("order", "total_minor, currency, placed_at", "order_in_base"),
        ("deal", "amount_minor, currency, opened_at, closed_at", "deal_in_base"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_shares_fact_borders BEFORE INSERT OR UPDATE OR DELETE "
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION share_fact_borders()'
        )
        op.execute(
            f'CREATE TRIGGER {function} BEFORE INSERT OR UPDATE OF {columns} ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
    for table in SUMMARISED:
        summarise(table, "insert", "NEW TABLE AS after")
        summarise(table, "update", "OLD TABLE AS before NEW TABLE AS after")
        summarise(table, "delete", "OLD TABLE AS before")
    op.execute(
        "CREATE TRIGGER stage_kinds_changed AFTER UPDATE ON stage "
        "REFERENCING OLD TABLE AS before NEW TABLE AS after "
        "FOR EACH STATEMENT EXECUTE FUNCTION stage_kinds_changed()"
    )


def summarise(table: str, deed: str, sets: str) -> None:
    """The trigger that adds up the contacts whose rows are others after a statement."""
    name = f"{table}_summary_{deed}"
    op.execute(
        f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT array_agg(DISTINCT contact_id) INTO ids FROM ({touched(table, deed)}) touched
    WHERE contact_id IS NOT NULL;
    IF ids IS NOT NULL THEN
        PERFORM summarise_{table}s(ids);
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608
    )
    op.execute(
        f'CREATE TRIGGER {name} AFTER {deed.upper()} ON "{table}" REFERENCING {sets} '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def touched(table: str, deed: str) -> str:
    if deed == "insert":
        return "SELECT contact_id FROM after"
    if deed == "delete":
        return "SELECT contact_id FROM before"
    columns = ", ".join(("id", "contact_id", *SUMMARISED[table]))
    return (
        f"(SELECT {columns} FROM before EXCEPT SELECT {columns} FROM after) UNION ALL "  # noqa: S608
        f"(SELECT {columns} FROM after EXCEPT SELECT {columns} FROM before)"
    )
