"""Paused nodes, merged contacts, erased ones."""

from __future__ import annotations

revision = "2026_11_22_1040"
down_revision = "2026_11_22_1030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
