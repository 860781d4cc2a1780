"""One transaction's means, and what is told to Temporal once it has committed.

    async with working(store, shared, pokes, now) as work:
        ...                                    # lock the row, ask the machine, write rows

Locks are taken in the order of `engine.services.travelling`; the row of the open thing itself (a
deal, a ticket, a request, a case) comes after what is advisory and before everything else, and
clocks come last. Of several rows of a kind the lower id is locked first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.clocks import ClockRow
from crm_store.pauses import share_pauses
from crm_store.session import Store
from engine.rules import Catalogue
from engine.services.answering import poke_told
from engine.services.calendars.shelf import Calendars, CalendarShelf
from engine.services.changes.announcing import Announcer, NewRecord
from engine.services.deciding.answers import Deciding
from engine.services.deciding.deals import DealDesk
from engine.services.ended import Ending
from engine.services.links.tokens import SignedLinks
from engine.services.plans import Plans, current_catalogue
from engine.services.pokes import Pokes
from engine.services.travelling import Ledger, Written

if TYPE_CHECKING:
    from engine.people import Directory
    from engine.services.templates import TemplateLibrary

# So many hosts are told one by one; of more the sweep is told, which goes through them in batches.
MOST_TOLD = 50


class DirectoryShelf(Protocol):
    """`engine.services.people_shelf.PeopleShelf`."""

    async def directory(self, session: AsyncSession) -> Directory:
        """Our people as they are now; one cheap statement while nobody changed."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all transactions of a process have in common; made by `sharing.shared_of`.

    `partitions` and the shards are the settings of the drivers; `endings` is told of approvals that
    are over, by the kind of their subject.
    """

    plans: Plans
    announcer: Announcer
    people: DirectoryShelf
    default_zone: str = "UTC"
    base_currency: str = "USD"
    partitions: int = 4
    advance_shards: int = 2
    perform_shards: int = 2
    endings: Mapping[str, Ending] = field(default_factory=dict)
    # Signs what is put into mails to our own people; without it they hold no such links.
    links: SignedLinks | None = None
    # What flows and templates are checked with where they are published by an approval.
    library: Callable[[], TemplateLibrary] | None = None

    # Who makes and moves deals for flows.
    deals: Callable[[Shared], DealDesk] | None = None

    @property
    def desk(self) -> DealDesk | None:
        return None if self.deals is None else self.deals(self)

    @property
    def calendars(self) -> CalendarShelf:
        return self.plans.calendars

    def ledger(self, now: datetime) -> Ledger:
        deciding = Deciding(
            *(self.plans, self.advance_shards, self.partitions, self.default_zone), self.desk
        )
        return Ledger(
            now, self.default_zone, self.perform_shards, 0, self.announcer, deciding=deciding
        )


@dataclass(slots=True)
class AfterCommit:
    """What is to be told once the rows are there. A process that dies before it has told costs
    latency alone: drivers look by themselves, and the sweep finds clocks that nobody hosts."""

    clocks: dict[tuple[str, int], ClockRow] = field(default_factory=dict)
    notices: bool = False
    written: list[Written] = field(default_factory=list)
    partitions: set[int] = field(default_factory=set)

    def tell(self, clocks: Iterable[ClockRow]) -> None:
        for clock in clocks:
            known = self.clocks.get((clock.kind, clock.entity_id))
            if known is None or known.revision < clock.revision:
                self.clocks[clock.kind, clock.entity_id] = clock


@dataclass(slots=True)
class Work:
    """`now` is aware UTC and the same throughout. Records that were made here and that flows may
    hear of are added to `made`."""

    session: AsyncSession
    now: datetime
    shared: Shared
    after: AfterCommit = field(default_factory=AfterCommit)
    made: list[NewRecord] = field(default_factory=list)
    _ledger: Ledger | None = None
    _directory: Directory | None = None
    _calendars: Calendars | None = None
    _catalogue: Catalogue | None = None

    async def directory(self) -> Directory:
        if self._directory is None:
            self._directory = await self.shared.people.directory(self.session)
        return self._directory

    async def calendars(self) -> Calendars:
        """By name; the default one under "" as well."""
        if self._calendars is None:
            self._calendars = await self.shared.calendars.book(self.session)
        return self._calendars

    async def catalogue(self) -> Catalogue:
        """The facts rules may read, with people's own fields and segments."""
        if self._catalogue is None:
            self._catalogue = await current_catalogue(self.session)
        return self._catalogue

    def ledger(self) -> Ledger:
        """For runs that are told something (`answering.tell`); it is written at the end."""
        if self._ledger is None:
            self._ledger = self.shared.ledger(self.now)
        return self._ledger

    async def write_runs(self) -> None:
        """Write the runs that were told something, for whoever announces changes elsewhere."""
        if self._ledger is not None:
            self.after.written.append(await self._ledger.write(self.session))

    async def finish(self) -> None:
        """Write what was collected; called once, at the end of the transaction."""
        await self.write_runs()
        announcer = self.shared.announcer
        self.after.partitions |= await announcer.announce(self.session, self.now, created=self.made)


@asynccontextmanager
async def working(store: Store, shared: Shared, pokes: Pokes, now: datetime) -> AsyncIterator[Work]:
    """A transaction with its means: committed at the end of the block and told to whom it concerns.

    A block that raises leaves nothing behind and tells nobody.
    """
    async with store.transaction() as session:
        await share_pauses(session)
        work = Work(session, now, shared)
        yield work
        await work.finish()
    poke_after(pokes, shared, work.after)


def poke_after(pokes: Pokes, shared: Shared, after: AfterCommit) -> None:
    """Tell everybody concerned; the transaction has committed."""
    book = shared.plans.latest
    for written in after.written:
        poke_told(pokes, book.names if book is not None else {}, written)
    if after.partitions:
        pokes.dispatch(after.partitions)
    if len(after.clocks) > MOST_TOLD:
        pokes.clocks()
    # hosts of what is over are told by nobody else
    some = len(after.clocks) <= MOST_TOLD
    pokes.hosts([clock for clock in after.clocks.values() if some or clock.ended])
    if after.notices:
        pokes.notices()
