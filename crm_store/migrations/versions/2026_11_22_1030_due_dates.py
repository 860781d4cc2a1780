"""Dates and schedules that have fired."""

from __future__ import annotations

revision = "2026_11_22_1030"
down_revision = "2026_11_22_1020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
