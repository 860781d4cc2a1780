"""A form that somebody sent: an event of a contact, and the question whether they want messages.

Nobody has shown yet that the address is theirs. So what was sent fills what is not known of the
contact and changes nothing else, and no message is agreed to before they say so from that address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from crm_store import public_forms as rows
from crm_store.session import Store
from engine.errors import Refused
from engine.services.actor import Actor
from engine.services.events import Batch, Intake, Item
from engine.services.forms.keeping import KnownForm, known
from engine.services.forms.model import answers_of
from engine.services.subscribing import ask_for_consent

SOURCE_PREFIX: Final = "form:"
# The same answers within so many seconds are one: a button pressed twice, a page loaded again.
SAME_WITHIN_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Taken:
    """`fresh` is False for answers that came a moment ago; `partitions` are to be poked."""

    fresh: bool
    partitions: frozenset[int]


class SentForms:
    """One per process."""

    def __init__(self, store: Store, intake: Intake, partitions: int) -> None:
        self._store = store
        self._intake = intake
        self._partitions = partitions

    async def named(self, name: str, now: datetime, *, used: bool = False) -> KnownForm | None:
        """None when there is none, or it is paused."""
        async with self._store.transaction() as session:
            found = await rows.form_named(session, name)
            if found is None or not found.active:
                return None
            if used:
                await rows.note_form_use(session, found.id, now)
            return known(found)

    async def take(self, form: KnownForm, given: Mapping[str, str], now: datetime) -> Taken:
        """Raises Refused with a problem for each field that must be mended; then nothing was
        written."""
        answers = answers_of(form.form, given)
        if answers.problems:
            raise Refused("The form was not sent.", answers.problems)
        source = f"{SOURCE_PREFIX}{form.name}"
        content = orjson.dumps([answers.email, answers.said], option=orjson.OPT_SORT_KEYS)
        window = int(now.timestamp()) // SAME_WITHIN_SECONDS
        digest = hashlib.sha256(f"{window}:".encode() + content).hexdigest()[:40]
        item = Item(
            source=source,
            index=0,
            kind="form",
            message_id=digest,
            name=form.form.event,
            occurred_at=now,
            address=answers.email,
            traits=answers.fills,
            properties={"form": form.name, **answers.said},
            gently=True,
        )
        accepted = await self._intake.accept(Batch((item,)), now)
        partitions = accepted.partitions
        if form.form.consent == "confirm":
            # also when the event came before: we may have been stopped between the two
            partitions |= await self._ask(form, source, digest, now)
        return Taken(accepted.recorded > 0, partitions)

    async def _ask(
        self, form: KnownForm, source: str, message_id: str, now: datetime
    ) -> frozenset[int]:
        async with self._store.transaction() as session:
            contact_id = await rows.contact_of_event(session, source, message_id)
            if contact_id is None:
                # erased between the two
                return frozenset()
            mark = hashlib.sha256(form.form.wording.encode()).hexdigest()[:16]
            asked = await ask_for_consent(
                session,
                Actor("subject", contact_id, f"Contact {contact_id}"),
                contact_id,
                topics=form.form.topics,
                source=source,
                text_version=f"{form.name} {mark}",
                now=now,
                partitions=self._partitions,
            )
        return asked.event_partitions
