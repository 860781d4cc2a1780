"""Stub."""

from __future__ import annotations

revision = "2026_11_22_1210"
down_revision = "2026_11_22_1200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
