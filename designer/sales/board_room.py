"""The board of one pipeline while somebody works on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from nicegui import ui

from designer.components.deal_board import DealBoard, Drop, More
from designer.live import EVERY_SECONDS
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.sales.board_filter import Chosen
from designer.sales.cards import packed_board, packed_card, packed_sums, stage_names, where
from designer.sales.choices import Choices
from designer.sales.move_dialog import move_asking
from designer.sales.moving import waits_for
from designer.sales.words import BOARD
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in
from engine.errors import CadenzaError, NotAllowed, NotFound, NotSignedIn
from engine.local_time import local_date
from engine.services.actor import may
from engine.services.deals import AwaitingApproval, MoveAnswer, Moved, MoveRefused
from engine.services.deals.board import (
    Board,
    BoardFilter,
    BoardNews,
    Card,
    board_news,
    cards_of,
    first_cards,
    more_cards,
    read_board,
)
from engine.services.deals.reading import show_deal
from engine.services.work import Work

_MOST_KNOWN: Final = 2_000
_Known = tuple[datetime, str, str | None]


class BoardRoom:
    """Handlers of the board's events, and the look at what others did."""

    def __init__(
        self, designer: Designer, visitor: Visitor, choices: Choices, chosen: Chosen
    ) -> None:
        self.designer, self.visitor, self.choices = designer, visitor, choices
        self.chosen = chosen
        self.board: Board | None = None
        self.element: DealBoard | None = None
        self.generation = 0
        self._known: dict[int, _Known] = {}
        self._version: int | None = None
        self._told: Callable[[Board], None] = lambda _board: None
        self._moving = 0
        self._first: dict[str, list[Card]] = {}

    @property
    def wanted(self) -> BoardFilter:
        zone = self.designer.runtime.shared.default_zone
        today = local_date(self.designer.now(), zone)
        return self.chosen.wanted(self.visitor.somebody.id, today)

    async def open(self) -> Board:
        """Read the board for the first drawing. Raises NotFound for another pipeline."""
        board, cards = await self._read()
        self._first = cards
        return board

    def draw(self, told: Callable[[Board], None]) -> DealBoard:
        """`told` hears of every board that is shown."""
        board = self._board()
        self._told = told
        packed = packed_board(board, self._first, self.visitor, self.designer.now(), 0)
        self.element = DealBoard(
            packed,
            self.visitor.t,
            movable=may(self.visitor.somebody, "edit", "deal"),
            on_more=self._more,
            on_move=self._dropped,
        )
        self._timer = ui.timer(EVERY_SECONDS, self._look, immediate=False)
        return self.element

    async def choose(self, chosen: Chosen) -> None:
        """Other deals, another order."""
        if chosen == self.chosen:
            return
        self.chosen = chosen
        ui.navigate.history.replace(chosen.at(BOARD))
        await self._guarded(self._reload)

    async def reload(self) -> None:
        await self._guarded(self._reload)

    async def _reload(self) -> None:
        board, cards = await self._read()
        self.generation += 1
        packed = packed_board(board, cards, self.visitor, self.designer.now(), self.generation)
        self._element().show(packed)
        self._told(board)

    async def _read(self) -> tuple[Board, dict[str, list[Card]]]:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            work = Work(session, self.designer.now(), self.designer.runtime.shared)
            board = await read_board(work, actor, self.chosen.pipeline, self.wanted)
            cards = await first_cards(work, actor, board, self.wanted, self.chosen.sort)
        self._took(board)
        for column in cards.values():
            self._remember(column)
        return board, cards

    def _took(self, board: Board) -> None:
        self.board = board
        self._version = board.columns[0].stage.version_id if board.columns else None

    def _remember(self, cards: list[Card] | tuple[Card, ...]) -> None:
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        self._known |= {card.id: _as_known(card) for card in cards}

    async def _more(self, asked: More) -> None:
        async def fetch() -> None:
            board = self._board()
            column = next((o for o in board.columns if o.stage.key == asked.stage), None)
            if column is None or asked.generation != self.generation:
                return
            actor = await self.designer.actor(self.visitor.token)
            async with self.designer.transaction() as session:
                cards = await more_cards(
                    Work(session, self.designer.now(), self.designer.runtime.shared),
                    actor,
                    column.stage,
                    self.wanted,
                    self.chosen.sort,
                    after=asked.after,
                    limit=asked.count,
                )
            names, now = stage_names(board, self.visitor), self.designer.now()
            packed = [packed_card(card, names, self.visitor, now) for card in cards]
            self._element().add_cards(asked, packed)

        await self._guarded(fetch)

    async def _look(self) -> None:
        """What others did; asked once for everybody who looks at the same."""

        async def ask() -> None:
            actor = await self.designer.actor(self.visitor.token)
            board, wanted, sort = self._board(), self.wanted, self.chosen.sort

            async def question() -> BoardNews:
                async with self.designer.transaction() as session:
                    work = Work(session, self.designer.now(), self.designer.runtime.shared)
                    return await board_news(work, actor, board.pipeline, wanted, sort)

            key = ("board", board.pipeline.id, wanted, sort, actor.sight)
            news = await self.designer.pulses.ask(key, question)
            if board is self.board and not self._moving:
                await self._take(news)

        await self._guarded(ask)

    async def _take(self, news: BoardNews) -> None:
        if news.stages_version != self._version:
            await self._reload()
            return
        fresh = [o for o in news.changed if self._known.get(o.id) != _as_known(o)]
        if news.board != self.board:
            self._took(news.board)
            self._element().show_sums(packed_sums(news.board, self.visitor))
            self._told(news.board)
        if fresh:
            self._put(fresh)

    def _put(self, cards: list[Card]) -> None:
        names = stage_names(self._board(), self.visitor)
        self._remember(cards)
        self._element().put_cards(where(cards, names, self.visitor, self.designer.now()))

    async def _dropped(self, drop: Drop) -> None:
        await self.move(drop)

    async def move(self, drop: Drop) -> None:
        self._moving += 1
        try:
            moved = await self._guarded(lambda: self._move(drop))
        finally:
            self._moving -= 1
        if not moved and not self._element().is_deleted:
            self._element().put_back(drop.deal_id)

    async def _move(self, drop: Drop) -> None:
        async def instead(stage: str) -> None:
            await self.move(replace(drop, to_stage=stage))

        element = self._element()
        with element.client.layout:
            answer = await move_asking(
                self.designer,
                self.visitor,
                self.choices,
                drop.deal_id,
                drop.to_stage,
                kind=self._kind(drop.to_stage),
                from_stage=drop.from_stage,
                undoes=drop.undoes,
                before_dialog=lambda: element.put_back(drop.deal_id),
                instead=instead,
            )
        await self._settle(drop, answer)

    async def _settle(self, drop: Drop, answer: MoveAnswer | None) -> None:
        """Show where the deal stands now, and say so."""
        if self._element().is_deleted:
            # the page was left while its dialog was open
            return
        await self._show(drop.deal_id)
        t, label = self.visitor.t, self._label(drop.to_stage)
        match answer:
            case Moved():
                back = None
                if not drop.undoes and await self._may_go_back(drop):
                    back = Drop(drop.deal_id, answer.stage, answer.from_stage, undoes=True)
                self._element().say(t("Moved to {stage}.", stage=self._label(answer.stage)), back)
            case MoveRefused():
                self._element().say(t("Somebody moved the deal meanwhile."))
            case AwaitingApproval():
                self._element().say(waits_for(answer, self.visitor, label))

    async def _may_go_back(self, drop: Drop) -> bool:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            work = Work(session, self.designer.now(), self.designer.runtime.shared)
            seen = await show_deal(work, actor, drop.deal_id)
        return any(
            one.stage.key == drop.from_stage and not one.problems and one.approval is None
            for one in seen.moves
        )

    async def _show(self, deal_id: int) -> None:
        """The deal and the sums as they are now."""
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            work = Work(session, self.designer.now(), self.designer.runtime.shared)
            cards = await cards_of(work, actor, [deal_id], self.wanted, self.chosen.sort)
            board = await read_board(work, actor, self.chosen.pipeline, self.wanted)
        self._took(board)
        self._element().show_sums(packed_sums(board, self.visitor))
        self._told(board)
        if cards:
            self._put(cards)
        else:
            self._element().drop_cards([deal_id])

    async def _guarded(self, deed: Callable[[], Awaitable[None]]) -> bool:
        """Whether it was done; what was refused is told at the foot of the board."""
        try:
            await deed()
        except NotSignedIn:
            self._timer.cancel()
            ask_to_sign_in()
        except NotAllowed as error:
            self._timer.cancel()
            self._element().say(all_words(error, self.visitor.t))
        except NotFound:
            self._element().say(self.visitor.t("It is not there any more."))
        except CadenzaError as error:
            self._element().say(all_words(error, self.visitor.t))
        else:
            return True
        return False

    def _label(self, stage: str) -> str:
        return stage_names(self._board(), self.visitor).get(stage, stage)

    def _kind(self, stage: str) -> str:
        for one in self._board().columns:
            if one.stage.key == stage:
                return one.stage.kind
        return ""

    def _board(self) -> Board:
        if self.board is None:
            raise RuntimeError("the board was not opened")
        return self.board

    def _element(self) -> DealBoard:
        if self.element is None:
            raise RuntimeError("the board was not drawn")
        return self.element


def _as_known(card: Card) -> _Known:
    """Two changes of one moment differ in where they leave the deal."""
    return card.changed_at, card.stage, card.to_stage
