"""What there is to be said about one kind of effect: prepare it, do it, record it, settle it.

    tx:  prepare(effects)    what is needed is read and written down; the claim commits with it
         do(ready)           no transaction open
    tx:  record(results)     the answers, and when to try again

A crash in between leaves claims behind: `open_cases`, `ask` and `settle` bring those to an end.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.effects import EffectRow
from crm_store.session import Store
from engine.channels.base import Channel
from engine.effects import Receipt
from engine.outgoing import Outgoing
from engine.services.changes.announcing import Announcer
from engine.services.messages import SenderSettings
from engine.services.pokes import NoPokes, Pokes
from engine.services.secrets import SecretBox
from engine.services.sending.arbiter import Arbiter
from engine.services.templates import TemplateLibrary

if TYPE_CHECKING:
    from engine.services.work import Shared

StillOurs = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Means:
    """What effects are done with, the same for a whole process."""

    channel: Channel
    library: TemplateLibrary
    sender: SenderSettings
    outgoing: Outgoing
    secrets: SecretBox
    public_url: str = ""
    store: Store | None = None
    announcer: Announcer | None = None
    arbiter: Arbiter = field(default_factory=Arbiter)
    # For deeds that open something with a clock of its own.
    shared: Shared | None = None
    pokes: Pokes = field(default_factory=NoPokes)


@dataclass(frozen=True, slots=True)
class Begun:
    """What `prepare` made of asks: `ready` is to be done once this is committed, `answered` needs
    no deed, `unsettled` was found waiting although it may have been done before, and `later` waits
    until its time."""

    ready: Sequence[tuple[EffectRow, Any]] = ()
    answered: Sequence[tuple[EffectRow, Receipt]] = ()
    unsettled: Sequence[int] = ()
    later: Sequence[tuple[int, datetime]] = ()


@dataclass(slots=True)
class Verdicts:
    """What becomes of asks: answered, to be done again at a time, or unclear until asked again."""

    receipts: list[tuple[EffectRow, Receipt]] = field(default_factory=list)
    again: list[tuple[int, datetime]] = field(default_factory=list)
    unclear: list[tuple[int, datetime]] = field(default_factory=list)
    # Of dispatch, that got events.
    partitions: set[int] = field(default_factory=set)

    def add(self, more: Verdicts) -> None:
        self.receipts += more.receipts
        self.again += more.again
        self.unclear += more.unclear
        self.partitions |= more.partitions


class Deed(Protocol):
    """How one kind of effect is done. Everything is set-wise; one object serves many groups."""

    async def prepare(
        self,
        session: AsyncSession,
        effects: Sequence[EffectRow],
        flow_names: Mapping[int, str],
        now: datetime,
    ) -> Begun:
        """Asks that somebody still wants, locked. May write; may not ask the world."""

    async def do(
        self, ready: Sequence[Any], *, still_ours: StillOurs, every: timedelta
    ) -> Sequence[Any]:
        """Ask the world, with one result for each, come what may: nothing is raised.

        `still_ours` is to be asked every so often; once it says no, what is under way is cut off.
        """

    async def record(
        self,
        session: AsyncSession,
        mine: Sequence[tuple[EffectRow, Any]],
        late: Sequence[tuple[EffectRow, Any]],
        now: datetime,
    ) -> Verdicts:
        """`late` are results of those who lost their claim meanwhile: news, but not ours to act
        on."""

    async def open_cases(
        self, session: AsyncSession, effects: Sequence[EffectRow]
    ) -> Sequence[Any]:
        """What was begun and has no answer, of claims that were left behind."""

    async def ask(self, cases: Sequence[Any]) -> Sequence[Any]:
        """What the other side knows of each, where it can be asked. No transaction is open."""

    async def settle(
        self,
        session: AsyncSession,
        ours: Sequence[EffectRow],
        cases: Sequence[Any],
        known: Sequence[Any],
        now: datetime,
    ) -> Verdicts:
        """Bring those to an end that are still ours."""
