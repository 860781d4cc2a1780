"""What a seal is made of. Pure."""

from __future__ import annotations

import hashlib
from typing import Final

from crm_store.audit_chain import SaidRow

# What the first day of all begins with.
GENESIS: Final = "0" * 64


def content_of(row: SaidRow) -> str:
    """The digest of what erasing may clear."""
    return _digest(row.actor_name, row.before, row.after, row.why)


def is_blank(row: SaidRow) -> bool:
    """Whether nothing is left of what erasing clears; a name may stand there still."""
    return row.before is None and row.after is None and row.why is None


def seal_of(before: str, row: SaidRow, content: str) -> str:
    """`before` is the seal of the row before it, or what the day begins with."""
    return _digest(
        *(before, str(row.id), row.at, row.actor_kind, row.actor_id, row.verb),
        *(row.subject_kind, row.subject_id, row.door, row.request_id, content),
    )


def _digest(*parts: str | None) -> str:
    """Each part with its length, so that no two lists of parts read the same."""
    whole = hashlib.sha256()
    for part in parts:
        if part is None:
            whole.update(b"-")
            continue
        raw = part.encode()
        whole.update(b"%d:" % len(raw))
        whole.update(raw)
    return whole.hexdigest()
