"""A place for templates."""

from __future__ import annotations

revision = "2026_11_22_1060"
down_revision = "2026_11_22_1050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
