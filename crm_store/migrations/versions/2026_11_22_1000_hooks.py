"""Places where other systems send what happened, and what is asked of other systems."""

from __future__ import annotations

revision = "2026_11_22_1000"
down_revision = "2026_11_22_0950"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
