"""A place for arbiter."""

from __future__ import annotations

revision = "2026_11_22_1080"
down_revision = "2026_11_22_1070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
