"""What of a deal an edit was made to, as a short tag."""

from __future__ import annotations

import hashlib

import orjson

from crm_store.deal_rows import DealRow

_EDITED = (
    *("name", "external_id", "contact_id", "account_id", "owner_id", "product_id"),
    *("amount_minor", "currency", "forecast_category", "expected_close_on", "lost_reason"),
    *("custom", "pipeline", "stage"),
)


def tag_of(row: DealRow) -> str:
    """The same as long as nothing that people write, and no stage, was changed."""
    stored = row._asdict()
    said = [stored[name] for name in _EDITED]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:20]
