"""Erasing somebody, proving it by looking everywhere, and saying what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from crm_store import person_data
from crm_store.giving_way import again_and_again
from crm_store.session import Store
from crm_store.spellings import in_bytes, whole_words
from engine.services.actor import Actor, allowed
from engine.services.erasing import erase_contact
from engine.services.erasing.erase import identifying_texts
from engine.services.privacy.requests import complete_certificate, open_one, settle_request

_ATTEMPTS: Final = 10
# Keys that only look like text: hashes and our own random ids.
_SKIPPED: Final = ("erasure_salt", "sign_in")


@dataclass(frozen=True, slots=True)
class Certificate:
    """`rows` were removed or blanked. `found` are rows that still say something of theirs, by
    table: a colleague's own address, or another person of the same name. None: nobody looked.
    """

    contact_id: int
    erased_at: datetime
    runs_ended: int
    rows: Mapping[str, int]
    found: Mapping[str, int] | None
    request_id: int | None = None

    def document(self) -> dict[str, Any]:
        """As it is kept: numbers alone."""
        return {
            "contact": self.contact_id,
            "erased_at": self.erased_at.isoformat(),
            "runs_ended": self.runs_ended,
            "rows": dict(self.rows),
            "found": None if self.found is None else dict(self.found),
        }


async def erase_and_certify(
    store: Store,
    actor: Actor,
    contact_id: int,
    *,
    now: datetime,
    zone: str,
    request_id: int | None = None,
) -> Certificate:
    """Erase and close the request in one transaction, then look through every text of the database
    and add what was found. After a crash between the two, `found` of the certificate is missing.

    Raises NotAllowed, NotFound, Conflict.
    """
    allowed(actor, "delete", "privacy")
    texts: list[str] = []

    async def once() -> Certificate:
        async with store.transaction() as session:
            if request_id is not None:
                await open_one(session, actor, request_id, "erase")
            texts[:] = await identifying_texts(session, contact_id)
            erased = await erase_contact(session, actor, contact_id, now=now, zone=zone)
            made = Certificate(contact_id, now, erased.runs_ended, erased.rows, None, request_id)
            if request_id is not None:
                certificate = made.document()
                await settle_request(session, actor, request_id, now, certificate=certificate)
            return made

    made = await again_and_again(once, _ATTEMPTS)
    async with store.transaction() as session:
        found = await person_data.where_found(session, _patterns(texts), skip=_SKIPPED)
        made = replace(made, found=found)
        if request_id is not None:
            await complete_certificate(session, request_id, made.document())
    return made


def _patterns(texts: Sequence[str]) -> list[str]:
    """Spelled in every way that texts and bytes may have them."""
    said = [one for one in texts if one.strip()]
    bytewise = in_bytes(said)
    return [whole_words(one) for one in said] + ([bytewise] if bytewise else [])
