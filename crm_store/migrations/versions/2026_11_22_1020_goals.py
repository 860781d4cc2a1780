"""Goals reached, and audiences that can be paused."""

from __future__ import annotations

revision = "2026_11_22_1020"
down_revision = "2026_11_22_1010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
