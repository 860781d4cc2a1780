"""Who moves first when people are brought to another version in stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

# The first four bytes of a hash as a number below a threshold: raising the percentage keeps all who
# were below it. The salt is of the flow and both versions, so that each move draws anew.
IS_IN_SHARE: Final = """
    ((get_byte(drawn.bytes, 0)::bigint << 24) + (get_byte(drawn.bytes, 1) << 16)
     + (get_byte(drawn.bytes, 2) << 8) + get_byte(drawn.bytes, 3)) * 100
    < CAST(:percent AS bigint) * 4294967296
"""
DRAWN: Final = (
    "CROSS JOIN LATERAL (SELECT sha256(convert_to(:salt || r.subject_id, 'UTF8')) AS bytes)"
)


@dataclass(frozen=True, slots=True)
class Share:
    """So many percent of the subjects, always the same ones for a flow and two versions."""

    flow: str
    from_number: int
    to_number: int
    percent: int

    def parameters(self) -> dict[str, Any]:
        salt = f"version move:{self.flow}:{self.from_number}:{self.to_number}:"
        return {"salt": salt, "percent": self.percent}
