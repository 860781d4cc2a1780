"""A place for channels."""

from __future__ import annotations

revision = "2026_11_22_1070"
down_revision = "2026_11_22_1060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
