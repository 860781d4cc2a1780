"""Telling a driver that there is work, after the transaction that made the work has committed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from crm_store.clocks import ClockRow
from engine.errors import Unavailable
from engine.services.tending import Answer, Answered, ClockKind


class Pokes(Protocol):
    """Fire and forget: every call returns at once, never raises, and many calls become one signal.

    A poke only shortens a wait. A lost one costs latency and nothing else, because each driver
    looks at its table again by itself.
    """

    def dispatch(self, partitions: Collection[int]) -> None:
        """New rows are in `event_pending` for these partitions."""

    def advance(self, flow: str, shard: int, due: datetime | None) -> None:
        """Runs of this flow and shard are due at `due`, or now when it is None."""

    def perform(self, shard: int) -> None:
        """Effects of this shard wait to be done."""

    def audience(self, enrolment_id: int) -> None:
        """An enrolment was made or resumed."""

    def version_move(self, move_id: int) -> None:
        """A move to another version was started, resumed or is to be undone."""

    def segments(self) -> None:
        """A segment is due to be counted."""

    def scores(self) -> None:
        """A scoring model is due to be counted."""

    def winners(self) -> None:
        """A split may have to be decided, or a worker starts."""

    def bounces(self, seconds: float) -> None:
        """A worker starts that has a folder of bounces, to be read so often."""

    def facts(self) -> None:
        """Many orders were written, or a worker starts."""

    def due_dates(self) -> None:
        """A flow that watches dates or has a schedule was published or resumed."""

    def hosts(self, clocks: Collection[ClockRow]) -> None:
        """These clocks were set or ended; their hosts are begun where there are none."""

    def clocks(self) -> None:
        """Many clocks were set, or a worker starts."""

    def notices(self) -> None:
        """Our people were told something that is to be mailed."""

    def webhooks(self) -> None:
        """Something is to be told to another system, or a worker starts."""

    def audit_seals(self) -> None:
        """A worker starts."""

    def assignments(self) -> None:
        """A handover was begun or is to be given back, or a worker starts."""

    def jobs(self) -> None:
        """A job was asked for, or a worker starts."""

    def forecasts(self) -> None:
        """A worker starts."""

    def retention(self) -> None:
        """A rule was changed, or a worker starts."""

    async def host(self, clocks: Sequence[ClockRow]) -> Sequence[ClockRow]:
        """The same as `hosts`, awaited, several at a time; those that Temporal took."""

    async def ask(self, kind: ClockKind, entity_id: int, answer: Answer) -> Answered:
        """Let the host of this thing act on somebody's answer. The same `answer_id` again gives
        the first outcome again.

        Raises Unavailable when Temporal does not answer: whether it was acted on is then not known,
        and the same answer may be given again. Conflict for an answer id of another answer.
        """


class NoPokes:
    """For an import, a test or a tool beside the product: drivers find the rows themselves."""

    def dispatch(self, partitions: Collection[int]) -> None:
        """Nobody is told."""

    def advance(self, flow: str, shard: int, due: datetime | None) -> None:
        """Nobody is told."""

    def perform(self, shard: int) -> None:
        """Nobody is told."""

    def audience(self, enrolment_id: int) -> None:
        """Nobody is told."""

    def version_move(self, move_id: int) -> None:
        """Nobody is told."""

    def segments(self) -> None:
        """Nobody is told."""

    def scores(self) -> None:
        """Nobody is told."""

    def winners(self) -> None:
        """Nobody is told."""

    def bounces(self, seconds: float) -> None:
        """Nobody is told."""

    def facts(self) -> None:
        """Nobody is told."""

    def due_dates(self) -> None:
        """Nobody is told."""

    def hosts(self, clocks: Collection[ClockRow]) -> None:
        """Nobody is told."""

    def clocks(self) -> None:
        """Nobody is told."""

    def notices(self) -> None:
        """Nobody is told."""

    def webhooks(self) -> None:
        """Nobody is told."""

    def audit_seals(self) -> None:
        """Nobody is told."""

    def assignments(self) -> None:
        """Nobody is told."""

    def jobs(self) -> None:
        """Nobody is told."""

    def forecasts(self) -> None:
        """Nobody is told."""

    def retention(self) -> None:
        """Nobody is told."""

    async def host(self, clocks: Sequence[ClockRow]) -> Sequence[ClockRow]:
        """Nobody is told."""
        del clocks
        return ()

    async def ask(self, kind: ClockKind, entity_id: int, answer: Answer) -> Answered:
        del kind, entity_id, answer
        raise Unavailable("Answers are taken where Temporal runs. Start Cadenza, then try again.")
