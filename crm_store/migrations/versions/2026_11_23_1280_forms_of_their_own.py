"""Forms and retention are permissions of their own, and incoming webhooks are kept verb by verb.

Forms hung on the permission for incoming webhooks, which marketers have not. Whoever might manage
those in a role that an admin made keeps all they could do: "manage" of `hook` becomes its three
verbs and the same of `form`, to see hooks becomes to see forms too, and "manage" of `privacy`
becomes to change what is kept how long. Roles that come with the release are in its table.
"""

from __future__ import annotations

from collections.abc import Mapping

from alembic import op

revision = "2026_11_23_1280"
down_revision = "2026_11_23_1270"
branch_labels = None
depends_on = None

_KEPT = ("edit", "create", "delete")
# The line that a role has, and those that it gets for it.
_FORWARD: Mapping[str, tuple[str, ...]] = {
    "read:hook:all": ("read:hook:all", "read:form:all"),
    "manage:hook:all": (
        *(f"{verb}:hook:all" for verb in _KEPT),
        *(f"{verb}:form:all" for verb in _KEPT),
    ),
    "manage:privacy:all": ("edit:retention:all",),
}
_BACK: Mapping[str, tuple[str, ...]] = {
    "create:hook:all": ("manage:hook:all",),
    "edit:retention:all": ("manage:privacy:all",),
    **{f"{verb}:hook:all": () for verb in ("edit", "delete")},
    **{f"{verb}:form:all": () for verb in ("read", *_KEPT)},
}


def upgrade() -> None:
    _replace(_FORWARD)


def downgrade() -> None:
    _replace(_BACK)


def _replace(lines: Mapping[str, tuple[str, ...]]) -> None:
    """A role that has none of these lines is left alone; whoever has it open to change is told that
    it was changed meanwhile."""
    became = [f"('{old}', '{new}')" for old, every in lines.items() for new in every]
    gone = ", ".join(f"'{old}'" for old in lines)
    op.execute(
        f"""
        UPDATE role SET revision = role.revision + 1, permissions = jsonb_set(
            role.permissions, '{{allow}}', coalesce((
                SELECT jsonb_agg(line ORDER BY line) FROM (
                    SELECT line FROM jsonb_array_elements_text(role.permissions->'allow') AS line
                    WHERE line NOT IN ({gone})
                    UNION
                    SELECT became.line
                    FROM jsonb_array_elements_text(role.permissions->'allow') AS had
                    JOIN (VALUES {", ".join(became)}) AS became (old, line) ON became.old = had
                ) AS lines), '[]'::jsonb))
        WHERE NOT role.shipped AND role.permissions ? 'allow'
          AND EXISTS (SELECT 1 FROM jsonb_array_elements_text(role.permissions->'allow') AS had
                      WHERE had IN ({gone}))
        """  # noqa: S608 - the lines are this file's own
    )
