"""Contacts in the order of their country and city, and a piece of a city or a job among a million.

Both orders read and sorted the whole table, and looking for a few letters of a city or a job read
all of it to find a handful: half a second over a million contacts. The orders get indexes of the
expressions they are made of, in which an unknown city is the least; "contains" gets the trigrams
that names have already. What is written often, such as `last_seen_at`, is in none of them, so those
changes stay in place.

While the indexes are built (some seconds for a million) contacts can be read and not written to.
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_23_1290"
down_revision = "2026_11_23_1280"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_contact_country": "(coalesce(country, ''::text), id)",
    "ix_contact_city": "(coalesce(city, ''::text), id)",
    "ix_contact_words": "USING gin (city gin_trgm_ops, job_title gin_trgm_ops)",
}


def upgrade() -> None:
    # what waits to write waits half as long
    op.execute("SET LOCAL maintenance_work_mem = '256MB'")
    for name, made_of in _INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON contact {made_of}")


def downgrade() -> None:
    for name in _INDEXES:
        op.execute(f"DROP INDEX {name}")
