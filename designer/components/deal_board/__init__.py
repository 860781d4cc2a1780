"""A board of deals: a column a stage, of which only what is seen is drawn.

What the board shows at first is a prop and never changes; everything later goes through
`run_method`, since a changed prop would send the whole board again and put an old state over a
newer one. Cards travel as arrays (`designer.sales.cards`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from designer.i18n import Translator

Packed = list[Any]
_MOST_ASKED: Final = 300
_LONGEST_KEY: Final = 200


@dataclass(frozen=True, slots=True)
class More:
    """The browser wants cards of a column after (rank, id)."""

    generation: int
    stage: str
    after: tuple[int, int] | None
    count: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Somebody wants a deal on another stage; `undoes` a move that was made just now."""

    deal_id: int
    from_stage: str
    to_stage: str
    undoes: bool


@dataclass(frozen=True, slots=True)
class PackedBoard:
    """`generation` tells what was asked for one board from another, so that late cards meet no new
    one. `columns`: [key, label, kind, deals, sum, hint]; `ways` by the place of a column."""

    generation: int
    columns: Sequence[Packed]
    cards: Sequence[Sequence[Packed]]
    ways: Sequence[Sequence[str]] | None

    def packed(self) -> dict[str, Any]:
        return {
            "generation": self.generation,
            "columns": list(self.columns),
            "cards": [list(column) for column in self.cards],
            "ways": None if self.ways is None else [list(one) for one in self.ways],
        }


class DealBoard(ui.element, component="deal_board.js"):
    def __init__(
        self,
        board: PackedBoard,
        t: Translator,
        *,
        movable: bool,
        on_more: Callable[[More], Awaitable[None]],
        on_move: Callable[[Drop], Awaitable[None]],
    ) -> None:
        super().__init__()
        self.board = board
        self._props["board"] = board.packed()
        self._props["movable"] = movable
        self._props["strings"] = {
            "deals": t("Deals"),
            "none": t("No deals here"),
            "nobody": t("Nobody"),
            "move": t("Move to…"),
            "undo": t("Undo"),
            "close": t("Close"),
            "cases": t("There is an open case about it"),
        }

        async def more(event: GenericEventArguments) -> None:
            asked = read_more(event.args)
            if asked is not None:
                await on_more(asked)

        async def move(event: GenericEventArguments) -> None:
            wanted = read_drop(event.args)
            if wanted is not None and movable:
                await on_move(wanted)

        self.on("more", more, js_handler="(value) => emit(value)")
        self.on("move", move, js_handler="(value) => emit(value)")

    def show(self, board: PackedBoard) -> None:
        """Another pipeline, or other deals of this one."""
        self.board = board
        self.run_method("setBoard", board.packed())

    def add_cards(self, asked: More, cards: Sequence[Packed]) -> None:
        self.run_method("addCards", asked.generation, asked.stage, list(cards))

    def show_sums(self, sums: Sequence[Packed]) -> None:
        """[deals, sum, hint] of every column, in their order."""
        self.run_method("setSums", self.board.generation, list(sums))

    def put_cards(self, cards: Sequence[tuple[str | None, Packed]]) -> None:
        """Cards where they stand now; without a stage they are not shown any more."""
        self.run_method("putCards", self.board.generation, [list(one) for one in cards])

    def drop_cards(self, ids: Sequence[int]) -> None:
        self.run_method("dropCards", list(ids))

    def put_back(self, deal_id: int) -> None:
        self.run_method("putBack", deal_id)

    def say(self, text: str, undo: Drop | None = None) -> None:
        """A short word at the foot of the board, with a way back."""
        back = [undo.deal_id, undo.from_stage, undo.to_stage] if undo else None
        self.run_method("say", text, back)


def read_more(value: object) -> More | None:
    """None for what no browser of ours sends."""
    match value:
        case [int(generation), str(stage), after, int(count)] if len(stage) <= _LONGEST_KEY:
            pass
        case _:
            return None
    mark: tuple[int, int] | None = None
    match after:
        case [int(rank), int(id_)] if abs(rank) < 2**62 and 0 < id_ < 2**62:
            mark = rank, id_
        case None:
            mark = None
        case _:
            return None
    return More(generation, stage, mark, min(max(count, 1), _MOST_ASKED))


def read_drop(value: object) -> Drop | None:
    match value:
        case [int(deal_id), str(origin), str(to), bool(undoes)] if (
            0 < deal_id < 2**62 and max(len(origin), len(to)) <= _LONGEST_KEY
        ):
            return Drop(deal_id, origin, to, undoes)
        case _:
            return None
