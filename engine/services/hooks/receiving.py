"""What a source reports, from a signed body to one event of a contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from crm_store import hook_sources as rows
from crm_store.models import HookSource
from crm_store.session import Store
from engine.errors import Problem, Refused
from engine.flows.triggers.webhook import WEBHOOK_RECEIVED
from engine.json_path import at
from engine.services.events import Batch, Intake, Item
from engine.services.events.calls import LONGEST_NAME
from engine.services.events.reading import holds_nul
from engine.services.field_values import ValueRefused, email
from engine.services.hooks.sources import purpose_of
from engine.services.hooks.verifying import verify
from engine.services.secrets import SecretBox, Unreadable

# Sources of events and of hooks share one column; a write key's source holds no colon.
SOURCE_PREFIX: Final = "hook:"


@dataclass(frozen=True, slots=True)
class Received:
    """`fresh` is False for a message that came before; `partitions` are to be poked."""

    fresh: bool
    partitions: frozenset[int]


class HookIntake:
    """One per process."""

    def __init__(self, store: Store, box: SecretBox, partitions: int) -> None:
        self._store = store
        self._box = box
        self._intake = Intake(store, partitions)

    @property
    def in_line(self) -> int:
        """How many messages wait for a transaction."""
        return self._intake.in_line

    async def known(
        self, name: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> tuple[HookSource, str]:
        """The source, and the message's id. Raises BadSignature."""
        async with self._store.transaction() as session:
            source = await rows.hook_source_named(session, name)
            secrets = self._secrets(source, now)
            identity = verify(secrets, headers, body, now)
            assert source is not None  # without a source there is no secret that could fit
            await rows.note_use(session, source.id, now)
        return source, identity

    async def accept(
        self, source: HookSource, identity: str, document: Any, now: datetime
    ) -> Received:
        """One event by source and message id; what came before changes nothing. Raises Refused."""
        item = item_of(source, identity, document, now)
        accepted = await self._intake.accept(Batch((item,)), now)
        return Received(accepted.recorded > 0, accepted.partitions)

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


def item_of(source: HookSource, identity: str, document: Any, now: datetime) -> Item:
    """The event and its contact, read from the document as the source says. Raises Refused with
    everything that is wrong."""
    if not isinstance(document, dict):
        problem = Problem("", "not_an_object", "send one JSON object")
        raise Refused("Nothing was accepted.", [problem])
    problems = []
    if holds_nul(document):
        problems.append(Problem("", "not_storable", "the document holds the character NUL"))
    name = _event(source, document, problems)
    ids = {key: _identity(key, path, document, problems) for key, path in _paths(source)}
    if not any(ids.values()) and not problems:
        places = ", ".join(path for _, path in _paths(source))
        problems.append(Problem("", "no_identity", f"nobody is named at {places}"))
    if problems:
        raise Refused("Nothing was accepted.", problems)
    return Item(
        source=f"{SOURCE_PREFIX}{source.name}",
        index=0,
        kind="hook",
        message_id=identity,
        name=name,
        occurred_at=now,
        user_id=ids.get("user_id"),
        anonymous_id=ids.get("anonymous_id"),
        address=ids.get("email"),
        properties=document,
    )


def _paths(source: HookSource) -> list[tuple[str, str]]:
    return list(source.contact_paths.items())


def _event(source: HookSource, document: Any, problems: list[Problem]) -> str:
    if source.event_name is not None:
        return source.event_name
    path = source.event_path
    if path is None:
        return WEBHOOK_RECEIVED
    found = at(document, path)
    name = found.strip() if isinstance(found, str) else ""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"the event's name is a text of 1 to {LONGEST_NAME} characters"
        problems.append(Problem(_pointer(path), "no_name", message))
    return name


def _identity(key: str, path: str, document: Any, problems: list[Problem]) -> str | None:
    found = at(document, path)
    if found is None or found == "":
        return None
    if key == "email":
        try:
            return email(found)
        except ValueRefused as refusal:
            problems.append(Problem(_pointer(path), refusal.code, refusal.message))
            return None
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not text or len(text) > LONGEST_NAME:
        message = f"an id is a text or number of at most {LONGEST_NAME} characters"
        problems.append(Problem(_pointer(path), "bad_id", message))
        return None
    return text


def _pointer(path: str) -> str:
    return "/" + path.replace("~", "~0").replace("/", "~1").replace(".", "/")
