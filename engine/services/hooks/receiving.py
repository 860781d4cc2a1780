"""What a source reports, from a signed body to events of contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from crm_store import hook_sources as rows
from crm_store.models import HookSource
from crm_store.session import Store
from engine.errors import Problem, Refused
from engine.services.dead_letters.keeping import Letter
from engine.services.events import Batch, Intake, Item, Remark
from engine.services.hooks.schemes import identify
from engine.services.hooks.sources import mapping_of, purpose_of
from engine.services.secrets import SecretBox, Unreadable
from engine.services.sources.reading import Origin, read_document

# Sources of events and of hooks share one column; a write key's source holds no colon.
SOURCE_PREFIX: Final = "hook:"
# Documents in one body, where a source sends lists.
MOST_DOCUMENTS: Final = 500


@dataclass(frozen=True, slots=True)
class Received:
    """How many events are new and how many came before; `partitions` are to be poked. `letters`
    are the documents that were refused; `noted` are parts of others that were left out."""

    recorded: int
    duplicates: int
    partitions: frozenset[int]
    letters: tuple[Letter, ...] = ()
    noted: tuple[Remark, ...] = ()

    @property
    def fresh(self) -> bool:
        """False when everything in it came before."""
        return self.recorded > 0 or self.duplicates == 0


class HookIntake:
    """One per process."""

    def __init__(self, store: Store, box: SecretBox, intake: Intake) -> None:
        self._store = store
        self._box = box
        self._intake = intake

    async def known(
        self, name: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> tuple[HookSource, str]:
        """The source, and the message's id. Raises BadSignature."""
        async with self._store.transaction() as session:
            source = await rows.hook_source_named(session, name)
            secrets = self._secrets(source, now)
            signature = source.signature if source is not None else "standard"
            header = source.signature_header if source is not None else None
            identity = identify(signature, header, secrets, headers, body, now)
            assert source is not None  # without a source there is no secret that could fit
            await rows.note_use(session, source.id, now)
        return source, identity

    async def accept(
        self, source: HookSource, identity: str, document: Any, now: datetime
    ) -> Received:
        """An event for each document, once by source and message id. Raises Refused when none of
        them can be one; then nothing was written."""
        read = read_all(source, identity, document, now)
        if not read.items:
            raise Refused("Nothing was accepted.", read.problems)
        accepted = await self._intake.accept(Batch(read.items), now)
        return Received(
            accepted.recorded,
            accepted.duplicates,
            accepted.partitions,
            read.letters,
            (*read.noted, *accepted.noted),
        )

    def _secrets(self, source: HookSource | None, now: datetime) -> list[str]:
        """Those that are accepted now; none that cannot be opened."""
        if source is None or not source.active:
            return []
        sealed = [source.secret]
        if source.previous_secret and source.previous_until and now < source.previous_until:
            sealed.append(source.previous_secret)
        found = []
        for one in sealed:
            try:
                found.append(self._box.open(one, purpose_of(source.name)))
            except Unreadable:
                continue
        return found


@dataclass(frozen=True, slots=True)
class Read:
    """A body read document by document; `problems` are of all that was refused."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...]
    letters: tuple[Letter, ...]
    noted: tuple[Remark, ...]


def read_all(
    source: HookSource, identity: str, body: Any, now: datetime, *, one: bool = False
) -> Read:
    """Raises Refused when the body has not the list that the mapping speaks of. With `one` the
    body is a single document, which was taken out of its list before."""
    mapping, name = mapping_of(source), f"{SOURCE_PREFIX}{source.name}"
    if one:
        mapping = replace(mapping, each=None)
    documents = mapping.documents(body)
    if len(documents) > MOST_DOCUMENTS:
        problem = Problem("", "too_many", f"send at most {MOST_DOCUMENTS} at a time")
        raise Refused("Nothing was accepted.", [problem])
    items: list[Item] = []
    problems: list[Problem] = []
    letters: list[Letter] = []
    noted: list[Remark] = []
    for index, document in enumerate(documents):
        own = identity if mapping.each is None else f"{identity}:{index}"
        item, found = read_document(mapping, document, Origin(name, own, now, index))
        if item is not None:
            items.append(item)
            noted += [Remark(index, one.code, str(one)) for one in found]
        else:
            problems += found
            letters.append(Letter.of(name, "document", found, document, own))
    if not documents:
        problems.append(Problem("", "nothing_in_it", "the list is empty"))
    return Read(tuple(items), tuple(problems), tuple(letters), tuple(noted))


def item_of(source: HookSource, identity: str, document: Any, now: datetime) -> Item:
    """The event of one document. Raises Refused with everything that is wrong."""
    name = f"{SOURCE_PREFIX}{source.name}"
    item, problems = read_document(mapping_of(source), document, Origin(name, identity, now))
    if item is None:
        raise Refused("Nothing was accepted.", problems)
    return item
