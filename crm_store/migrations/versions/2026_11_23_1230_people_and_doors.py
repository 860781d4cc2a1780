"""Roles that admins make, sign-ins that can be told apart, a second factor, links that work once.

A role was what the release shipped; `role` keeps those an admin makes as well, with whose records
they mean and which fields they do not show. A sign-in gets a number, so that its person can name
and end it, and says from where and how. `user` gets a second factor, the name that a company's own
sign-in knows them by, and a mark for accounts that only programs act as. `one_time_link` are
invitations, new passwords and sign-ins half done; `recovery_code` the ways in without the second
factor; `single_sign_on_attempt` those who are away at the company's own sign-in. New columns have
defaults that need no rewriting of a table, and a release from before goes on working beside them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_23_1230"
down_revision = "2026_11_22_1220"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_INSTANT = sa.DateTime(timezone=True)
_NO = sa.text("false")


def upgrade() -> None:
    op.add_column("role", sa.Column("description", _TEXT))
    op.add_column("role", sa.Column("shipped", sa.Boolean(), server_default=_NO, nullable=False))
    op.add_column(
        "role", sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False)
    )
    op.execute("UPDATE role SET shipped = true")
    op.add_column(
        "user", sa.Column("service_account", sa.Boolean(), server_default=_NO, nullable=False)
    )
    op.add_column("user", sa.Column("totp_sealed", _TEXT))
    op.add_column("user", sa.Column("totp_since", _INSTANT))
    op.add_column(
        "user", sa.Column("totp_last_step", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("user", sa.Column("single_sign_on_name", _TEXT))
    op.create_index("uq_user_single_sign_on_name", "user", ["single_sign_on_name"], unique=True)
    op.create_index("ix_user_team_id", "user", ["team_id"])
    op.create_index("ix_user_manager_id", "user", ["manager_id"])
    op.add_column("sign_in", sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False))
    op.add_column("sign_in", sa.Column("address", _TEXT))
    op.add_column("sign_in", sa.Column("device", _TEXT))
    op.add_column("sign_in", sa.Column("means", _TEXT, server_default="password", nullable=False))
    op.create_index("uq_sign_in_id", "sign_in", ["id"], unique=True)
    _new_tables()


def _new_tables() -> None:
    op.create_table(
        "one_time_link",
        sa.Column("token_hash", _TEXT, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("purpose", _TEXT, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("credential_epoch", sa.BigInteger(), nullable=False),
        sa.Column("details", JSONB(none_as_null=True)),
        sa.Column("created_by", sa.BigInteger()),
        sa.Column("created_at", _INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT),
        sa.PrimaryKeyConstraint("token_hash", name="pk_one_time_link"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_one_time_link_user_id_user", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["user.id"],
            name="fk_one_time_link_created_by_user",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_one_time_link_user_id", "one_time_link", ["user_id", "purpose"])
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", _TEXT, nullable=False),
        sa.Column("used_at", _INSTANT),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name="pk_recovery_code"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_recovery_code_user_id_user", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "single_sign_on_attempt",
        sa.Column("state_hash", _TEXT, nullable=False),
        sa.Column("browser_hash", _TEXT, nullable=False),
        sa.Column("nonce", _TEXT, nullable=False),
        sa.Column("verifier", _TEXT, nullable=False),
        sa.Column("onward", _TEXT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_single_sign_on_attempt"),
    )


def downgrade() -> None:
    op.drop_table("single_sign_on_attempt")
    op.drop_table("recovery_code")
    op.drop_table("one_time_link")
    for name in ("means", "device", "address", "id"):
        op.drop_column("sign_in", name)
    op.drop_index("ix_user_manager_id", "user")
    op.drop_index("ix_user_team_id", "user")
    for name in (
        *("single_sign_on_name", "totp_last_step", "totp_since", "totp_sealed"),
        "service_account",
    ):
        op.drop_column("user", name)
    # nobody is left in a role that the release before does not know
    op.execute("""UPDATE "user" SET role = 'viewer' WHERE role IN
                  (SELECT key FROM role WHERE NOT shipped)""")
    op.execute("DELETE FROM role WHERE NOT shipped")
    for name in ("revision", "shipped", "description"):
        op.drop_column("role", name)
