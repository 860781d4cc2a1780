"""Plans that bring people in flight to another version."""

from __future__ import annotations

revision = "2026_11_22_1010"
down_revision = "2026_11_22_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
